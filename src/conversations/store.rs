//! SQL of conversations, messages, private notes, events and read positions.

use super::by_operator::{self, Entry, View};
use super::events::{Event, Kind};
use super::idempotency::{Earlier, Key};
use super::{Author, Channel, Conversation, Cursor, Message, PrivateNote, Status};
use crate::contacts::Contact;
use crate::ids::{ContactId, ConversationId, HelpdeskId, OperatorId};
use crate::operators::Member;
use db::{Error, Row, Tx};

macro_rules! conversation_columns {
    () => {
        "c.helpdesk_id, c.id, c.contact_id, c.channel, c.subject, c.status, c.assignee_id, c.preview, c.last_author, \
         c.last_author_name, c.last_message_at, c.message_count, c.entry_count, c.last_visitor_entry, \
         c.contact_unread, c.contact_seen_position, c.contact_seen_at, c.created_at, c.closed_at"
    };
}
const CONVERSATION_COLUMNS: usize = 19;

macro_rules! message_columns {
    () => {
        "position, entry, id, author, operator_id, author_name, body, created_at"
    };
}

macro_rules! event_columns {
    () => {
        "helpdesk_id, number, conversation_id, contact_id, kind, position, entry, operator_id, actor_name, detail, \
         created_at"
    };
}

pub(super) async fn insert(tx: &mut Tx, new: &Conversation) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO conversations (helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview,
             last_author, last_author_name, last_message_at, message_count, entry_count, last_visitor_entry,
             contact_unread, contact_seen_position, contact_seen_at, created_at, closed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
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
             closed_at = $15
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

/// Reads a conversation and keeps others from changing it until the end of the transaction: an
/// UPDATE that changes nothing locks the row on PostgreSQL, and SQLite has one writer.
pub(super) async fn lock(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    tx.first(
        concat!(
            "UPDATE conversations AS c SET closed_at = closed_at WHERE c.helpdesk_id = $1 AND c.id = $2 RETURNING ",
            "helpdesk_id, id, contact_id, channel, subject, status, assignee_id, preview, last_author, \
             last_author_name, last_message_at, message_count, entry_count, last_visitor_entry, contact_unread, \
             contact_seen_position, contact_seen_at, created_at, closed_at"
        ),
        &[&helpdesk_id, &id],
        read_conversation,
    )
    .await
}

pub(super) async fn by_contact(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<Conversation>, Error> {
    match before {
        None => {
            tx.all(
                concat!(
                    "SELECT ",
                    conversation_columns!(),
                    " FROM conversations c WHERE c.helpdesk_id = $1 AND c.contact_id = $2
                      ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
                ),
                &[&helpdesk_id, &contact_id, &most],
                read_conversation,
            )
            .await
        }
        Some(cursor) => {
            tx.all(
                concat!(
                    "SELECT ",
                    conversation_columns!(),
                    " FROM conversations c WHERE c.helpdesk_id = $1 AND c.contact_id = $2
                      AND (c.last_message_at, c.id) < ($4, $5)
                      ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
                ),
                &[
                    &helpdesk_id,
                    &contact_id,
                    &most,
                    &cursor.last_message_at,
                    &cursor.id,
                ],
                read_conversation,
            )
            .await
        }
    }
}

macro_rules! inbox {
    ($where:literal) => {
        concat!(
            "SELECT ",
            conversation_columns!(),
            ", p.email, p.name, p.proved_at, o.name, COALESCE(r.seen_entry, 0)
             FROM conversations c
             JOIN contacts p ON p.helpdesk_id = c.helpdesk_id AND p.id = c.contact_id
             LEFT JOIN operators o ON o.id = c.assignee_id
             LEFT JOIN operator_reads r
                 ON r.helpdesk_id = c.helpdesk_id AND r.operator_id = $2 AND r.conversation_id = c.id
             WHERE c.helpdesk_id = $1 AND ",
            $where,
            " AND (c.last_message_at, c.id) < ($4, $5)
             ORDER BY c.last_message_at DESC, c.id DESC LIMIT $3"
        )
    };
}

pub(super) async fn inbox(
    tx: &mut Tx,
    member: &Member,
    view: View,
    before: Option<Cursor>,
    most: i64,
) -> Result<Vec<by_operator::Row>, Error> {
    // The first page begins after everything.
    let place = before.unwrap_or(Cursor {
        last_message_at: i64::MAX,
        id: ConversationId(uuid::Uuid::max()),
    });
    let sql = match view {
        View::Mine => inbox!("c.status = 'open' AND c.assignee_id = $2"),
        View::Unassigned => inbox!("c.status = 'open' AND c.assignee_id IS NULL"),
        View::AllOpen => inbox!("c.status = 'open'"),
        View::Closed => inbox!("c.status = 'closed'"),
    };
    tx.all(
        sql,
        &[
            &member.helpdesk_id,
            &member.operator.id,
            &most,
            &place.last_message_at,
            &place.id,
        ],
        |row| {
            let conversation = read_conversation(row)?;
            let contact = Contact {
                helpdesk_id: conversation.helpdesk_id,
                id: conversation.contact_id,
                email: row.get(CONVERSATION_COLUMNS)?,
                name: row.get(CONVERSATION_COLUMNS + 1)?,
                proved_at: row.get(CONVERSATION_COLUMNS + 2)?,
            };
            let seen_entry: i64 = row.get(CONVERSATION_COLUMNS + 4)?;
            Ok(by_operator::Row {
                unread: conversation.last_visitor_entry > seen_entry,
                assignee_name: row.get(CONVERSATION_COLUMNS + 3)?,
                conversation,
                contact,
            })
        },
    )
    .await
}

pub(super) async fn contact(tx: &mut Tx, conversation: &Conversation) -> Result<Option<Contact>, Error> {
    tx.first(
        "SELECT helpdesk_id, id, email, name, proved_at FROM contacts WHERE helpdesk_id = $1 AND id = $2",
        &[&conversation.helpdesk_id, &conversation.contact_id],
        |row| {
            Ok(Contact {
                helpdesk_id: row.get(0)?,
                id: row.get(1)?,
                email: row.get(2)?,
                name: row.get(3)?,
                proved_at: row.get(4)?,
            })
        },
    )
    .await
}

pub(super) async fn operator_name(tx: &mut Tx, id: OperatorId) -> Result<Option<String>, Error> {
    tx.first("SELECT name FROM operators WHERE id = $1", &[&id], |row| {
        row.get(0)
    })
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

pub(super) async fn insert_message(tx: &mut Tx, of: &Conversation, new: &Message) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO messages (helpdesk_id, conversation_id, position, entry, id, author, operator_id, author_name,
             body, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &[
            &of.helpdesk_id,
            &of.id,
            &new.position,
            &new.entry,
            &new.id,
            &new.author.name(),
            &new.operator_id,
            &new.author_name,
            &new.body,
            &new.created_at,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn message(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
) -> Result<Option<Message>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position = $3"
        ),
        &[&helpdesk_id, &id, &position],
        read_message,
    )
    .await
}

/// Newest first.
pub(super) async fn messages_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    end: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            message_columns!(),
            " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position < $3
              ORDER BY position DESC LIMIT $4"
        ),
        &[&helpdesk_id, &id, &end, &most],
        read_message,
    )
    .await
}

