//! Read marks: what an operator has had before their eyes.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::by_operator;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

/// Up to where; `return` when a person without scripts pressed the button.
#[derive(Debug, Deserialize)]
pub struct Fields {
    position: i64,
    #[serde(rename = "return")]
    leads_back: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/seen`: sent by a page that is visible.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn create(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    by_operator::mark_seen(&app, &reader.member, id, fields.position).await?;
    if fields.leads_back.is_none() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let back = Which::named(None).conversation(&frame::base(reader.member.helpdesk_id), id);
    Ok(view.redirect(&app, &back, None))
}
