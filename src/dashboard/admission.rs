//! Letting in by hand what waits until its sender confirms their address.

use super::access::{Reader, parsed};
use super::conversations::OpenedFrom;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::inbox::List;
use crate::conversations::waiting;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};

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
    Form(from): Form<OpenedFrom>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let which = from.which_after(List::Waiting);
    waiting::admit(&app, &reader.member, id).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let say = Flash::say("Let in: open now");
    Ok(view.redirect(&app, &which.conversation(&base, id), Some(&say)))
}