pub(super) async fn count_operator_messages_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM messages
             WHERE helpdesk_id = $1 AND conversation_id = $2 AND position > $3 AND author = 'operator'",
            &[&helpdesk_id, &id, &position],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

pub(super) async fn insert_note(tx: &mut Tx, of: &Conversation, new: &PrivateNote) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO private_notes (helpdesk_id, conversation_id, entry, id, operator_id, author_name, body,
             created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &of.helpdesk_id,
            &of.id,
            &new.entry,
            &new.id,
            &new.operator_id,
            &new.author_name,
            &new.body,
            &new.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// Everything from `start` to before `end`, kind by kind.
pub(super) async fn entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    start: i64,
    end: i64,
) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    // Positions never run ahead of entries, so the newest `end - start` messages cover the range.
    let messages = tx
        .all(
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position < $4
                  AND entry >= $3 AND entry < $4 ORDER BY position DESC LIMIT $5"
            ),
            &[&helpdesk_id, &id, &start, &end, &(end - start)],
            read_message,
        )
        .await?;
    entries.extend(messages.into_iter().map(Entry::Message));
    let notes = tx
        .all(
            "SELECT id, entry, operator_id, author_name, body, created_at FROM private_notes
             WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4",
            &[&helpdesk_id, &id, &start, &end],
            |row| {
                Ok(PrivateNote {
                    id: row.get(0)?,
                    entry: row.get(1)?,
                    operator_id: row.get(2)?,
                    author_name: row.get(3)?,
                    body: row.get(4)?,
                    created_at: row.get(5)?,
                })
            },
        )
        .await?;
    entries.extend(notes.into_iter().map(Entry::Note));
    let events = tx
        .all(
            concat!(
                "SELECT ",
                event_columns!(),
                " FROM events WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry IS NOT NULL
                  AND entry >= $3 AND entry < $4"
            ),
            &[&helpdesk_id, &id, &start, &end],
            read_event,
        )
        .await?;
    entries.extend(events.into_iter().map(Entry::Event));
    Ok(entries)
}

/// Takes `count` numbers from the helpdesk's counter and returns the last of them.
pub(super) async fn take_numbers(tx: &mut Tx, helpdesk_id: HelpdeskId, count: i64) -> Result<i64, Error> {
    let last = tx
        .first(
            "UPDATE event_counters SET last_number = last_number + $2 WHERE helpdesk_id = $1 RETURNING last_number",
            &[&helpdesk_id, &count],
            |row| row.get(0),
        )
        .await?;
    last.ok_or_else(|| Error::Internal("a helpdesk has no event counter".to_owned()))
}

