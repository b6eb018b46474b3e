//! Full text on PostgreSQL: a GIN index over the words of each document.

use super::{Match, read_match};
use crate::ids::HelpdeskId;
use crate::words::Query;
use db::{Error, Tx};

/// The query as a tsquery. Every word is quoted and holds letters and digits only.
pub(super) fn expression(mark: &str, query: &Query, status: Option<String>) -> String {
    let words = query.words().iter().map(|wanted| {
        let longer = if wanted.or_longer { ":*" } else { "" };
        format!("'{mark}{}'{longer}", wanted.word)
    });
    let status = status.map(|status| format!("'{status}'"));
    words.chain(status).collect::<Vec<_>>().join(" & ")
}

pub(super) async fn matching(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    wanted: &str,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Match>, Error> {
    tx.all(
        "SELECT conversation_id, number, written_at FROM search_documents
         WHERE helpdesk_id = $1 AND array_to_tsvector(string_to_array(words, ' ')) @@ CAST(CAST($2 AS TEXT) AS tsquery)
           AND number < $3
         ORDER BY number DESC LIMIT $4",
        &[&helpdesk_id, &wanted, &before.unwrap_or(i64::MAX), &most],
        read_match,
    )
    .await
}
