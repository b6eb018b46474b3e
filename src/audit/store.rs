//! SQL of the audit log.

use super::Entry;
use db::{Error, Tx};

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
