//! How long mails are held, which operators want them, which contacts cannot have them.

use crate::ids::{ContactId, HelpdeskId, OperatorId};
use crate::notifications::{Holds, Refusal};
use crate::operators::Operator;
use db::{Error, Row, Tx};

pub(in crate::notifications) async fn holds(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<Option<Holds>, Error> {
    tx.first(
        "SELECT contact_hold_seconds, operator_hold_seconds FROM notification_settings WHERE helpdesk_id = $1",
        &[&helpdesk_id],
        |row| {
            Ok(Holds {
                contact_seconds: row.get(0)?,
                operator_seconds: row.get(1)?,
            })
        },
    )
    .await
}

pub(in crate::notifications) async fn set_holds(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    holds: Holds,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_settings (helpdesk_id, contact_hold_seconds, operator_hold_seconds)
         VALUES ($1, $2, $3)
         ON CONFLICT (helpdesk_id) DO UPDATE SET contact_hold_seconds = $2, operator_hold_seconds = $3",
        &[&helpdesk_id, &holds.contact_seconds, &holds.operator_seconds],
    )
    .await?;
    Ok(())
}

pub(in crate::notifications) async fn quotes_history(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT quotes_history FROM notification_settings WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(found.unwrap_or(false))
}

pub(in crate::notifications) async fn set_quotes_history(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    quotes: bool,
    usual: Holds,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_settings (helpdesk_id, contact_hold_seconds, operator_hold_seconds, quotes_history)
         VALUES ($1, $2, $3, $4) ON CONFLICT (helpdesk_id) DO UPDATE SET quotes_history = $4",
        &[&helpdesk_id, &usual.contact_seconds, &usual.operator_seconds, &quotes],
    )
    .await?;
    Ok(())
}

pub(in crate::notifications) async fn keeps_copies(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT keeps_copies FROM notification_settings WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(found.unwrap_or(false))
}

pub(in crate::notifications) async fn set_keeps_copies(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    keeps: bool,
    usual: Holds,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_settings (helpdesk_id, contact_hold_seconds, operator_hold_seconds, keeps_copies)
         VALUES ($1, $2, $3, $4) ON CONFLICT (helpdesk_id) DO UPDATE SET keeps_copies = $4",
        &[&helpdesk_id, &usual.contact_seconds, &usual.operator_seconds, &keeps],
    )
    .await?;
    Ok(())
}

pub(in crate::notifications) async fn is_switched_on(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT is_on FROM notification_switches WHERE helpdesk_id = $1 AND operator_id = $2",
            &[&helpdesk_id, &operator_id],
            |row| row.get(0),
        )
        .await?;
    Ok(found.unwrap_or(true))
}

pub(in crate::notifications) async fn set_switch(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    is_on: bool,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_switches (helpdesk_id, operator_id, is_on) VALUES ($1, $2, $3)
         ON CONFLICT (helpdesk_id, operator_id) DO UPDATE SET is_on = $3",
        &[&helpdesk_id, &operator_id, &is_on],
    )
    .await?;
    Ok(())
}

/// Members who want mails; of one who is assigned, only they.
pub(in crate::notifications) async fn wanted_operators(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    assignee_id: Option<OperatorId>,
) -> Result<Vec<OperatorId>, Error> {
    let wanted = tx
        .all(
            "SELECT m.operator_id FROM members m
             LEFT JOIN notification_switches s ON s.helpdesk_id = m.helpdesk_id AND s.operator_id = m.operator_id
             WHERE m.helpdesk_id = $1 AND COALESCE(s.is_on, TRUE) ORDER BY m.operator_id",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(wanted
        .into_iter()
        .filter(|id| assignee_id.is_none_or(|assignee_id| assignee_id == *id))
        .collect())
}

/// An operator who is a member and wants mails.
pub(in crate::notifications) async fn operator(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
) -> Result<Option<Operator>, Error> {
    tx.first(
        "SELECT o.id, o.email, o.name FROM members m JOIN operators o ON o.id = m.operator_id
         LEFT JOIN notification_switches s ON s.helpdesk_id = m.helpdesk_id AND s.operator_id = m.operator_id
         WHERE m.helpdesk_id = $1 AND m.operator_id = $2 AND COALESCE(s.is_on, TRUE)",
        &[&helpdesk_id, &operator_id],
        |row| {
            Ok(Operator {
                id: row.get(0)?,
                email: row.get(1)?,
                name: row.get(2)?,
            })
        },
    )
    .await
}

pub(in crate::notifications) async fn refusal(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
) -> Result<Option<Refusal>, Error> {
    let found = tx
        .first(
            "SELECT unsubscribed_at, bad_since, bad_words FROM notification_refusals
             WHERE helpdesk_id = $1 AND contact_id = $2",
            &[&helpdesk_id, &contact_id],
            read_refusal,
        )
        .await?;
    Ok(found.flatten())
}

fn read_refusal(row: &Row<'_>) -> Result<Option<Refusal>, Error> {
    let (unsubscribed_at, bad_since): (Option<i64>, Option<i64>) = (row.get(0)?, row.get(1)?);
    let words: String = row.get(2)?;
    let bad = bad_since.map(|since| Refusal::BadAddress { since, words });
    Ok(bad.or(unsubscribed_at.map(|since| Refusal::Unsubscribed { since })))
}

pub(in crate::notifications) async fn mark_bad(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    words: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_refusals (helpdesk_id, contact_id, bad_since, bad_words) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, contact_id) DO UPDATE SET bad_since = $3, bad_words = $4",
        &[&helpdesk_id, &contact_id, &now_ms, &words],
    )
    .await?;
    Ok(())
}

/// False when the address was not marked.
pub(in crate::notifications) async fn unmark_bad(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE notification_refusals SET bad_since = NULL, bad_words = ''
             WHERE helpdesk_id = $1 AND contact_id = $2 AND bad_since IS NOT NULL",
            &[&helpdesk_id, &contact_id],
        )
        .await?;
    Ok(changed == 1)
}

/// The first time stays, however often somebody asks; nothing takes it back to a time.
pub(in crate::notifications) async fn set_unsubscribed(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    at_ms: Option<i64>,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO notification_refusals (helpdesk_id, contact_id, unsubscribed_at) VALUES ($1, $2, $3)
         ON CONFLICT (helpdesk_id, contact_id) DO UPDATE SET unsubscribed_at = CASE
             WHEN $3 IS NULL THEN NULL ELSE COALESCE(notification_refusals.unsubscribed_at, $3) END",
        &[&helpdesk_id, &contact_id, &at_ms],
    )
    .await?;
    Ok(())
}