pub(super) async fn insert_event(tx: &mut Tx, new: &Event) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO events (helpdesk_id, number, conversation_id, contact_id, kind, is_public, position, entry,
             operator_id, actor_name, detail, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &new.helpdesk_id,
            &new.number,
            &new.conversation_id,
            &new.contact_id,
            &new.kind.name(),
            &new.kind.is_public(),
            &new.position,
            &new.entry,
            &new.operator_id,
            &new.actor_name,
            &new.detail,
            &new.created_at,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn last_number(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<i64, Error> {
    let last = tx
        .first(
            "SELECT last_number FROM event_counters WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(last.unwrap_or(0))
}

pub(super) async fn last_public_number(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
) -> Result<i64, Error> {
    let last = tx
        .first(
            "SELECT number FROM events WHERE helpdesk_id = $1 AND contact_id = $2 AND is_public
             ORDER BY number DESC LIMIT 1",
            &[&helpdesk_id, &contact_id],
            |row| row.get(0),
        )
        .await?;
    Ok(last.unwrap_or(0))
}

/// Events after a number, oldest first.
pub(super) async fn events_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    after: i64,
    most: i64,
) -> Result<Vec<Event>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM events WHERE helpdesk_id = $1 AND number > $2 ORDER BY number LIMIT $3"
        ),
        &[&helpdesk_id, &after, &most],
        read_event,
    )
    .await
}

/// Events of one contact that they may know of, after a number, oldest first.
pub(super) async fn public_events_after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    after: i64,
    most: i64,
) -> Result<Vec<Event>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            event_columns!(),
            " FROM events WHERE helpdesk_id = $1 AND contact_id = $2 AND number > $3 AND is_public
              ORDER BY number LIMIT $4"
        ),
        &[&helpdesk_id, &contact_id, &after, &most],
        read_event,
    )
    .await
}

pub(super) async fn seen_entry(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT seen_entry FROM operator_reads WHERE helpdesk_id = $1 AND operator_id = $2 AND conversation_id = $3",
        &[&member.helpdesk_id, &member.operator.id, &id],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn mark_seen(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    entry: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO operator_reads (helpdesk_id, operator_id, conversation_id, seen_entry) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, operator_id, conversation_id) DO UPDATE SET seen_entry = $4
         WHERE operator_reads.seen_entry < $4",
        &[&member.helpdesk_id, &member.operator.id, &id, &entry],
    )
    .await?;
    Ok(())
}

pub(super) async fn insert_key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    key: &Key,
    made: &Earlier,
    now_ms: i64,
) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "INSERT INTO idempotency_keys (helpdesk_id, contact_id, key, body_hash, conversation_id, position,
                 created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (helpdesk_id, contact_id, key) DO NOTHING",
            &[&helpdesk_id, &contact_id, &key.text, &key.body_hash, &made.conversation_id, &made.position, &now_ms],
        )
        .await?;
    Ok(inserted == 1)
}

pub(super) async fn key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    key: &str,
) -> Result<Option<(Earlier, Vec<u8>)>, Error> {
    tx.first(
        "SELECT conversation_id, position, body_hash FROM idempotency_keys
         WHERE helpdesk_id = $1 AND contact_id = $2 AND key = $3",
        &[&helpdesk_id, &contact_id, &key],
        |row| {
            Ok((
                Earlier {
                    conversation_id: row.get(0)?,
                    position: row.get(1)?,
                },
                row.get(2)?,
            ))
        },
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
    })
}

fn read_message(row: &Row<'_>) -> Result<Message, Error> {
    Ok(Message {
        position: row.get(0)?,
        entry: row.get(1)?,
        id: row.get(2)?,
        author: named(row, 3, Author::from_name)?,
        operator_id: row.get(4)?,
        author_name: row.get(5)?,
        body: row.get(6)?,
        created_at: row.get(7)?,
    })
}

fn read_event(row: &Row<'_>) -> Result<Event, Error> {
    Ok(Event {
        helpdesk_id: row.get(0)?,
        number: row.get(1)?,
        conversation_id: row.get(2)?,
        contact_id: row.get(3)?,
        kind: named(row, 4, Kind::from_name)?,
        position: row.get(5)?,
        entry: row.get(6)?,
        operator_id: row.get(7)?,
        actor_name: row.get(8)?,
        detail: row.get(9)?,
        created_at: row.get(10)?,
    })
}

/// Reads a stored name.
fn named<T>(row: &Row<'_>, position: usize, from_name: impl Fn(&str) -> Option<T>) -> Result<T, Error> {
    let name: String = row.get(position)?;
    from_name(&name).ok_or_else(|| Error::Internal(format!("unknown name {name:?} in column {position}")))
}
