//! Putting a conversation into spam, and taking it out again.

use super::access::{Reader, parsed};
use super::conversations::OpenedFrom;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::inbox::List;
use crate::conversations::spam;
use crate::ids::ConversationId;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};

/// `POST /h/{helpdesk}/conversations/{conversation}/spam`.
///
/// # Errors
/// When there is no such conversation in this helpdesk, or its sender was verified.
pub async fn create(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(from): Form<OpenedFrom>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let which = from.which();
    spam::mark(&app, &reader.member, id).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let say = Flash::say("Put into spam").undone_by(
        format!("{base}/conversations/{id}/spam/removal"),
        vec![which.field()],
    );
    Ok(view.redirect(&app, &which.address(&base), Some(&say)))
}

/// `POST /h/{helpdesk}/conversations/{conversation}/spam/removal`.
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
    let which = from.which_after(List::Spam);
    let conversation = spam::unmark(&app, &reader.member, id).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let say = Flash::say("Not spam: open again");
    let say = if conversation.unverified {
        say.undone_by(format!("{base}/conversations/{id}/spam"), vec![which.field()])
    } else {
        say
    };
    Ok(view.redirect(&app, &which.conversation(&base, id), Some(&say)))
}
