//! Mails as they are shown: those of a conversation, and the outbox of a helpdesk.

use super::{Thread, automatic, state};
use crate::ids::{ConversationId, HelpdeskId, NotificationId};
use crate::notifications::Sent;
use crate::notifications::{Listed, Mail, Recipient, State};
use db::{Error, Row, Tx};
use uuid::Uuid;

/// The latest mails of a thread that may have arrived, oldest first.
pub(in crate::notifications) async fn earlier(
    tx: &mut Tx,
    thread: &Thread,
    most: i64,
) -> Result<Vec<NotificationId>, Error> {
    let mut ids = tx
        .all(
            "SELECT id FROM notifications
             WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4
                 AND state IN ('accepted', 'uncertain')
             ORDER BY last_position DESC LIMIT $5",
            &[
                &thread.helpdesk_id,
                &thread.conversation_id,
                &thread.recipient.is_operator(),
                &thread.recipient.id(),
                &most,
            ],
            |row| row.get(0),
        )
        .await?;
    ids.reverse();
    Ok(ids)
}

/// The latest mails to the contact of a conversation, newest first.
pub(in crate::notifications) async fn mails(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    contact: Uuid,
    most: i64,
) -> Result<Vec<Mail>, Error> {
    tx.all(
        "SELECT id, state, first_position, last_position, due_at, held_until, attempt, ended_at, words, changed_by,
             acknowledged, confirming
         FROM notifications
         WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4
         ORDER BY last_position DESC LIMIT $5",
        &[&helpdesk_id, &id, &false, &contact, &most],
        |row| {
            Ok(Mail {
                id: row.get(0)?,
                state: state(row, 1)?,
                first_position: row.get(2)?,
                last_position: row.get(3)?,
                due_at: row.get(4)?,
                held_until: row.get(5)?,
                attempt: row.get(6)?,
                ended_at: row.get(7)?,
                words: row.get(8)?,
                changed_by: row.get(9)?,
                automatic: automatic(row, (10, 11))?,
            })
        },
    )
    .await
}

/// Mails about a conversation that were sent, or may have been, the newest first.
pub(in crate::notifications) async fn sent_about(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
    most: i64,
) -> Result<Vec<Sent>, Error> {
    tx.all(
        "SELECT id, to_operator, recipient_id FROM notifications
         WHERE helpdesk_id = $1 AND conversation_id = $2 ORDER BY id DESC LIMIT $3",
        &[&helpdesk_id, &conversation_id, &most],
        |row| {
            Ok(Sent {
                id: row.get(0)?,
                recipient: Recipient::of(row.get(1)?, row.get(2)?),
            })
        },
    )
    .await
}

macro_rules! outbox {
    ($where:literal) => {
        concat!(
            "SELECT n.id, n.conversation_id, n.to_operator, n.recipient_id, n.state, n.due_at, n.held_until, n.attempt,
                 n.ended_at, n.words, n.changed_by, n.created_at, c.subject,
                 COALESCE(o.email, p.email, ''), COALESCE(o.name, p.name, ''), n.acknowledged, n.confirming
             FROM notifications n
             JOIN conversations c ON c.helpdesk_id = n.helpdesk_id AND c.id = n.conversation_id
             LEFT JOIN contacts p ON p.helpdesk_id = n.helpdesk_id AND p.id = n.recipient_id
             LEFT JOIN operators o ON o.id = n.recipient_id
             WHERE n.helpdesk_id = $1 AND ",
            $where,
            "n.id < $2 ORDER BY n.id DESC LIMIT $3"
        )
    };
}

/// Mails before one, newest first.
pub(in crate::notifications) async fn listed(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    wanted: Option<State>,
    before: NotificationId,
    most: i64,
) -> Result<Vec<Listed>, Error> {
    match wanted {
        None => {
            tx.all(outbox!(""), &[&helpdesk_id, &before, &most], read_listed)
                .await
        }
        Some(wanted) => {
            let sql = outbox!("n.state = $4 AND ");
            tx.all(sql, &[&helpdesk_id, &before, &most, &wanted.name()], read_listed)
                .await
        }
    }
}

fn read_listed(row: &Row<'_>) -> Result<Listed, Error> {
    let recipient_id: Uuid = row.get(3)?;
    Ok(Listed {
        id: row.get(0)?,
        conversation_id: row.get(1)?,
        recipient: Recipient::of(row.get(2)?, recipient_id),
        state: state(row, 4)?,
        due_at: row.get(5)?,
        held_until: row.get(6)?,
        attempt: row.get(7)?,
        ended_at: row.get(8)?,
        words: row.get(9)?,
        changed_by: row.get(10)?,
        created_at: row.get(11)?,
        subject: row.get(12)?,
        address: row.get(13)?,
        name: row.get(14)?,
        automatic: automatic(row, (15, 16))?,
    })
}
