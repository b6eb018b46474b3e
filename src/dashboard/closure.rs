//! Closing a conversation, and opening it again.

use super::access::{Reader, parsed};
use super::conversations::{OpenedFrom, Which};
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::by_operator;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};

/// `POST /h/{helpdesk}/conversations/{conversation}/closure`.
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
    let which = from.which();
    by_operator::close(&app, &reader.member, id).await?;
    let back = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    Ok(view.redirect(&app, &back, Some(&closed(&reader, id, which))))
}

/// `POST /h/{helpdesk}/conversations/{conversation}/reopening`.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn remove(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(from): Form<OpenedFrom>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let which = from.which();
    by_operator::reopen(&app, &reader.member, id).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let say = Flash::say("Conversation reopened")
        .undone_by(format!("{base}/conversations/{id}/closure"), vec![which.field()]);
    Ok(view.redirect(&app, &which.conversation(&base, id), Some(&say)))
}

/// What the next page says, with the way back.
pub(super) fn closed(reader: &Reader, id: ConversationId, which: Which) -> Flash {
    let base = frame::base(reader.member.helpdesk_id);
    Flash::say("Conversation closed").undone_by(
        format!("{base}/conversations/{id}/reopening"),
        vec![which.field()],
    )
}
