//! Private notes: for operators only.

use super::Answer;
use super::access::Reader;
use super::replies::{Fields, ready};
use crate::app::App;
use crate::conversations::by_operator;
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
    let (view, ready) = match ready(&app, &reader, &id, view, fields, true).await {
        Ok(ready) => ready,
        Err(answer) => return answer,
    };
    by_operator::note(&app, &reader.member, ready.id, ready.body).await?;
    ready.turn.done();
    Ok(view.redirect(&app, &ready.back, None))
}
