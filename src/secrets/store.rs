//! SQL of secrets and failed verifications.

use super::Secret;
use super::diagnosis::Cause;
use super::failures::Failure;
use crate::ids::{HelpdeskId, SecretId};
use db::{Error, Row, Tx};

pub(super) struct Sealed {
    pub(super) secret: Secret,
    pub(super) sealed: Vec<u8>,
}

pub(super) async fn insert(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    secret: &Secret,
    sealed: &[u8],
) -> Result<(), Error> {
    // Touching the helpdesk keeps two generations at once apart on PostgreSQL.
    tx.execute(
        "UPDATE helpdesks SET version = version + 1 WHERE id = $1",
        &[&helpdesk_id],
    )
    .await?;
    tx.execute(
        "INSERT INTO secrets (helpdesk_id, id, sealed, fingerprint, created_at) VALUES ($1, $2, $3, $4, $5)",
        &[
            &helpdesk_id,
            &secret.id,
            &sealed,
            &secret.fingerprint,
            &secret.created_at,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn count_live(tx: &mut Tx, helpdesk_id: HelpdeskId, now_ms: i64) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM secrets WHERE helpdesk_id = $1 AND (revoke_at IS NULL OR revoke_at > $2)",
            &[&helpdesk_id, &now_ms],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

pub(super) async fn all(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<Secret>, Error> {
    let sealed = sealed(tx, helpdesk_id).await?;
    Ok(sealed.into_iter().rev().map(|sealed| sealed.secret).collect())
}

/// All secrets, oldest first.
pub(super) async fn sealed(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Vec<Sealed>, Error> {
    tx.all(
        "SELECT id, fingerprint, created_at, last_used_at, revoke_at, sealed FROM secrets
         WHERE helpdesk_id = $1 ORDER BY created_at, id",
        &[&helpdesk_id],
        read,
    )
    .await
}

pub(super) async fn sealed_live(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    now_ms: i64,
) -> Result<Vec<Sealed>, Error> {
    let mut sealed = sealed(tx, helpdesk_id).await?;
    sealed.retain(|sealed| sealed.secret.is_live(now_ms));
    Ok(sealed)
}

fn read(row: &Row<'_>) -> Result<Sealed, Error> {
    Ok(Sealed {
        secret: Secret {
            id: row.get(0)?,
            fingerprint: row.get(1)?,
            created_at: row.get(2)?,
            last_used_at: row.get(3)?,
            revoke_at: row.get(4)?,
        },
        sealed: row.get(5)?,
    })
}

/// Sets or takes away the end of a live secret; its fingerprint, if there is such a one.
pub(super) async fn set_end(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: SecretId,
    at_ms: Option<i64>,
    now_ms: i64,
) -> Result<Option<String>, Error> {
    tx.first(
        "UPDATE secrets SET revoke_at = $3
         WHERE helpdesk_id = $1 AND id = $2 AND (revoke_at IS NULL OR revoke_at > $4) RETURNING fingerprint",
        &[&helpdesk_id, &id, &at_ms, &now_ms],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn note_use(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: SecretId,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE secrets SET last_used_at = $3 WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id, &now_ms],
    )
    .await?;
    Ok(())
}

/// Adds a failure to what was counted of the same one before, under the new id.
pub(super) async fn count_failure(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    failure: &Failure,
) -> Result<(), Error> {
    let before = tx
        .all(
            "DELETE FROM verification_failures
             WHERE helpdesk_id = $1 AND cause = $2 AND email = $3 AND origin = $4
             RETURNING times, COALESCE(first_at, created_at)",
            &[
                &helpdesk_id,
                &failure.cause.name(),
                &failure.email,
                &failure.origin,
            ],
            |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
        )
        .await?;
    let times = failure.times + before.iter().map(|(times, _)| times).sum::<i64>();
    let first_at = before
        .iter()
        .fold(failure.first_at, |first, (_, at)| first.min(*at));
    tx.execute(
        "INSERT INTO verification_failures (helpdesk_id, id, cause, email, origin, created_at, first_at, times)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &helpdesk_id,
            &failure.id,
            &failure.cause.name(),
            &failure.email,
            &failure.origin,
            &failure.created_at,
            &first_at,
            &times,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn keep_failures(tx: &mut Tx, helpdesk_id: HelpdeskId, kept: i64) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM verification_failures WHERE helpdesk_id = $1 AND id NOT IN (
             SELECT id FROM verification_failures WHERE helpdesk_id = $1 ORDER BY id DESC LIMIT $2)",
        &[&helpdesk_id, &kept],
    )
    .await?;
    Ok(())
}

pub(super) async fn failures(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<Failure>, Error> {
    tx.all(
        "SELECT id, cause, email, origin, created_at, COALESCE(first_at, created_at), times
         FROM verification_failures
         WHERE helpdesk_id = $1 ORDER BY id DESC LIMIT $2",
        &[&helpdesk_id, &most],
        |row| {
            Ok(Failure {
                id: row.get(0)?,
                cause: Cause::from_name(&row.get::<String>(1)?),
                email: row.get(2)?,
                origin: row.get(3)?,
                created_at: row.get(4)?,
                first_at: row.get(5)?,
                times: row.get(6)?,
            })
        },
    )
    .await
}
