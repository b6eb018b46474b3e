//! SQL of conversations: the row itself here, the rest in one file for each kind of question.

mod copies;
mod counts;
mod desks;
mod entries;
mod events;
mod lists;
mod marks;
mod participants;
mod submissions;

pub(super) use copies::{addressees, copies, delete_copies, insert_addressee, insert_copy};
pub(super) use counts::{add_to_count, counts};
pub(super) use desks::{
    delete_draft, delete_viewer, delete_viewers_before, draft, upsert_draft, upsert_viewer, viewers,
};
pub(super) use entries::{
    count_operator_messages_after, delete_message, entries, insert_message, insert_note, last_written_at,
    message, messages_before, messages_of, messages_of_others_after, texts,
};
pub(super) use events::{
    answered_lately, events_after, insert_event, last_number, last_public_number, public_events_after,
    take_numbers,
};
pub(super) use lists::{AT_ONCE, by_contact, inbox, inbox_filtered, place_after, with_contacts};
pub(super) use marks::{delete_keys_before, hold_seen, insert_key, key, mark_seen, seen_entry};
pub(super) use participants::{insert_participant, is_participant};
pub(super) use submissions::{
    Submission, answers, count_by_sender, delete_submissions_before, has_text, insert_answers,
    insert_submission, text_of_token, waiting_of,
};

use super::{Author, Channel, Conversation, Status};
use crate::ids::{ContactId, ConversationId, HelpdeskId, OperatorId};
use db::{Error, Row, Tx};

macro_rules! conversation_columns {
    () => {
        "c.helpdesk_id, c.id, c.contact_id, c.channel, c.subject, c.status, c.assignee_id, c.preview, c.last_author, \
         c.last_author_name, c.last_message_at, c.message_count, c.entry_count, c.last_visitor_entry, \
         c.contact_unread, c.contact_seen_position, c.contact_seen_at, c.created_at, c.closed_at, \
         c.last_operator_id, c.assignee_unread, c.unverified, c.sender_name"
    };
}
use conversation_columns;
const CONVERSATION_COLUMNS: usize = 23;

pub(super) async fn insert(tx: &mut Tx, new: &Conversation) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO conversations (helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview,
             last_author, last_author_name, last_message_at, message_count, entry_count, last_visitor_entry,
             contact_unread, contact_seen_position, contact_seen_at, created_at, closed_at,
             last_operator_id, assignee_unread, unverified, sender_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
             $22, $23)",
        &[
            &new.helpdesk_id,
            &new.id,
            &new.contact_id,
            &new.channel.name(),
            &new.subject,
            &new.status.name(),
            &new.assignee_id,
            &new.preview,
            &new.last_author.name(),
            &new.last_author_name,
            &new.last_message_at,
            &new.message_count,
            &new.entry_count,
            &new.last_visitor_entry,
            &new.contact_unread,
            &new.contact_seen_position,
            &new.contact_seen_at,
            &new.created_at,
            &new.closed_at,
            &new.last_operator_id,
            &new.assignee_unread,
            &new.unverified,
            &new.sender_name,
        ],
    )
    .await?;
    Ok(())
}

/// Writes back what can change.
pub(super) async fn update(tx: &mut Tx, changed: &Conversation) -> Result<(), Error> {
    tx.execute(
        "UPDATE conversations SET status = $3, assignee_id = $4, preview = $5, last_author = $6,
             last_author_name = $7, last_message_at = $8, message_count = $9, entry_count = $10,
             last_visitor_entry = $11, contact_unread = $12, contact_seen_position = $13, contact_seen_at = $14,
             closed_at = $15, last_operator_id = $16, assignee_unread = $17
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &changed.helpdesk_id,
            &changed.id,
            &changed.status.name(),
            &changed.assignee_id,
            &changed.preview,
            &changed.last_author.name(),
            &changed.last_author_name,
            &changed.last_message_at,
            &changed.message_count,
            &changed.entry_count,
            &changed.last_visitor_entry,
            &changed.contact_unread,
            &changed.contact_seen_position,
            &changed.contact_seen_at,
            &changed.closed_at,
            &changed.last_operator_id,
            &changed.assignee_unread,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn find(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            conversation_columns!(),
            " FROM conversations c WHERE c.helpdesk_id = $1 AND c.id = $2"
        ),
        &[&helpdesk_id, &id],
        read_conversation,
    )
    .await
}

macro_rules! lock_where {
    () => {
        "UPDATE conversations AS c SET closed_at = closed_at WHERE c.helpdesk_id = $1 AND c.id = $2"
    };
}

