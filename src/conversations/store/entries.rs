//! What stands in a conversation: messages, private notes, shown events.

use super::events::{event_columns, read_event};
use super::named;
use crate::attachments;
use crate::conversations::by_operator::Entry;
use crate::conversations::written::Text;
use crate::conversations::{Author, Conversation, Message, PrivateNote};
use crate::ids::{ConversationId, HelpdeskId};
use crate::operators::Member;
use db::{Error, Row, Tx};

macro_rules! message_columns {
    () => {
        "position, entry, id, author, operator_id, author_name, body, created_at"
    };
}

pub(in crate::conversations) async fn insert_message(
    tx: &mut Tx,
    of: &Conversation,
    new: &Message,
) -> Result<(), Error> {
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

pub(in crate::conversations) async fn delete_message(
    tx: &mut Tx,
    of: &Conversation,
    position: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position = $3",
        &[&of.helpdesk_id, &of.id, &position],
    )
    .await?;
    Ok(())
}

/// The latest time of its messages: a clock that was set back makes it another than the last one's.
pub(in crate::conversations) async fn last_written_at(tx: &mut Tx, of: &Conversation) -> Result<i64, Error> {
    let last = tx
        .first(
            "SELECT MAX(created_at) FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2",
            &[&of.helpdesk_id, &of.id],
            |row| row.get::<Option<i64>>(0),
        )
        .await?;
    Ok(last.flatten().unwrap_or(of.created_at))
}

pub(in crate::conversations) async fn message(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
) -> Result<Option<Message>, Error> {
    let found = tx
        .all(
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position = $3"
            ),
            &[&helpdesk_id, &id, &position],
            read_message,
        )
        .await?;
    let with_files = with_files(tx, helpdesk_id, id, found).await?;
    Ok(with_files.into_iter().next())
}

/// How many messages other operators wrote after an entry.
pub(in crate::conversations) async fn messages_of_others_after(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    entry: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry > $3
             AND operator_id <> $4",
            &[&member.helpdesk_id, &id, &entry, &member.operator.id],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// Newest first.
pub(in crate::conversations) async fn messages_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    end: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    let found = tx
        .all(
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position < $3
              ORDER BY position DESC LIMIT $4"
            ),
            &[&helpdesk_id, &id, &end, &most],
            read_message,
        )
        .await?;
    with_files(tx, helpdesk_id, id, found).await
}

/// Messages of one side, from one position to another and after an entry, oldest first.
pub(in crate::conversations) async fn messages_of(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    author: Author,
    (from, to): (i64, i64),
    after_entry: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    let found = tx
        .all(
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND position >= $3
              AND position <= $4 AND author = $5 AND entry > $6 ORDER BY position LIMIT $7"
            ),
            &[&helpdesk_id, &id, &from, &to, &author.name(), &after_entry, &most],
            read_message,
        )
        .await?;
    with_files(tx, helpdesk_id, id, found).await
}

/// Messages with the files that came with them: those that their contact may see.
async fn with_files(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    mut messages: Vec<Message>,
) -> Result<Vec<Message>, Error> {
    let entries = messages.iter().map(|message| message.entry);
    let (Some(first), Some(last)) = (entries.clone().min(), entries.max()) else {
        return Ok(messages);
    };
    let files = attachments::of_entries(tx, helpdesk_id, id, (first, last + 1)).await?;
    for file in files.into_iter().filter(|file| file.is_public) {
        let of = messages
            .iter_mut()
            .find(|message| Some(message.entry) == file.entry);
        if let Some(message) = of {
            message.attachments.push(file);
        }
    }
    Ok(messages)
}

pub(in crate::conversations) async fn count_operator_messages_after(
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

pub(in crate::conversations) async fn insert_note(
    tx: &mut Tx,
    of: &Conversation,
    new: &PrivateNote,
) -> Result<(), Error> {
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
pub(in crate::conversations) async fn entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    start: i64,
    end: i64,
) -> Result<Vec<Entry>, Error> {
    let mut entries = Vec::new();
    let messages = tx
        .all(
            concat!(
                "SELECT ",
                message_columns!(),
                " FROM messages WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4"
            ),
            &[&helpdesk_id, &id, &start, &end],
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
                    attachments: Vec::new(),
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
    for file in attachments::of_entries(tx, helpdesk_id, id, (start, end)).await? {
        let of = entries
            .iter_mut()
            .find(|entry| Some(entry.number()) == file.entry);
        match of {
            Some(Entry::Message(message)) if file.is_public => message.attachments.push(file),
            Some(Entry::Note(note)) => note.attachments.push(file),
            _ => {}
        }
    }
    Ok(entries)
}

/// What was written from `start` on, messages and notes.
pub(in crate::conversations) async fn texts(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    start: i64,
) -> Result<Vec<Text>, Error> {
    tx.all(
        "SELECT entry, author_name, body, 'message' FROM messages
         WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3
         UNION ALL
         SELECT entry, author_name, body, 'note' FROM private_notes
         WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3",
        &[&helpdesk_id, &id, &start],
        |row| {
            let kind: String = row.get(3)?;
            Ok(Text {
                entry: row.get(0)?,
                author: row.get(1)?,
                body: row.get(2)?,
                is_note: kind == "note",
            })
        },
    )
    .await
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
        attachments: Vec::new(),
        created_at: row.get(7)?,
    })
}
