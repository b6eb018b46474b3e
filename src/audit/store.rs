//! SQL of the audit log.

use crate::ids::{EntryId, HelpdeskId};
use db::{Error, Tx};

pub(super) async fn insert(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: EntryId,
    actor: &str,
    action: &str,
    detail: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO audit_entries (helpdesk_id, id, actor, action, detail, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        &[&helpdesk_id, &id, &actor, &action, &detail, &now_ms],
    )
    .await?;
    Ok(())
}
