//! SQL of the audit log.

use super::{Entry, Filter, Recorded};
use crate::ids::{EntryId, HelpdeskId};
use db::{Error, Row, Tx};

pub(super) async fn insert(tx: &mut Tx, entry: &Entry, detail: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO audit_entries (helpdesk_id, id, actor, action, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &entry.helpdesk_id,
            &entry.id,
            &entry.by.0,
            &entry.action,
            &detail,
            &entry.created_at,
        ],
    )
    .await?;
    Ok(())
}

macro_rules! entries {
    ($where:literal) => {
        concat!(
            "SELECT id, actor, action, detail, created_at FROM audit_entries WHERE helpdesk_id = $1 AND ",
            $where,
            "id < $2 ORDER BY id DESC LIMIT $3"
        )
    };
}

/// Entries before one, newest first.
pub(super) async fn entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    filter: &Filter,
    before: EntryId,
    most: i64,
) -> Result<Vec<Recorded>, Error> {
    match (&filter.actor, &filter.action) {
        (None, None) => {
            tx.all(entries!(""), &[&helpdesk_id, &before, &most], read_entry)
                .await
        }
        (Some(actor), None) => {
            let sql = entries!("actor = $4 AND ");
            tx.all(sql, &[&helpdesk_id, &before, &most, actor], read_entry)
                .await
        }
        (None, Some(action)) => {
            let sql = entries!("action = $4 AND ");
            tx.all(sql, &[&helpdesk_id, &before, &most, action], read_entry)
                .await
        }
        (Some(actor), Some(action)) => {
            let sql = entries!("actor = $4 AND action = $5 AND ");
            tx.all(sql, &[&helpdesk_id, &before, &most, actor, action], read_entry)
                .await
        }
    }
}

/// Who stands in the log, each name once: goes from name to name through the index.
pub(super) async fn actors(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<String>, Error> {
    tx.all(
        "WITH RECURSIVE found (name) AS (
             SELECT MIN(actor) FROM audit_entries WHERE helpdesk_id = $1
             UNION ALL
             SELECT (SELECT MIN(actor) FROM audit_entries WHERE helpdesk_id = $1 AND actor > found.name)
             FROM found WHERE found.name IS NOT NULL
         ) SELECT name FROM found WHERE name IS NOT NULL LIMIT $2",
        &[&helpdesk_id, &most],
        |row| row.get(0),
    )
    .await
}

/// What stands in the log, each kind of action once.
pub(super) async fn actions(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<String>, Error> {
    tx.all(
        "WITH RECURSIVE found (name) AS (
             SELECT MIN(action) FROM audit_entries WHERE helpdesk_id = $1
             UNION ALL
             SELECT (SELECT MIN(action) FROM audit_entries WHERE helpdesk_id = $1 AND action > found.name)
             FROM found WHERE found.name IS NOT NULL
         ) SELECT name FROM found WHERE name IS NOT NULL LIMIT $2",
        &[&helpdesk_id, &most],
        |row| row.get(0),
    )
    .await
}

fn read_entry(row: &Row<'_>) -> Result<Recorded, Error> {
    Ok(Recorded {
        id: row.get(0)?,
        actor: row.get(1)?,
        action: row.get(2)?,
        detail: row.get(3)?,
        created_at: row.get(4)?,
    })
}
