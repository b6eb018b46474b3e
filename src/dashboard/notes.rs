//! Private notes: for operators only.

use super::Answer;
use super::access::Reader;
use super::replies::{Fields, again, changed, ready};
use crate::app::App;
use crate::conversations::by_operator;
use crate::error::Kind;
use crate::web::csrf::Form;
use crate::web::page::View;
use axum::extract::{Path, State};

/// `POST /h/{helpdesk}/conversations/{conversation}/notes`.
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
    write(&app, &reader, &id, view, fields).await
}

/// Writes what stands in the box as a note.
pub(super) async fn write(app: &App, reader: &Reader, id: &str, view: View, fields: Fields) -> Answer {
    let (view, ready) = match ready(app, reader, id, view, fields, true).await {
        Ok(ready) => ready,
        Err(answer) => return answer,
    };
    let written = by_operator::note(
        app,
        &reader.member,
        ready.id,
        ready.content.clone(),
        ready.key.clone(),
    )
    .await;
    match written {
        Ok(_) => Ok(view.redirect(app, &ready.back, None)),
        Err(error) if error.kind == Kind::Conflict => changed(app, reader, view, ready, true).await,
        Err(error) if error.kind == Kind::Unprocessable => again(app, reader, view, ready, error, true).await,
        Err(error) => Err(error.into()),
    }
}
