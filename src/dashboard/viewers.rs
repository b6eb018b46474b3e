//! Which operators have a conversation before their eyes. Only scripts call this: a page that cannot
//! tell whether it is visible says nothing.

use super::Answer;
use super::access::{Reader, parsed};
use super::conversations::thread::company;
use super::pages::inbox::ViewersPart;
use crate::app::App;
use crate::conversations::viewers;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::error_page;
use crate::web::page::html_response;
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// What the operator does there: `reading`, `writing`, or `gone`.
#[derive(Debug, Deserialize)]
pub struct Fields {
    doing: String,
}

/// `GET /h/{helpdesk}/conversations/{conversation}/viewers`: the others, as a piece of a page.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn show(State(app): State<App>, reader: Reader, Path((_, id)): Path<(String, String)>) -> Answer {
    let others = viewers::others(&app, &reader.member, parsed(&id)?).await?;
    Ok(part(&company(others)))
}

/// `POST /h/{helpdesk}/conversations/{conversation}/viewers`: sent by a page that is visible, and by
/// one that is left.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn update(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    if fields.doing == "gone" {
        viewers::leave(&app, &reader.member, id).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let others = viewers::arrive(&app, &reader.member, id, fields.doing == "writing").await?;
    Ok(part(&company(others)))
}

fn part(part: &ViewersPart) -> Response {
    match part.render() {
        Ok(html) => html_response(StatusCode::OK, html),
        Err(error) => error_page::broken(&error),
    }
}
