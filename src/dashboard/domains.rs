//! The Allowed Embed Domains: added, several at once if need be, and removed.

use super::Answer;
use super::access::Administrator;
use super::messages_settings::{address, page};
use crate::app::App;
use crate::error::Kind;
use crate::helpdesks::{self, domains};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// What was typed or pasted.
#[derive(Debug, Deserialize)]
pub struct Entries {
    domain: String,
}

/// `POST /h/{helpdesk}/settings/messages/domains`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(given): Form<Entries>,
) -> Answer {
    let entries = domains::split(&given.domain);
    let by = reader.member.by();
    let wrong = if entries.is_empty() {
        "Write a host name such as app.example.com".to_owned()
    } else {
        match helpdesks::add_domains(&app, reader.member.helpdesk_id, &by, &entries).await {
            Ok(added) => {
                let say = Flash::say(said(added.len(), entries.len()));
                return Ok(view.redirect(&app, &address(&reader), Some(&say)));
            }
            Err(error) if error.kind == Kind::Unprocessable => error.sentence,
            Err(error) => return Err(error.into()),
        }
    };
    let mut page = page(&app, &reader, view).await?;
    page.typed = given.domain;
    page.errors.add("domain", wrong);
    Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

fn said(added: usize, given: usize) -> String {
    match (added, given) {
        (0, 1) => "This domain is on the list already".to_owned(),
        (0, _) => "These domains are on the list already".to_owned(),
        (1, _) => "Domain added".to_owned(),
        (added, _) => format!("{added} domains added"),
    }
}

/// `POST /h/{helpdesk}/settings/messages/domains/removal`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(given): Form<Entries>,
) -> Answer {
    let by = reader.member.by();
    let left = helpdesks::remove_domain(&app, reader.member.helpdesk_id, &by, &given.domain).await?;
    let Some(left) = left else {
        let say = Flash::say("This domain was not on the list any more");
        return Ok(view.redirect(&app, &address(&reader), Some(&say)));
    };
    let text = if left.is_empty() {
        "Domain removed. Every domain may embed now"
    } else {
        "Domain removed"
    };
    let back = vec![("domain".to_owned(), given.domain)];
    let say = Flash::say(text).undone_by(format!("{}/domains", address(&reader)), back);
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}
