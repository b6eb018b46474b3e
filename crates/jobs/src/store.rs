//! The tables `jobs` and `job_schedules`.

use crate::Claim;
use db::{Error, Row, Tx};
use uuid::Uuid;

/// The topic of [`db::Hint`] that wakes runners: fixed, and no helpdesk's.
pub(crate) const TOPIC: Uuid = Uuid::from_u128(0x6a6f_6273_0000_8000_8000_0000_0000_0001);

/// A job that was just claimed.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) claim: Claim,
    pub(crate) kind: String,
    pub(crate) payload: String,
}

/// A job that waits for its time or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The job.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// When it may run, or when the lease of its present run ends.
    pub due_at_ms: i64,
    /// Runs so far.
    pub attempts: i64,
}

/// A job that gave up and waits for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// The job.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Runs so far.
    pub attempts: i64,
    /// What the last run said.
    pub last_error: Option<String>,
    /// When it was parked.
    pub parked_at_ms: i64,
}

pub(crate) async fn insert(
    tx: &mut Tx,
    id: Uuid,
    kind: &str,
    payload: &str,
    dedupe_key: Option<&str>,
    run_at_ms: i64,
) -> Result<bool, Error> {
    let added = tx
        .execute(
            "INSERT INTO jobs (id, kind, payload, dedupe_key, due_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (kind, dedupe_key) DO NOTHING",
            &[&id, &kind, &payload, &dedupe_key, &run_at_ms],
        )
        .await?;
    if added > 0 {
        tx.hint(TOPIC);
    }
    Ok(added > 0)
}

/// Takes up to `limit` jobs that are due, or whose runner let the lease end.
pub(crate) async fn claim(
    tx: &mut Tx,
    now_ms: i64,
    lease_until_ms: i64,
    limit: i64,
) -> Result<Vec<Claimed>, Error> {
    tx.all(
        "WITH due AS MATERIALIZED (
             SELECT id FROM jobs WHERE parked_at IS NULL AND due_at <= $1
             ORDER BY due_at LIMIT $3 /* skip locked */)
         UPDATE jobs SET fence = fence + 1, attempts = attempts + 1, due_at = $2
         WHERE id IN (SELECT id FROM due)
         RETURNING id, attempts, fence, kind, payload",
        &[&now_ms, &lease_until_ms, &limit],
        |row| {
            Ok(Claimed {
                claim: Claim {
                    id: row.get(0)?,
                    attempt: row.get(1)?,
                    fence: row.get(2)?,
                },
                kind: row.get(3)?,
                payload: row.get(4)?,
            })
        },
    )
    .await
}

/// When the next job is due or the next lease ends.
pub(crate) async fn next_due_at(tx: &mut Tx) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT due_at FROM jobs WHERE parked_at IS NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
    .await
}

/// These three return false when the claim is no longer valid.
pub(crate) async fn finish(tx: &mut Tx, claim: &Claim) -> Result<bool, Error> {
    let done = tx
        .execute(
            "DELETE FROM jobs WHERE id = $1 AND fence = $2 AND parked_at IS NULL",
            &[&claim.id, &claim.fence],
        )
        .await?;
    Ok(done > 0)
}

pub(crate) async fn renew(tx: &mut Tx, claim: &Claim, lease_until_ms: i64) -> Result<bool, Error> {
    let renewed = tx
        .execute(
            "UPDATE jobs SET due_at = $3 WHERE id = $1 AND fence = $2 AND parked_at IS NULL",
            &[&claim.id, &claim.fence, &lease_until_ms],
        )
        .await?;
    Ok(renewed > 0)
}

/// Ends the claim: the job waits for its next run, or is parked.
pub(crate) async fn give_up(tx: &mut Tx, claim: &Claim, next: Next, error: &str) -> Result<bool, Error> {
    let (due_at, parked_at) = match next {
        Next::RetryAt(at_ms) => (at_ms, None),
        Next::ParkedAt(at_ms) => (at_ms, Some(at_ms)),
    };
    let changed = tx
        .execute(
            "UPDATE jobs SET fence = fence + 1, due_at = $3, parked_at = $4, last_error = $5
             WHERE id = $1 AND fence = $2 AND parked_at IS NULL",
            &[&claim.id, &claim.fence, &due_at, &parked_at, &error],
        )
        .await?;
    if changed > 0 {
        tx.hint(TOPIC);
    }
    Ok(changed > 0)
}

