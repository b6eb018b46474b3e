//! What waits until its sender has confirmed their address: conversations that stand in a list of their own,
//! where only operators find them, like spam.
//!
//! Whoever confirms is somebody who reads the mail of that address, and no more: they get to see nothing, and the
//! conversation stays unverified, because the next form with that address may be anybody's again.

use super::counts::Standing;
use super::events::{self, Actor, Kind, New};
use super::{Conversation, Status, not_found, store};
use crate::app::App;
use crate::contacts;
use crate::error::Result;
use crate::ids::{ContactId, ConversationId, HelpdeskId};
use crate::operators::Member;
use db::Tx;

/// Conversations that are let in at once, in one transaction.
const AT_ONCE: i64 = 50;

/// An operator lets a conversation in by hand, which confirms nothing. What does not wait stays as it is.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn admit(app: &App, member: &Member, id: ConversationId) -> Result<Conversation> {
    let (now, member) = (app.now_ms(), member.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            if before.status != Status::Waiting {
                return Ok(before);
            }
            let (from, after) = open(tx, before).await?;
            let event = event(Kind::Admitted, &after);
            events::append(tx, Some(from), &after, Actor::Operator(&member), now, &[event]).await?;
            Ok(after)
        })
        .await
}

/// The address of a contact was confirmed: all that waited for it is open now, and so is what comes later.
/// Doing it again changes nothing. How many conversations were let in.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId) -> Result<usize> {
    let mut all = 0;
    loop {
        let let_in = confirm_some(app, helpdesk_id, contact_id).await?;
        all += let_in;
        if i64::try_from(let_in).is_ok_and(|let_in| let_in < AT_ONCE) {
            return Ok(all);
        }
    }
}

async fn confirm_some(app: &App, helpdesk_id: HelpdeskId, contact_id: ContactId) -> Result<usize> {
    let now = app.now_ms();
    app.db()
        .write(async move |tx: &mut Tx| {
            // Takes the contact's row, as a form that is being sent does: it waits for this, or this sees it.
            contacts::store::confirm(tx, helpdesk_id, contact_id, now).await?;
            let mut opened = Vec::new();
            for id in store::waiting_of(tx, helpdesk_id, contact_id, AT_ONCE).await? {
                let found = store::lock(tx, helpdesk_id, id).await?;
                if let Some(before) = found.filter(|found| found.status == Status::Waiting) {
                    opened.push(open(tx, before).await?);
                }
            }
            for (from, after) in &opened {
                let event = event(Kind::Confirmed, after);
                let actor = Actor::Sender {
                    name: &after.last_author_name,
                };
                events::append(tx, Some(*from), after, actor, now, &[event]).await?;
            }
            Ok(opened.len())
        })
        .await
}

/// True when anything waits for the address of this contact.
pub(crate) async fn is_anything_of(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
) -> std::result::Result<bool, db::Error> {
    let found = store::waiting_of(tx, helpdesk_id, contact_id, 1).await?;
    Ok(!found.is_empty())
}

async fn open(tx: &mut Tx, before: Conversation) -> Result<(Standing, Conversation)> {
    let from = Standing::of(&before);
    let assignee_id = store::remaining_assignee(tx, &before).await?;
    let after = Conversation {
        status: Status::Open,
        assignee_id,
        assignee_unread: before.assignee_unread && assignee_id.is_some(),
        entry_count: before.entry_count + 1,
        ..before
    };
    store::update(tx, &after).await?;
    Ok((from, after))
}

/// It names the message, of which operators are to be told now.
fn event(kind: Kind, after: &Conversation) -> New<'static> {
    New {
        kind,
        position: Some(after.message_count),
        entry: Some(after.entry_count),
        detail: "",
    }
}
