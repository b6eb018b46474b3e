//! What an operator does about the mail that waits for a contact.

use super::access::{Reader, parsed};
use super::conversations::OpenedFrom;
use super::{Answer, frame};
use crate::app::App;
use crate::ids::ConversationId;
use crate::notifications;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};

/// `POST /h/{helpdesk}/conversations/{conversation}/mail/dispatch`: sends what waits at once.
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
    let say = if notifications::send_now(&app, &reader.member, id).await? {
        "The email leaves now"
    } else {
        "No email waits any more"
    };
    Ok(back(&app, &reader, &view, id, &from, &Flash::say(say)))
}

/// `POST /h/{helpdesk}/conversations/{conversation}/mail/cancellation`: takes back what waits.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn cancel(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(from): Form<OpenedFrom>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let which = from.which();
    let say = if notifications::cancel(&app, &reader.member, id).await? {
        let undo = format!(
            "{}/conversations/{id}/mail/restoration",
            frame::base(reader.member.helpdesk_id)
        );
        Flash::say("Email cancelled; the reply stays in the Ticket Center")
            .undone_by(undo, vec![which.field()])
    } else {
        Flash::say("Too late: no email waits any more")
    };
    Ok(back(&app, &reader, &view, id, &from, &say))
}

/// `POST /h/{helpdesk}/conversations/{conversation}/mail/restoration`: lets the mail that was taken
/// back last wait again.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn restore(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(from): Form<OpenedFrom>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let say = if notifications::restore(&app, &reader.member, id).await? {
        "The email waits again"
    } else {
        "There is no email to bring back"
    };
    Ok(back(&app, &reader, &view, id, &from, &Flash::say(say)))
}

fn back(
    app: &App,
    reader: &Reader,
    view: &View,
    id: ConversationId,
    from: &OpenedFrom,
    say: &Flash,
) -> axum::response::Response {
    let which = from.which();
    let address = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    view.redirect(app, &address, Some(say))
}
