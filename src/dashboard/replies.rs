//! Answers to the contact.

use super::access::{Reader, parsed};
use super::conversations::{self, Which};
use super::pages::inbox::Composer;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::by_operator;
use crate::conversations::text::Body;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::once::Once;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;

/// What the box sends, for replies and for notes.
#[derive(Debug, Deserialize)]
pub struct Fields {
    pub(super) body: String,
    pub(super) view: Option<String>,
    pub(super) key: Option<String>,
    then: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/replies`.
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
    let which = Which::named(fields.view.as_deref());
    let back = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    let body = match Body::parse(&typed(&fields.body)) {
        Ok(body) => body,
        Err(error) => {
            let composer = Composer {
                key: app.random().token(),
                text: fields.body,
                is_note: false,
                error: Some(error.sentence),
            };
            return conversations::refuse(&app, &reader, view, id, which, composer).await;
        }
    };
    let Some(turn) = Once::take(&app, reader.member.operator.id.0, fields.key.as_deref()) else {
        return Ok(view.redirect(&app, &back, None));
    };
    by_operator::reply(&app, &reader.member, id, body).await?;
    turn.done();
    let mut say = None;
    if fields.then.as_deref() == Some("close") {
        by_operator::close(&app, &reader.member, id).await?;
        say = Some(super::closure::closed(&reader, id, which));
    }
    Ok(view.redirect(&app, &back, say.as_ref()))
}

/// Browsers send line ends as CRLF, whatever was typed.
pub(super) fn typed(body: &str) -> String {
    body.replace("\r\n", "\n")
}
