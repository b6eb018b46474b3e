//! Taking back an answer that nobody has read: it is gone from the conversation, and its text is in
//! its author's box again, with its files.

use super::counts::Standing;
use super::drafts::Draft;
use super::events::{self, Actor, Kind, New};
use super::text::Body;
use super::{Author, Conversation, Message, not_found, store};
use crate::app::App;
use crate::attachments;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::ids::ConversationId;
use crate::operators::Member;
use db::Tx;

/// Takes the answer at a position back that this member wrote last in a conversation: nobody wrote
/// after it, and the contact has not read it. Its text stands before what the member typed since. The
/// position stays empty for good. Whether the answer was mailed is not this room's to know: ask first.
///
/// # Errors
/// When there is no such conversation in the helpdesk, the answer can no longer be taken back (a
/// conflict, in words for its author), or the database refuses.
pub async fn withdraw(app: &App, member: &Member, id: ConversationId, position: i64) -> Result<()> {
    let (now, member) = (app.now_ms(), member.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            let latest = store::messages_before(tx, member.helpdesk_id, id, i64::MAX, 2).await?;
            let [message, previous] = latest.as_slice() else {
                return Err(too_late("There is no answer to take back"));
            };
            may_withdraw(&before, message, &member, position)?;
            store::delete_message(tx, &before, position).await?;
            store::delete_copies(tx, member.helpdesk_id, id, position).await?;
            let place = (id, message.entry);
            attachments::put_back(tx, member.helpdesk_id, member.operator.id, place, now).await?;
            let from = Standing::of(&before);
            let entry = before.entry_count + 1;
            let conversation = Conversation {
                preview: Body::parse(&previous.body)?.preview(),
                last_author: previous.author,
                last_author_name: previous.author_name.clone(),
                last_operator_id: previous.operator_id,
                last_message_at: store::last_written_at(tx, &before).await?,
                contact_unread: store::count_operator_messages_after(
                    tx,
                    member.helpdesk_id,
                    id,
                    before.contact_seen_position,
                )
                .await?,
                entry_count: entry,
                ..before
            };
            store::update(tx, &conversation).await?;
            keep_as_draft(tx, &member, id, &message.body, now).await?;
            let withdrawn = New {
                kind: Kind::Withdrawn,
                position: Some(position),
                entry: Some(entry),
                detail: "",
            };
            let actor = Actor::Operator(&member);
            Ok(events::append(tx, Some(from), &conversation, actor, now, &[withdrawn]).await?)
        })
        .await
}

fn may_withdraw(conversation: &Conversation, latest: &Message, member: &Member, position: i64) -> Result<()> {
    if latest.position != position {
        return Err(too_late("Something was written after this answer"));
    }
    if latest.author != Author::Operator || latest.operator_id != Some(member.operator.id) {
        return Err(too_late("Only who wrote an answer takes it back"));
    }
    if conversation.contact_seen_position >= position {
        return Err(too_late("Too late: the contact has read this answer"));
    }
    Ok(())
}

/// What was typed meanwhile stays, below. A box that holds a note stays a note: what was meant for
/// colleagues must never reach the contact.
async fn keep_as_draft(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    text: &str,
    now: i64,
) -> std::result::Result<(), db::Error> {
    let draft = match store::draft(tx, member, id).await? {
        Some(typed) => Draft {
            body: format!("{text}\n\n{}", typed.body),
            is_note: typed.is_note,
        },
        None => Draft {
            body: text.to_owned(),
            is_note: false,
        },
    };
    store::upsert_draft(tx, member, id, &draft, now).await
}

fn too_late(sentence: &'static str) -> Error {
    Error::new(ErrorKind::Conflict, "not_withdrawn", sentence)
}
