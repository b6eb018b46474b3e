//! Letting in by hand what waits until its sender confirms their address.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::inbox::List;
use crate::conversations::waiting;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;

/// The list it was opened from.
#[derive(Debug, Deserialize)]
pub struct Fields {
    view: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/admission`. It confirms nothing: the next message of that
/// address waits as this one did.
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
    let which = match Which::named(fields.view.as_deref()) {
        // It stands there no more.
        which if which.list == List::Waiting => Which::all_of(List::AllOpen),
        which => which,
    };
    waiting::admit(&app, &reader.member, id).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let say = Flash::say("Let in: open now");
    Ok(view.redirect(&app, &which.conversation(&base, id), Some(&say)))
}
