//! Settings, the tab Incoming mail: whether whoever writes is told at once that their mail has come in, and
//! in which words.

use super::access::{Administrator, Reader};
use super::pages::incoming::Acknowledgement;
use super::{Answer, frame, incoming};
use crate::app::App;
use crate::error::{Kind, Result};
use crate::mail_out::{self, delivery};
use crate::notifications::{self, Acknowledging};
use crate::operators::members::Changer;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The form, as typed.
#[derive(Debug, Deserialize)]
pub struct Fields {
    /// A browser leaves an unticked box out.
    on: Option<String>,
    subject: Option<String>,
    text: Option<String>,
    /// Which of the two buttons.
    then: Option<String>,
}

/// `POST /h/{helpdesk}/settings/incoming/acknowledgement`: saves it, or shows the email as it would be.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let typed = Acknowledging {
        is_on: fields.on.is_some(),
        subject: fields.subject.unwrap_or_default(),
        text: fields.text.unwrap_or_default(),
        paused_until: 0,
    };
    if fields.then.as_deref() == Some("preview") {
        return preview(&app, &reader, view, &typed).await;
    }
    let new = (typed.is_on, typed.subject.as_str(), typed.text.as_str());
    let changer = Changer::Member(reader.member.clone());
    match notifications::set_acknowledging(&app, reader.member.helpdesk_id, &changer, new).await {
        Ok(()) => {
            let address = format!("{}/settings/incoming", frame::base(reader.member.helpdesk_id));
            Ok(view.redirect(&app, &address, Some(&Flash::say("Saved"))))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let field = if error.code == "invalid_text" {
                "text"
            } else {
                "subject"
            };
            let mut page = incoming::page(&app, &reader, view).await?;
            page.acknowledgement = shown(&typed, 0);
            page.errors = FieldErrors::one(field, error.sentence);
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// The page with what was typed and the email that it makes; nothing is saved.
async fn preview(app: &App, reader: &Reader, view: View, typed: &Acknowledging) -> Answer {
    let mut page = incoming::page(app, reader, view).await?;
    let words = typed.words();
    let said = mail_out::Acknowledgement {
        subject: words.subject,
        text: words.text,
    };
    let letter = delivery::acknowledgement(app, reader.member.helpdesk_id, &said).await?;
    page.acknowledgement = Acknowledgement {
        preview: Some((letter.subject, letter.text)),
        ..shown(typed, 0)
    };
    Ok(page.shell.view.show(&page))
}

/// What is set, for the page.
pub(super) async fn read(app: &App, reader: &Reader) -> Result<Acknowledgement> {
    let set = notifications::acknowledging(app, reader.member.helpdesk_id).await?;
    Ok(shown(&set, app.now_ms()))
}

fn shown(set: &Acknowledging, now: i64) -> Acknowledgement {
    let words = set.words();
    Acknowledgement {
        is_on: set.is_on,
        subject: words.subject,
        text: words.text,
        paused_until: Some(set.paused_until).filter(|until| set.is_on && *until > now),
        preview: None,
    }
}
