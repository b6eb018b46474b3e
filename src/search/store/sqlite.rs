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

/// The query in the language of FTS5. Every word is quoted and holds letters and digits only.
pub(super) fn expression(mark: &str, query: &Query, status: Option<String>) -> String {
    let words = query.words().iter().map(|wanted| {
        let longer = if wanted.or_longer { "*" } else { "" };
        format!("\"{mark}{}\"{longer}", wanted.word)
    });
    let status = status.map(|status| format!("\"{status}\""));
    words.chain(status).collect::<Vec<_>>().join(" AND ")
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
