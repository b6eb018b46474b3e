//! What an operator does about the mail that waits for a contact.

use super::following::catch_up_with;
use super::store::{self, Thread};
use super::{Recipient, State};
use crate::app::App;
use crate::conversations::{self, unread};
use crate::error::{Error, Kind, Result};
use crate::ids::ConversationId;
use crate::operators::Member;
use db::Tx;

/// Sends what waits for the contact of a conversation now: ends the hold (`held`), and the back-off of
/// an earlier mail (`retrying`). False when nothing waits, because it was claimed, read, cancelled.
///
/// # Errors
/// When there is no such conversation in the member's helpdesk, or the database refuses.
pub async fn send_now(app: &App, member: &Member, id: ConversationId) -> Result<bool> {
    catch_up_with(app, member.helpdesk_id).await?;
    let (member, now) = (member.clone(), app.now_ms());
    app.db()
        .write(async move |tx: &mut Tx| {
            let thread = to_contact(tx, &member, id).await?;
            Ok(store::hasten(tx, &thread, now).await? > 0)
        })
        .await
}

/// Takes the mail back that is held for the contact of a conversation (`cancelled`, with the member's
/// name). Its messages count as dealt with: no later mail carries them. False when none is held any
/// more, in particular when it was claimed a moment before.
///
/// # Errors
/// When there is no such conversation in the member's helpdesk, or the database refuses.
pub async fn cancel(app: &App, member: &Member, id: ConversationId) -> Result<bool> {
    catch_up_with(app, member.helpdesk_id).await?;
    let (member, now) = (member.clone(), app.now_ms());
    app.db()
        .write(async move |tx: &mut Tx| {
            let thread = to_contact(tx, &member, id).await?;
            let Some((held, ..)) = store::hold(tx, &thread).await? else {
                return Ok(false);
            };
            let Some(row) = store::lock(tx, member.helpdesk_id, held).await? else {
                return Ok(false);
            };
            store::end(tx, &row, State::Cancelled, ("", &member.operator.name), now).await?;
            Ok(true)
        })
        .await
}

/// Lets the mail that an operator took back last wait again, until the end of its hold. False when the
/// latest mail to the contact was not taken back.
///
/// # Errors
/// When there is no such conversation in the member's helpdesk, or the database refuses.
pub async fn restore(app: &App, member: &Member, id: ConversationId) -> Result<bool> {
    catch_up_with(app, member.helpdesk_id).await?;
    let (member, now) = (member.clone(), app.now_ms());
    app.db()
        .write(async move |tx: &mut Tx| {
            let thread = to_contact(tx, &member, id).await?;
            let Some(cancelled) = store::taken_back(tx, &thread).await? else {
                return Ok(false);
            };
            match store::hold_again(tx, member.helpdesk_id, cancelled, now).await {
                // An answer that was written at this moment waits already.
                Err(db::Error::Unique { .. }) => Err(held_meanwhile()),
                held => Ok(held?),
            }
        })
        .await
        .or_else(|error| match error.code {
            HELD_MEANWHILE => Ok(false),
            _ => Err(error),
        })
}

const HELD_MEANWHILE: &str = "held_meanwhile";

fn held_meanwhile() -> Error {
    Error::new(Kind::Conflict, HELD_MEANWHILE, "Another mail waits by now")
}

async fn to_contact(tx: &mut Tx, member: &Member, id: ConversationId) -> Result<Thread> {
    let conversation = unread::conversation(tx, member.helpdesk_id, id)
        .await?
        .ok_or_else(conversations::not_found)?;
    let contact_id = conversation.contact_id;
    Ok::<_, Error>(Thread {
        helpdesk_id: member.helpdesk_id,
        conversation_id: id,
        recipient: Recipient::Contact { contact_id },
    })
}
