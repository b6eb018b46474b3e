//! SQL of search. What differs between the engines stands in one file for each, the only such pair in
//! the program; everything else is one text.

mod postgres;
mod sqlite;

use crate::conversations::Status;
use crate::ids::{ConversationId, HelpdeskId};
use crate::words::Query;
use db::{Engine, Error, Row, Tx};

/// How far a helpdesk was read, and its ordinal among all of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) ordinal: i64,
    pub(super) last_number: i64,
}

impl Cursor {
    /// What stands before each word of the helpdesk in the index.
    pub(super) fn mark(&self) -> String {
        format!("{:06x}", self.ordinal)
    }
}

/// A conversation's row.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) conversation_id: ConversationId,
    pub(super) number: i64,
    pub(super) written_at: i64,
    pub(super) entries: i64,
    /// The status, then words, each with the mark.
    pub(super) words: String,
}

impl Document {
    pub(super) fn marked_words(&self) -> impl Iterator<Item = &str> {
        self.words.split(' ').skip(1)
    }
}

/// A conversation with all words of a query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Match {
    pub(super) conversation_id: ConversationId,
    pub(super) number: i64,
    pub(super) written_at: i64,
}

/// A status as a word of the index. The sign is in no word that people write.
pub(super) fn status_word(mark: &str, status: Status) -> String {
    format!("{mark}§{}", status.name())
}

/// Helpdesks in which something happened since.
pub(super) async fn behind(tx: &mut Tx) -> Result<Vec<HelpdeskId>, Error> {
    tx.all(
        "SELECT e.helpdesk_id FROM event_counters e
         LEFT JOIN search_cursors s ON s.helpdesk_id = e.helpdesk_id
         WHERE e.last_number > COALESCE(s.last_number, 0)",
        &[],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn cursor(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Option<Cursor>, Error> {
    tx.first(
        "SELECT ordinal, last_number FROM search_cursors WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| {
            Ok(Cursor {
                ordinal: row.get(0)?,
                last_number: row.get(1)?,
            })
        },
    )
    .await
}

/// Gives a helpdesk its ordinal. Two that begin at once on PostgreSQL may share one, which costs a
/// little time and nothing else: rows are of one helpdesk by its id.
pub(super) async fn begin(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Cursor, Error> {
    tx.execute(
        "INSERT INTO search_cursors (helpdesk_id, ordinal, last_number)
         SELECT $1, COALESCE(MAX(ordinal), 0) + 1, 0 FROM search_cursors WHERE TRUE
         ON CONFLICT (helpdesk_id) DO NOTHING",
        &[&helpdesk_id],
    )
    .await?;
    let made = cursor(tx, helpdesk_id).await?;
    made.ok_or_else(|| Error::Internal("a cursor that was made is not there".to_owned()))
}

/// Goes on from one event to another; false when somebody else has done so.
pub(super) async fn advance(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    from: &Cursor,
    to: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE search_cursors SET last_number = $3 WHERE helpdesk_id = $1 AND last_number = $2",
            &[&helpdesk_id, &from.last_number, &to],
        )
        .await?;
    Ok(changed == 1)
}

pub(super) async fn document(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Option<Document>, Error> {
    tx.first(
        "SELECT conversation_id, number, written_at, entries, words FROM search_documents
         WHERE helpdesk_id = $1 AND conversation_id = $2",
        &[&helpdesk_id, &id],
        |row| {
            Ok(Document {
                conversation_id: row.get(0)?,
                number: row.get(1)?,
                written_at: row.get(2)?,
                entries: row.get(3)?,
                words: row.get(4)?,
            })
        },
    )
    .await
}

/// Puts a document in the place of the one with the number `old`, if there is one.
pub(super) async fn put(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    cursor: &Cursor,
    old: Option<i64>,
    new: &Document,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO search_documents (helpdesk_id, conversation_id, number, written_at, entries, words)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (helpdesk_id, conversation_id)
         DO UPDATE SET number = $3, written_at = $4, entries = $5, words = $6",
        &[
            &helpdesk_id,
            &new.conversation_id,
            &new.number,
            &new.written_at,
            &new.entries,
            &new.words,
        ],
    )
    .await?;
    match tx.engine() {
        Engine::Sqlite => sqlite::put(tx, cursor, old, new).await,
        // Its index is one of the table.
        Engine::Postgres => Ok(()),
    }
}

/// Notes words that may be new to the helpdesk, where the engine needs that.
pub(super) async fn add_terms(tx: &mut Tx, helpdesk_id: HelpdeskId, words: &[String]) -> Result<(), Error> {
    match tx.engine() {
        Engine::Sqlite => sqlite::add_terms(tx, helpdesk_id, words).await,
        Engine::Postgres => Ok(()),
    }
}

/// Documents with all words, latest first, from before a number on.
pub(super) async fn matching(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    cursor: &Cursor,
    query: &Query,
    status: Option<Status>,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Match>, Error> {
    let mark = cursor.mark();
    let status = status.map(|status| status_word(&mark, status));
    match tx.engine() {
        Engine::Sqlite => match sqlite::expression(tx, helpdesk_id, &mark, query, status).await? {
            Some(wanted) => sqlite::matching(tx, helpdesk_id, cursor, &wanted, before, most).await,
            None => Ok(Vec::new()),
        },
        Engine::Postgres => {
            let wanted = postgres::expression(&mark, query, status);
            postgres::matching(tx, helpdesk_id, &wanted, before, most).await
        }
    }
}

fn read_match(row: &Row<'_>) -> Result<Match, Error> {
    Ok(Match {
        conversation_id: row.get(0)?,
        number: row.get(1)?,
        written_at: row.get(2)?,
    })
}
