//! Whether and how a helpdesk acknowledges mail, and to whom it did lately.

use crate::ids::HelpdeskId;
use crate::notifications::Acknowledging;
use db::{Error, Row, Tx};

macro_rules! columns {
    () => {
        "is_on, subject, body, paused_until"
    };
}

pub(in crate::notifications) async fn acknowledging(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<Option<Acknowledging>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            columns!(),
            " FROM acknowledgement_settings WHERE helpdesk_id = $1"
        ),
        &[&helpdesk_id],
        read,
    )
    .await
}

/// The same where they are on, kept from others until the end of the transaction: what is counted now stays
/// true until then.
pub(in crate::notifications) async fn lock_acknowledging(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<Option<Acknowledging>, Error> {
    tx.first(
        concat!(
            "UPDATE acknowledgement_settings SET is_on = is_on WHERE helpdesk_id = $1 AND is_on = $2 RETURNING ",
            columns!()
        ),
        &[&helpdesk_id, &true],
        read,
    )
    .await
}

/// Sets them, and ends a pause.
pub(in crate::notifications) async fn put_acknowledging(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    new: &Acknowledging,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO acknowledgement_settings (helpdesk_id, is_on, subject, body) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id) DO UPDATE SET is_on = $2, subject = $3, body = $4, paused_until = 0",
        &[&helpdesk_id, &new.is_on, &new.subject, &new.text],
    )
    .await?;
    Ok(())
}

pub(in crate::notifications) async fn pause_acknowledging(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    until_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE acknowledgement_settings SET paused_until = $2 WHERE helpdesk_id = $1",
        &[&helpdesk_id, &until_ms],
    )
    .await?;
    Ok(())
}

/// When acknowledgements were made since a time, of one mailbox or of all; the newest first, at most so many.
pub(in crate::notifications) async fn acknowledged_at(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    mailbox: Option<&str>,
    since_ms: i64,
    most: i64,
) -> Result<Vec<i64>, Error> {
    match mailbox {
        Some(mailbox) => {
            tx.all(
                "SELECT created_at FROM notifications
                 WHERE helpdesk_id = $1 AND acknowledged = $2 AND acknowledged IS NOT NULL AND created_at > $3
                   AND confirming = $5 ORDER BY created_at DESC LIMIT $4",
                &[&helpdesk_id, &mailbox, &since_ms, &most, &false],
                |row| row.get(0),
            )
            .await
        }
        None => {
            tx.all(
                "SELECT created_at FROM notifications
                 WHERE helpdesk_id = $1 AND acknowledged IS NOT NULL AND created_at > $2
                   AND confirming = $4 ORDER BY created_at DESC LIMIT $3",
                &[&helpdesk_id, &since_ms, &most, &false],
                |row| row.get(0),
            )
            .await
        }
    }
}

fn read(row: &Row<'_>) -> Result<Acknowledging, Error> {
    Ok(Acknowledging {
        is_on: row.get(0)?,
        subject: row.get(1)?,
        text: row.get(2)?,
        paused_until: row.get(3)?,
    })
}
