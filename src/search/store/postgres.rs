//! Full text on PostgreSQL: a GIN index over the words of each document, which the database derives.

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

/// The newest documents that are looked at before the index is asked.
const NEWEST: i64 = 500;

/// Words that many documents hold are found among the newest of them; for all others the index gives
/// what there is, and that is sorted. Which of the two it is, the planner cannot know: left alone it
/// would walk through all documents to find a rare word, or gather all of them to find a common one.
/// The words asked for carry the mark of the helpdesk, so that the index alone gives its documents.
pub(super) async fn matching(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    wanted: &str,
    before: Option<i64>,
    most: i64,
) -> Result<Vec<Match>, Error> {
    let before = before.unwrap_or(i64::MAX);
    let newest = tx
        .all(
            "SELECT conversation_id, number, written_at FROM
               (SELECT conversation_id, number, written_at, vector FROM search_documents
                WHERE helpdesk_id = $1 AND number < $3 ORDER BY number DESC LIMIT $5) AS newest
             WHERE vector @@ CAST(CAST($2 AS TEXT) AS tsquery)
             ORDER BY number DESC LIMIT $4",
            &[&helpdesk_id, &wanted, &before, &most, &NEWEST],
            read_match,
        )
        .await?;
    if i64::try_from(newest.len()).is_ok_and(|found| found == most) {
        return Ok(newest);
    }
    tx.all(
        "WITH found AS MATERIALIZED
           (SELECT helpdesk_id, conversation_id, number, written_at FROM search_documents
            WHERE vector @@ CAST(CAST($2 AS TEXT) AS tsquery))
         SELECT conversation_id, number, written_at FROM found
         WHERE helpdesk_id = $1 AND number < $3 ORDER BY number DESC LIMIT $4",
        &[&helpdesk_id, &wanted, &before, &most],
        read_match,
    )
    .await
}
