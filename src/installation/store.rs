//! SQL of the installation's one row.

use db::{Error, Tx};

pub(crate) async fn remember_key_check(tx: &mut Tx, check: &[u8], now_ms: i64) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO installation (id, key_check, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
        &[&check, &now_ms],
    )
    .await?;
    Ok(())
}

pub(crate) async fn key_check(tx: &mut Tx) -> Result<Option<Vec<u8>>, Error> {
    tx.first("SELECT key_check FROM installation WHERE id = 1", &[], |row| {
        row.get(0)
    })
    .await
}

/// Keeps other transactions that do the same waiting until this one has ended.
pub(crate) async fn lock(tx: &mut Tx) -> Result<(), Error> {
    tx.execute(
        "UPDATE installation SET created_at = created_at WHERE id = 1",
        &[],
    )
    .await?;
    Ok(())
}
