//! SQL of forwarding addresses and API keys, and of whether an address has a mailbox.

use super::keys::ApiKey;
use crate::ids::{EntryId, HelpdeskId};
use db::{Error, Tx};

pub(super) async fn helpdesks(tx: &mut Tx) -> Result<Vec<HelpdeskId>, Error> {
    tx.all("SELECT id FROM helpdesks", &[], |row| row.get(0)).await
}

pub(super) async fn helpdesk_name(tx: &mut Tx, id: HelpdeskId) -> Result<Option<String>, Error> {
    tx.first("SELECT name FROM helpdesks WHERE id = $1", &[&id], |row| {
        row.get(0)
    })
    .await
}

/// True when a mailbox that is not paused has this address as its user.
pub(super) async fn is_fetched(tx: &mut Tx, helpdesk_id: HelpdeskId, address: &str) -> Result<bool, Error> {
    let users: Vec<String> = tx
        .all(
            "SELECT user_name FROM mailboxes WHERE helpdesk_id = $1 AND paused_at IS NULL",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(users.iter().any(|user| user.eq_ignore_ascii_case(address)))
}

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

pub(super) async fn insert_key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    key: &ApiKey,
    hash: [u8; 32],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO api_keys (key_hash, helpdesk_id, id, name, ending, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        &[
            &hash,
            &helpdesk_id,
            &key.id,
            &key.name,
            &key.ending,
            &key.created_at,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn keys(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<ApiKey>, Error> {
    tx.all(
        "SELECT id, name, ending, created_at, last_used_at FROM api_keys WHERE helpdesk_id = $1 ORDER BY id DESC",
        &[&helpdesk_id],
        |row| {
            Ok(ApiKey {
                id: row.get(0)?,
                name: row.get(1)?,
                ending: row.get(2)?,
                created_at: row.get(3)?,
                last_used_at: row.get(4)?,
            })
        },
    )
    .await
}

/// The name of the key that was removed.
pub(super) async fn delete_key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: EntryId,
) -> Result<Option<String>, Error> {
    tx.first(
        "DELETE FROM api_keys WHERE helpdesk_id = $1 AND id = $2 RETURNING name",
        &[&helpdesk_id, &id],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn key(tx: &mut Tx, hash: [u8; 32]) -> Result<Option<(HelpdeskId, Option<i64>)>, Error> {
    tx.first(
        "SELECT helpdesk_id, last_used_at FROM api_keys WHERE key_hash = $1",
        &[&hash],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

pub(super) async fn note_use(tx: &mut Tx, hash: [u8; 32], now_ms: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE api_keys SET last_used_at = $2 WHERE key_hash = $1",
        &[&hash, &now_ms],
    )
    .await?;
    Ok(())
}
