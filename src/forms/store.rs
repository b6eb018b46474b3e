//! SQL of forms: their settings, and what was refused.

use super::refusals::{Refusal, reason_named};
use crate::ids::HelpdeskId;
use db::{Error, Tx};

pub(super) async fn settings(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<Option<String>, Error> {
    tx.first(
        "SELECT settings FROM contact_forms WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn put_settings(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    settings: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO contact_forms (helpdesk_id, settings, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (helpdesk_id) DO UPDATE SET settings = $2, changed_at = $3",
        &[&helpdesk_id, &settings, &now_ms],
    )
    .await?;
    Ok(())
}

/// Adds a refusal to what was counted of the same one before, under the new id.
pub(super) async fn count_refusal(tx: &mut Tx, helpdesk_id: HelpdeskId, new: &Refusal) -> Result<(), Error> {
    let before = tx
        .all(
            "DELETE FROM form_refusals
             WHERE helpdesk_id = $1 AND reason = $2 AND email = $3 AND origin = $4 AND network = $5
             RETURNING times, first_at",
            &[
                &helpdesk_id,
                &new.reason.name(),
                &new.email,
                &new.origin,
                &new.network,
            ],
            |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?)),
        )
        .await?;
    let times = new.times + before.iter().map(|(times, _)| times).sum::<i64>();
    let first_at = before.iter().fold(new.first_at, |first, (_, at)| first.min(*at));
    tx.execute(
        "INSERT INTO form_refusals (helpdesk_id, id, reason, email, origin, network, created_at, first_at, times)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &helpdesk_id,
            &new.id,
            &new.reason.name(),
            &new.email,
            &new.origin,
            &new.network,
            &new.created_at,
            &first_at,
            &times,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn keep_refusals(tx: &mut Tx, helpdesk_id: HelpdeskId, kept: i64) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM form_refusals WHERE helpdesk_id = $1 AND id NOT IN (
             SELECT id FROM form_refusals WHERE helpdesk_id = $1 ORDER BY id DESC LIMIT $2)",
        &[&helpdesk_id, &kept],
    )
    .await?;
    Ok(())
}

pub(super) async fn refusals(tx: &mut Tx, helpdesk_id: HelpdeskId, most: i64) -> Result<Vec<Refusal>, Error> {
    tx.all(
        "SELECT id, reason, email, origin, network, created_at, first_at, times FROM form_refusals
         WHERE helpdesk_id = $1 ORDER BY id DESC LIMIT $2",
        &[&helpdesk_id, &most],
        |row| {
            Ok(Refusal {
                id: row.get(0)?,
                reason: reason_named(&row.get::<String>(1)?),
                email: row.get(2)?,
                origin: row.get(3)?,
                network: row.get(4)?,
                created_at: row.get(5)?,
                first_at: row.get(6)?,
                times: row.get(7)?,
            })
        },
    )
    .await
}
