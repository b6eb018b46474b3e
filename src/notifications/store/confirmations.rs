//! Which mailboxes were asked to confirm their address, and the mails that ask.

use crate::ids::HelpdeskId;
use db::{Error, Tx};

/// Notes that a mailbox is asked now; false when it was asked after `since`. One statement, so that two nodes do
/// not both find that it may be.
pub(in crate::notifications) async fn may_ask(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    mailbox: &str,
    (now_ms, since_ms): (i64, i64),
) -> Result<bool, Error> {
    let noted = tx
        .execute(
            "INSERT INTO confirmation_mails (helpdesk_id, mailbox, asked_at) VALUES ($1, $2, $3)
             ON CONFLICT (helpdesk_id, mailbox) DO UPDATE SET asked_at = $3
             WHERE confirmation_mails.asked_at <= $4",
            &[&helpdesk_id, &mailbox, &now_ms, &since_ms],
        )
        .await?;
    Ok(noted == 1)
}

/// How many mails asked for a confirmation since a time, counted up to a limit.
pub(in crate::notifications) async fn count_confirmations(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    since_ms: i64,
    most: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM notifications
             WHERE helpdesk_id = $1 AND acknowledged IS NOT NULL AND created_at > $2 AND confirming = $3
             LIMIT $4) AS counted",
            &[&helpdesk_id, &since_ms, &true, &most],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// Forgets which mailboxes were asked long ago.
pub(in crate::notifications) async fn forget_asked(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM confirmation_mails WHERE helpdesk_id = $1 AND asked_at < $2",
        &[&helpdesk_id, &before_ms],
    )
    .await?;
    Ok(())
}
