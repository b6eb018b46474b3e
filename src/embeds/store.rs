//! SQL of the origins that embeds called from.

use super::origins::{Refused, Seen};
use crate::ids::HelpdeskId;
use db::{Error, Tx};

/// Adds an origin, or the later times to what is known of it.
pub(super) async fn put_origin(tx: &mut Tx, helpdesk_id: HelpdeskId, seen: &Seen) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO embed_origins (helpdesk_id, origin, good_at, refused_at, refusal, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (helpdesk_id, origin) DO UPDATE SET
             good_at = COALESCE(excluded.good_at, embed_origins.good_at),
             refused_at = COALESCE(excluded.refused_at, embed_origins.refused_at),
             refusal = CASE WHEN excluded.refused_at IS NULL THEN embed_origins.refusal
                            ELSE excluded.refusal END,
             seen_at = excluded.seen_at",
        &[
            &helpdesk_id,
            &seen.origin,
            &seen.good_at,
            &seen.refused_at,
            &seen.refusal.map_or("", Refused::name),
            &seen.seen_at(),
        ],
    )
    .await?;
    Ok(())
}

/// Lets go of the oldest, apart for those that once called well and those that never did.
pub(super) async fn keep_newest_origins(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    kept: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM embed_origins WHERE helpdesk_id = $1 AND good_at IS NULL AND origin NOT IN (
             SELECT origin FROM embed_origins WHERE helpdesk_id = $1 AND good_at IS NULL
             ORDER BY seen_at DESC, origin LIMIT $2)",
        &[&helpdesk_id, &kept],
    )
    .await?;
    tx.execute(
        "DELETE FROM embed_origins WHERE helpdesk_id = $1 AND good_at IS NOT NULL AND origin NOT IN (
             SELECT origin FROM embed_origins WHERE helpdesk_id = $1 AND good_at IS NOT NULL
             ORDER BY seen_at DESC, origin LIMIT $2)",
        &[&helpdesk_id, &kept],
    )
    .await?;
    Ok(())
}

pub(super) async fn origins(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<Seen>, Error> {
    tx.all(
        "SELECT origin, good_at, refused_at, refusal FROM embed_origins WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| {
            Ok(Seen {
                origin: row.get(0)?,
                good_at: row.get(1)?,
                refused_at: row.get(2)?,
                refusal: Refused::from_name(&row.get::<String>(3)?),
            })
        },
    )
    .await
}