/// What becomes of a job whose run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    RetryAt(i64),
    ParkedAt(i64),
}

/// The jobs that wait or run, those due first.
///
/// # Errors
/// As any statement.
pub async fn waiting(tx: &mut Tx, limit: i64) -> Result<Vec<Waiting>, Error> {
    tx.all(
        "SELECT id, kind, due_at, attempts FROM jobs WHERE parked_at IS NULL
         ORDER BY due_at LIMIT $1",
        &[&limit],
        |row| {
            Ok(Waiting {
                id: row.get(0)?,
                kind: row.get(1)?,
                due_at_ms: row.get(2)?,
                attempts: row.get(3)?,
            })
        },
    )
    .await
}

/// The jobs that gave up, those parked last first.
///
/// # Errors
/// As any statement.
pub async fn parked(tx: &mut Tx, limit: i64) -> Result<Vec<Parked>, Error> {
    tx.all(
        "SELECT id, kind, attempts, last_error, parked_at FROM jobs
         WHERE parked_at IS NOT NULL ORDER BY parked_at DESC LIMIT $1",
        &[&limit],
        |row: &Row<'_>| {
            Ok(Parked {
                id: row.get(0)?,
                kind: row.get(1)?,
                attempts: row.get(2)?,
                last_error: row.get(3)?,
                parked_at_ms: row.get(4)?,
            })
        },
    )
    .await
}

/// Lets a parked job run again, with all its attempts. Returns false when it is not parked.
///
/// # Errors
/// As any statement.
pub async fn unpark(tx: &mut Tx, id: Uuid, run_at_ms: i64) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE jobs SET parked_at = NULL, attempts = 0, due_at = $2
             WHERE id = $1 AND parked_at IS NOT NULL",
            &[&id, &run_at_ms],
        )
        .await?;
    if changed > 0 {
        tx.hint(TOPIC);
    }
    Ok(changed > 0)
}

/// Removes a parked job for good. Returns false when it is not parked.
///
/// # Errors
/// As any statement.
pub async fn discard(tx: &mut Tx, id: Uuid) -> Result<bool, Error> {
    let removed = tx
        .execute("DELETE FROM jobs WHERE id = $1 AND parked_at IS NOT NULL", &[&id])
        .await?;
    Ok(removed > 0)
}

/// When a schedule fires next; `None` when it never did.
pub(crate) async fn next_turn(tx: &mut Tx, name: &str) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT next_at FROM job_schedules WHERE name = $1",
        &[&name],
        |row| row.get(0),
    )
    .await
}

/// The same, kept from others until the end of the transaction.
pub(crate) async fn lock_turn(tx: &mut Tx, name: &str) -> Result<Option<i64>, Error> {
    tx.first(
        "UPDATE job_schedules SET next_at = next_at WHERE name = $1 RETURNING next_at",
        &[&name],
        |row| row.get(0),
    )
    .await
}

/// Sets when a schedule fires first; false when somebody else has done so.
pub(crate) async fn first_turn(tx: &mut Tx, name: &str, next_ms: i64) -> Result<bool, Error> {
    let first = tx
        .execute(
            "INSERT INTO job_schedules (name, next_at) VALUES ($1, $2)
             ON CONFLICT (name) DO NOTHING",
            &[&name, &next_ms],
        )
        .await?;
    Ok(first > 0)
}

/// Sets when a schedule fires next.
pub(crate) async fn set_turn(tx: &mut Tx, name: &str, next_ms: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE job_schedules SET next_at = $2 WHERE name = $1",
        &[&name, &next_ms],
    )
    .await?;
    Ok(())
}
