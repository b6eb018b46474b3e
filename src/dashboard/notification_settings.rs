//! Settings, the tab Notifications: how long mail is held, and the reader's own switch.

use super::access::{Administrator, Reader};
use super::pages::notification_settings::{NotificationSettingsPage, Notified};
use super::{Answer, frame};
use crate::app::App;
use crate::error::Result;
use crate::mail_out::post;
use crate::notifications::{self, Holds, LONGEST_HOLD_SECONDS};
use crate::operators;
use crate::operators::members::Changer;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The form of the hold, as typed.
#[derive(Debug, Deserialize)]
pub struct Fields {
    to_contacts: String,
    to_operators: String,
    /// A browser leaves an unticked box out.
    quotes: Option<String>,
    keeps_copies: Option<String>,
}

/// The switch: a browser leaves an unticked box out.
#[derive(Debug, Deserialize)]
pub struct Switch {
    mine: Option<String>,
}

/// `GET /h/{helpdesk}/settings/notifications`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, view: View) -> Answer {
    let page = page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/notifications`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let mut errors = FieldErrors::default();
    let mut seconds = |field: &'static str, typed: &str| {
        let found = typed.trim().parse::<i64>().ok();
        let found = found.filter(|seconds| (0..=LONGEST_HOLD_SECONDS).contains(seconds));
        if found.is_none() {
            errors.add(
                field,
                format!("Write a whole number of seconds, 0 to {LONGEST_HOLD_SECONDS}"),
            );
        }
        found
    };
    let contacts = seconds("to_contacts", &fields.to_contacts);
    let operators = seconds("to_operators", &fields.to_operators);
    let (Some(contact_seconds), Some(operator_seconds)) = (contacts, operators) else {
        let mut page = page(&app, &reader, view).await?;
        (page.to_contacts, page.to_operators) = (fields.to_contacts, fields.to_operators);
        page.quotes = fields.quotes.is_some();
        page.keeps_copies = fields.keeps_copies.is_some();
        page.errors = errors;
        return Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let holds = Holds {
        contact_seconds,
        operator_seconds,
    };
    let changer = Changer::Member(reader.member.clone());
    notifications::set_holds(&app, reader.member.helpdesk_id, &changer, holds).await?;
    let quotes = fields.quotes.is_some();
    notifications::set_quotes_history(&app, reader.member.helpdesk_id, &changer, quotes).await?;
    let keeps = fields.keeps_copies.is_some();
    notifications::set_keeps_copies(&app, reader.member.helpdesk_id, &changer, keeps).await?;
    Ok(view.redirect(&app, &address(&reader), Some(&Flash::say("Saved"))))
}

/// `POST /h/{helpdesk}/settings/notifications/mine`.
///
/// # Errors
/// When the database refuses.
pub async fn switch(
    State(app): State<App>,
    reader: Reader,
    view: View,
    Form(switch): Form<Switch>,
) -> Answer {
    let on = switch.mine.is_some();
    notifications::switch(&app, &reader.member, on).await?;
    let say = Flash::say(if on {
        "You are mailed about new messages"
    } else {
        "You are not mailed about new messages"
    });
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

fn address(reader: &Reader) -> String {
    format!(
        "{}/settings/notifications",
        frame::base(reader.member.helpdesk_id)
    )
}

async fn page(app: &App, reader: &Reader, view: View) -> Result<NotificationSettingsPage> {
    let member = &reader.member;
    let holds = notifications::holds(app, member.helpdesk_id).await?;
    let mut others = Vec::new();
    if member.is_admin() {
        for other in operators::list(app, member.helpdesk_id).await? {
            if other.operator.id != member.operator.id {
                others.push(Notified {
                    on: notifications::is_switched_on(app, &other).await?,
                    name: other.operator.name,
                    address: other.operator.email,
                });
            }
        }
    }
    Ok(NotificationSettingsPage {
        shell: frame::build(app, reader, view, "settings").await?,
        to_contacts: holds.contact_seconds.to_string(),
        to_operators: holds.operator_seconds.to_string(),
        quotes: notifications::quotes_history(app, member.helpdesk_id).await?,
        keeps_copies: notifications::keeps_copies(app, member.helpdesk_id).await?,
        mine: notifications::is_switched_on(app, member).await?,
        my_address: member.operator.email.clone(),
        others,
        may_send: post::is_set_up(app, member.helpdesk_id).await?,
        errors: FieldErrors::default(),
    })
}