/// SQLite wants these without the name of the table.
macro_rules! locked_columns {
    () => {
        "helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview, last_author, \
         last_author_name, last_message_at, message_count, entry_count, last_visitor_entry, contact_unread, \
         contact_seen_position, contact_seen_at, created_at, closed_at, last_operator_id, assignee_unread, \
         unverified, sender_name"
    };
}

/// Reads a conversation and keeps others from changing it until the end of the transaction: an
/// UPDATE that changes nothing locks the row on PostgreSQL, and SQLite has one writer.
pub(super) async fn lock(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    tx.first(
        concat!(lock_where!(), " RETURNING ", locked_columns!()),
        &[&helpdesk_id, &id],
        read_conversation,
    )
    .await
}

/// The same for a contact's own conversation: another's is neither found nor locked.
pub(super) async fn lock_own(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    contact_id: ContactId,
) -> Result<Option<Conversation>, Error> {
    tx.first(
        concat!(
            lock_where!(),
            " AND c.contact_id = $3 AND c.status <> 'spam' AND c.status <> 'waiting' RETURNING ",
            locked_columns!()
        ),
        &[&helpdesk_id, &id, &contact_id],
        read_conversation,
    )
    .await
}

pub(super) async fn operator_name(tx: &mut Tx, id: OperatorId) -> Result<Option<String>, Error> {
    tx.first("SELECT name FROM operators WHERE id = $1", &[&id], |row| {
        row.get(0)
    })
    .await
}

/// Who still looks after a conversation that is opened again: nobody, when they left meanwhile.
pub(super) async fn remaining_assignee(
    tx: &mut Tx,
    conversation: &Conversation,
) -> Result<Option<OperatorId>, Error> {
    let Some(assignee_id) = conversation.assignee_id else {
        return Ok(None);
    };
    let name = member_name(tx, conversation.helpdesk_id, assignee_id).await?;
    Ok(name.map(|_| assignee_id))
}

/// Keeps a member, if there is one, from leaving until the end of the transaction.
pub(super) async fn hold_member(tx: &mut Tx, helpdesk_id: HelpdeskId, id: OperatorId) -> Result<(), Error> {
    tx.execute(
        "UPDATE members SET role = role WHERE helpdesk_id = $1 AND operator_id = $2",
        &[&helpdesk_id, &id],
    )
    .await?;
    Ok(())
}

/// Some of the open conversations of an operator.
pub(super) async fn assigned(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    most: i64,
) -> Result<Vec<ConversationId>, Error> {
    tx.all(
        "SELECT id FROM conversations WHERE helpdesk_id = $1 AND status = 'open' AND assignee_id = $2
         ORDER BY last_message_at DESC, id DESC LIMIT $3",
        &[&helpdesk_id, &operator_id, &most],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn member_name(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: OperatorId,
) -> Result<Option<String>, Error> {
    tx.first(
        "SELECT o.name FROM members m JOIN operators o ON o.id = m.operator_id
         WHERE m.helpdesk_id = $1 AND m.operator_id = $2",
        &[&helpdesk_id, &id],
        |row| row.get(0),
    )
    .await
}

fn read_conversation(row: &Row<'_>) -> Result<Conversation, Error> {
    Ok(Conversation {
        helpdesk_id: row.get(0)?,
        id: row.get(1)?,
        contact_id: row.get(2)?,
        channel: named(row, 3, Channel::from_name)?,
        subject: row.get(4)?,
        status: named(row, 5, Status::from_name)?,
        assignee_id: row.get(6)?,
        preview: row.get(7)?,
        last_author: named(row, 8, Author::from_name)?,
        last_author_name: row.get(9)?,
        last_message_at: row.get(10)?,
        message_count: row.get(11)?,
        entry_count: row.get(12)?,
        last_visitor_entry: row.get(13)?,
        contact_unread: row.get(14)?,
        contact_seen_position: row.get(15)?,
        contact_seen_at: row.get(16)?,
        created_at: row.get(17)?,
        closed_at: row.get(18)?,
        last_operator_id: row.get(19)?,
        assignee_unread: row.get(20)?,
        unverified: row.get(21)?,
        sender_name: row.get(22)?,
    })
}

/// Reads a stored name.
fn named<T>(row: &Row<'_>, position: usize, from_name: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let name: String = row.get(position)?;
    from_name(&name).ok_or_else(|| Error::Internal(format!("unknown name {name:?} in column {position}")))
}
