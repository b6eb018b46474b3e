//! Settings, the tab Messages: the messaging switch and the Allowed Embed Domains.

use super::access::{Administrator, Reader};
use super::pages::messages_settings::{Domain, MessagesSettingsPage};
use super::{Answer, frame};
use crate::app::App;
use crate::error::{Kind, Result};
use crate::helpdesks::{self, domains};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The switch: a browser leaves an unticked box out.
#[derive(Debug, Deserialize)]
pub struct Switch {
    messaging: Option<String>,
}

/// One entry of the list.
#[derive(Debug, Deserialize)]
pub struct Entry {
    domain: String,
}

/// `GET /h/{helpdesk}/settings/messages`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn show(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = page(&app, &reader, view, String::new(), FieldErrors::default()).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/messages/messaging`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(switch): Form<Switch>,
) -> Answer {
    let on = switch.messaging.is_some();
    helpdesks::set_messaging(&app, reader.member.helpdesk_id, &reader.member.by(), on).await?;
    Ok(view.redirect(
        &app,
        &address(&reader),
        Some(&Flash::say(if on {
            "Messages are accepted"
        } else {
            "Messages are paused"
        })),
    ))
}

/// `POST /h/{helpdesk}/settings/messages/domains`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(entry): Form<Entry>,
) -> Answer {
    let empty = entry.domain.trim().is_empty();
    let by = reader.member.by();
    let added = helpdesks::add_domain(&app, reader.member.helpdesk_id, &by, &entry.domain).await;
    let wrong = match added {
        Ok(_) if empty => "Write a host name such as app.example.com".to_owned(),
        Ok(added) => {
            let text = if added {
                "Domain added"
            } else {
                "This domain is on the list already"
            };
            return Ok(view.redirect(&app, &address(&reader), Some(&Flash::say(text))));
        }
        Err(error) if error.kind == Kind::Unprocessable => error.sentence,
        Err(error) => return Err(error.into()),
    };
    let page = page(
        &app,
        &reader,
        view,
        entry.domain,
        FieldErrors::one("domain", wrong),
    )
    .await?;
    Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `POST /h/{helpdesk}/settings/messages/domains/removal`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(entry): Form<Entry>,
) -> Answer {
    let by = reader.member.by();
    let left = helpdesks::remove_domain(&app, reader.member.helpdesk_id, &by, &entry.domain).await?;
    let Some(left) = left else {
        let say = Flash::say("This domain was not on the list any more");
        return Ok(view.redirect(&app, &address(&reader), Some(&say)));
    };
    let text = if left.is_empty() {
        "Domain removed. Every domain may embed now"
    } else {
        "Domain removed"
    };
    let back = vec![("domain".to_owned(), entry.domain)];
    let say = Flash::say(text).undone_by(format!("{}/domains", address(&reader)), back);
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

fn address(reader: &Reader) -> String {
    format!("{}/settings/messages", frame::base(reader.member.helpdesk_id))
}

async fn page(
    app: &App,
    reader: &Reader,
    view: View,
    typed: String,
    errors: FieldErrors,
) -> Result<MessagesSettingsPage> {
    let helpdesk = helpdesks::get(app, reader.member.helpdesk_id).await?;
    let domain = |name: &String| {
        let warning = domains::check(std::slice::from_ref(name))
            .ok()
            .and_then(|mut checked| checked.warnings.pop());
        Domain {
            name: name.clone(),
            warning,
        }
    };
    Ok(MessagesSettingsPage {
        shell: frame::build(app, reader, view, "settings").await?,
        messaging: helpdesk.messaging,
        domains: helpdesk.allowed_domains.iter().map(domain).collect(),
        typed,
        errors,
    })
}
