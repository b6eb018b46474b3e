//! Full text on SQLite: an FTS5 table without content, kept by hand.

use super::{Cursor, Document, Match, read_match};
use crate::ids::HelpdeskId;
use crate::words::Query;
use db::{Error, Tx};

/// Each helpdesk has this many row ids, one for each of its events: they end in some centuries.
const ROWS: i64 = 1 << 36;

/// The first row id of a helpdesk; its events are numbered from 1.
fn base(cursor: &Cursor) -> i64 {
    cursor.ordinal.saturating_mul(ROWS)
}

/// A beginning that more words have than this is left to FTS5.
const FEW: i64 = 32;

/// The query in the language of FTS5; `None` when one of its words is nowhere. Every word is quoted and
/// holds letters and digits only.
pub(super) async fn expression(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    mark: &str,
    query: &Query,
    status: Option<String>,
) -> Result<Option<String>, Error> {
    let mut all = Vec::new();
    for wanted in query.words() {
        if !wanted.or_longer {
            all.push(format!("\"{mark}{}\"", wanted.word));
            continue;
        }
        let words = terms(tx, helpdesk_id, &wanted.word, FEW + 1).await?;
        if words.is_empty() {
            return Ok(None);
        }
        all.push(if i64::try_from(words.len()).is_ok_and(|count| count <= FEW) {
            let each = words.iter().map(|word| format!("\"{mark}{word}\""));
            format!("({})", each.collect::<Vec<_>>().join(" OR "))
        } else {
            format!("\"{mark}{}\"*", wanted.word)
        });
    }
    all.extend(status.map(|status| format!("\"{status}\"")));
    Ok(Some(all.join(" AND ")))
}

/// The first words of a helpdesk that begin like this one.
async fn terms(tx: &mut Tx, helpdesk_id: HelpdeskId, word: &str, most: i64) -> Result<Vec<String>, Error> {
    // No word holds this character, which is the last there is.
    let end = format!("{word}\u{10ffff}");
    tx.all(
        "SELECT word FROM search_terms WHERE helpdesk_id = $1 AND word >= $2 AND word < $3 ORDER BY word LIMIT $4",
        &[&helpdesk_id, &word, &end, &most],
        |row| row.get(0),
    )
    .await
}

/// Notes words that may be new to the helpdesk.
pub(super) async fn add_terms(tx: &mut Tx, helpdesk_id: HelpdeskId, words: &[String]) -> Result<(), Error> {
    for word in words {
        tx.execute(
            "INSERT INTO search_terms (helpdesk_id, word) VALUES ($1, $2) ON CONFLICT (helpdesk_id, word) DO NOTHING",
            &[&helpdesk_id, word],
        )
        .await?;
    }
    Ok(())
}

pub(super) async fn put(tx: &mut Tx, cursor: &Cursor, old: Option<i64>, new: &Document) -> Result<(), Error> {
    if let Some(old) = old {
        tx.execute(
            "DELETE FROM search_index WHERE rowid = $1",
            &[&(base(cursor) + old)],
        )
        .await?;
    }
    tx.execute(
        "INSERT INTO search_index (rowid, words) VALUES ($1, $2)",
        &[&(base(cursor) + new.number), &new.words],
    )
    .await?;
    Ok(())
}

pub(super) async fn matching(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    cursor: &Cursor,
    wanted: &str,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Match>, Error> {
    let base = base(cursor);
    let end = base + before.map_or(ROWS, |before| before.clamp(0, ROWS));
    tx.all(
        "SELECT d.conversation_id, d.number, d.written_at FROM search_index i
         JOIN search_documents d ON d.helpdesk_id = $1 AND d.number = i.rowid - $3
         WHERE search_index MATCH $2 AND i.rowid > $3 AND i.rowid < $4
         ORDER BY i.rowid DESC LIMIT $5",
        &[&helpdesk_id, &wanted, &base, &end, &most],
        read_match,
    )
    .await
}
