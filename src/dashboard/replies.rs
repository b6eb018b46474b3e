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
    body: String,
    view: Option<String>,
    key: Option<String>,
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
    let closes = fields.then.as_deref() == Some("close");
    let (view, ready) = match ready(&app, &reader, &id, view, fields, false).await {
        Ok(ready) => ready,
        Err(answer) => return answer,
    };
    by_operator::reply(&app, &reader.member, ready.id, ready.body).await?;
    ready.turn.done();
    let mut say = None;
    if closes {
        by_operator::close(&app, &reader.member, ready.id).await?;
        say = Some(super::closure::closed(&reader, ready.id, ready.which));
    }
    Ok(view.redirect(&app, &ready.back, say.as_ref()))
}

/// Something that may be written now: checked, and not sent before.
pub(super) struct Ready {
    pub(super) id: ConversationId,
    pub(super) body: Body,
    pub(super) turn: Once,
    /// The list from which the operator came.
    pub(super) which: Which,
    /// The page to go back to.
    pub(super) back: String,
}

/// Checks what the box sent. An `Err` is the answer: the box again with what is wrong, or the page
/// as it is when the same form was sent before.
pub(super) async fn ready(
    app: &App,
    reader: &Reader,
    id: &str,
    view: View,
    fields: Fields,
    is_note: bool,
) -> Result<(View, Ready), Answer> {
    let id: ConversationId = parsed(id).map_err(Err)?;
    let which = Which::named(fields.view.as_deref());
    let back = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    let body = match Body::parse(&typed(&fields.body)) {
        Ok(body) => body,
        Err(error) => {
            let composer = Composer {
                key: app.random().token(),
                text: fields.body,
                is_note,
                error: Some(error.sentence),
            };
            return Err(conversations::refuse(app, reader, view, id, which, composer).await);
        }
    };
    match Once::take(app, reader.member.operator.id.0, fields.key.as_deref()) {
        Some(turn) => Ok((
            view,
            Ready {
                id,
                body,
                turn,
                which,
                back,
            },
        )),
        None => Err(Ok(view.redirect(app, &back, None))),
    }
}

/// Browsers send line ends as CRLF, whatever was typed.
fn typed(body: &str) -> String {
    body.replace("\r\n", "\n")
}
