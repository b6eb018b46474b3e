//! SQL of forwarding addresses.

use crate::ids::HelpdeskId;
use db::{Error, Tx};

type Stored = (String, i64, Option<i64>);

/// Those that work: what stands before the @, when it was made, and until when it works. The current one
/// first.
pub(super) async fn of_helpdesk(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    now_ms: i64,
) -> Result<Vec<Stored>, Error> {
    tx.all(
        "SELECT local, created_at, ends_at FROM forwarding_addresses
         WHERE helpdesk_id = $1 AND (ends_at IS NULL OR ends_at > $2) ORDER BY CASE WHEN ends_at IS NULL THEN 0 ELSE 1 END, created_at DESC, local",
        &[&helpdesk_id, &now_ms],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
    .await
}

/// Makes one the current address unless there is one.
pub(super) async fn insert_first(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    local: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO forwarding_addresses (local, helpdesk_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (helpdesk_id) WHERE ends_at IS NULL DO NOTHING",
        &[&local, &helpdesk_id, &now_ms],
    )
    .await?;
    Ok(())
}

pub(super) async fn end_current(tx: &mut Tx, helpdesk_id: HelpdeskId, ends_at: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE forwarding_addresses SET ends_at = $2 WHERE helpdesk_id = $1 AND ends_at IS NULL",
        &[&helpdesk_id, &ends_at],
    )
    .await?;
    Ok(())
}

/// Whose address this is, while it works.
pub(super) async fn owner(tx: &mut Tx, local: &str, now_ms: i64) -> Result<Option<HelpdeskId>, Error> {
    tx.first(
        "SELECT helpdesk_id FROM forwarding_addresses WHERE local = $1 AND (ends_at IS NULL OR ends_at > $2)",
        &[&local, &now_ms],
        |row| row.get(0),
    )
    .await
}
