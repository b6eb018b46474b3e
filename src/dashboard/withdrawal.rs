//! Taking back an answer: out of the mail first, then out of the conversation.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::withdrawal;
use crate::error::{Kind, Result};
use crate::ids::ConversationId;
use crate::notifications::{self, State as Mailing};
use crate::operators::Member;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;

/// Which answer, and the list from which the conversation was opened.
#[derive(Debug, Deserialize)]
pub struct Fields {
    position: i64,
    view: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/replies/withdrawal`.
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
    let say = match withdraw(&app, &reader.member, id, fields.position).await {
        Ok(true) => Flash::say("Reply taken back; its text is in the box"),
        Ok(false) => Flash::say("Too late: the email is on its way"),
        Err(error) if error.kind == Kind::Conflict => Flash::say(error.sentence),
        Err(error) => return Err(error.into()),
    };
    let which = Which::named(fields.view.as_deref());
    let address = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    Ok(view.redirect(&app, &address, Some(&say)))
}

/// False when a mail server has it, or may have it. The mail is taken back first: from then on it
/// cannot leave. What else it carries waits again afterwards.
async fn withdraw(app: &App, member: &Member, id: ConversationId, position: i64) -> Result<bool> {
    let mails = notifications::states(app, member, id).await?;
    let covers = |mail: &&notifications::Mail| (mail.first_position..=mail.last_position).contains(&position);
    let mail = mails.mails.iter().find(covers);
    let is_held = match mail.map(|mail| mail.state) {
        Some(Mailing::Held) => true,
        None | Some(Mailing::Cancelled | Mailing::Seen | Mailing::Unreachable) => false,
        Some(
            Mailing::Sending
            | Mailing::Retrying
            | Mailing::Accepted
            | Mailing::Failed
            | Mailing::Bounced
            | Mailing::Uncertain,
        ) => return Ok(false),
    };
    if is_held && !notifications::cancel(app, member, id).await? {
        return Ok(false);
    }
    let done = withdrawal::withdraw(app, member, id, position).await;
    let carries_more = mail.is_some_and(|mail| mail.first_position < position);
    if is_held && (done.is_err() || carries_more) {
        notifications::restore(app, member, id).await?;
    }
    done.map(|()| true)
}
