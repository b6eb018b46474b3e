//! What stands in the box and was not sent, kept on the server.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::drafts::{self, Draft};
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

/// The box as it stands; `quietly` when a script sends it.
#[derive(Debug, Deserialize)]
pub struct Fields {
    body: String,
    mode: Option<String>,
    key: Option<String>,
    view: Option<String>,
    quietly: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/draft`.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn update(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let draft = Draft {
        is_note: fields.mode.as_deref() == Some("note"),
        body: fields.body.replace("\r\n", "\n"),
    };
    drafts::save(&app, &reader.member, id, draft, fields.key.as_deref()).await?;
    if fields.quietly.is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let which = Which::named(fields.view.as_deref());
    let back = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    Ok(view.redirect(&app, &back, Some(&Flash::say("Draft kept"))))
}
