//! Spam: conversations that stand in a list of their own, where only operators find them.
//!
//! Only what an unverified sender opened, or what came by mail, can be spam. Who has signed in must find
//! all of their own conversations.

use super::counts::Standing;
use super::events::{self, Actor, Kind, New};
use super::{Channel, Conversation, Status, not_found, store};
use crate::app::App;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::ids::ConversationId;
use crate::operators::Member;
use db::Tx;

/// Puts an unverified conversation into spam; what is there already stays as it is.
///
/// # Errors
/// When there is no such conversation in the helpdesk, its sender was verified, or the database refuses.
pub async fn mark(app: &App, member: &Member, id: ConversationId) -> Result<Conversation> {
    change(app, member, id, Kind::Spam).await
}

/// Takes a conversation out of spam: it is open again. What is not there stays as it is.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn unmark(app: &App, member: &Member, id: ConversationId) -> Result<Conversation> {
    change(app, member, id, Kind::NotSpam).await
}

/// Refuses what cannot be done to a conversation in spam, or to one that waits.
///
/// # Errors
/// `is_spam` or `is_waiting`.
pub(super) fn refuse(conversation: &Conversation) -> Result<()> {
    if conversation.status == Status::Waiting {
        return Err(Error::new(
            ErrorKind::Conflict,
            "is_waiting",
            "This conversation waits until its sender confirms their address. Let it in first",
        ));
    }
    if conversation.status != Status::Spam {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Conflict,
        "is_spam",
        "This conversation is in spam. Take it out with “Not spam” first",
    ))
}

async fn change(app: &App, member: &Member, id: ConversationId, kind: Kind) -> Result<Conversation> {
    let (now, member) = (app.now_ms(), member.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            let to_spam = kind == Kind::Spam;
            if to_spam == (before.status == Status::Spam) {
                return Ok(before);
            }
            if to_spam && !before.unverified && before.channel != Channel::Email {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    "sender_verified",
                    "The sender of this conversation is verified; close it instead",
                ));
            }
            let (from, entry) = (Standing::of(&before), before.entry_count + 1);
            let assignee_id = if to_spam {
                before.assignee_id
            } else {
                store::remaining_assignee(tx, &before).await?
            };
            let conversation = Conversation {
                status: if to_spam { Status::Spam } else { Status::Open },
                assignee_id,
                assignee_unread: before.assignee_unread && assignee_id.is_some(),
                closed_at: None,
                entry_count: entry,
                ..before
            };
            store::update(tx, &conversation).await?;
            let event = New {
                kind,
                position: None,
                entry: Some(entry),
                detail: "",
            };
            let actor = Actor::Operator(&member);
            events::append(tx, Some(from), &conversation, actor, now, &[event]).await?;
            Ok(conversation)
        })
        .await
}
