//! What is held: how events are followed into rows, and what takes rows back.

use super::{Thread, of_thread, state};
use crate::ids::{ContactId, ConversationId, HelpdeskId, NotificationId};
use crate::notifications::{Automatic, State, TOPIC};
use db::{Error, Tx};

/// Helpdesks in which something happened since.
pub(in crate::notifications) async fn behind(tx: &mut Tx) -> Result<Vec<HelpdeskId>, Error> {
    tx.all(
        "SELECT e.helpdesk_id FROM event_counters e
         LEFT JOIN notification_cursors n ON n.helpdesk_id = e.helpdesk_id
         WHERE e.last_number > COALESCE(n.last_number, 0)",
        &[],
        |row| row.get(0),
    )
    .await
}

/// Up to which event a helpdesk was followed.
pub(in crate::notifications) async fn cursor(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<i64, Error> {
    let found = tx
        .first(
            "SELECT last_number FROM notification_cursors WHERE helpdesk_id = $1",
            &[&helpdesk_id],
            |row| row.get(0),
        )
        .await?;
    Ok(found.unwrap_or(0))
}

/// Goes on from one event to another; false when somebody else has done so.
pub(in crate::notifications) async fn advance(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    from: i64,
    to: i64,
) -> Result<bool, Error> {
    tx.execute(
        "INSERT INTO notification_cursors (helpdesk_id, last_number) VALUES ($1, 0)
         ON CONFLICT (helpdesk_id) DO NOTHING",
        &[&helpdesk_id],
    )
    .await?;
    let changed = tx
        .execute(
            "UPDATE notification_cursors SET last_number = $3 WHERE helpdesk_id = $1 AND last_number = $2",
            &[&helpdesk_id, &from, &to],
        )
        .await?;
    Ok(changed == 1)
}

/// The row of this thread that is held, kept from others until the end of the transaction, and from which
/// message to which it goes.
pub(in crate::notifications) async fn hold(
    tx: &mut Tx,
    thread: &Thread,
) -> Result<Option<(NotificationId, i64, i64)>, Error> {
    tx.first(
        concat!(
            "UPDATE notifications SET last_position = last_position WHERE ",
            of_thread!(),
            " AND state = 'held' AND acknowledged IS NULL RETURNING id, first_position, last_position"
        ),
        &[
            &thread.helpdesk_id,
            &thread.conversation_id,
            &thread.recipient.is_operator(),
            &thread.recipient.id(),
        ],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
    .await
}

/// The last message that a row of this thread covers.
pub(in crate::notifications) async fn last_covered(tx: &mut Tx, thread: &Thread) -> Result<i64, Error> {
    let last = tx
        .first(
            concat!(
                "SELECT last_position FROM notifications WHERE ",
                of_thread!(),
                " ORDER BY last_position DESC LIMIT 1"
            ),
            &[
                &thread.helpdesk_id,
                &thread.conversation_id,
                &thread.recipient.is_operator(),
                &thread.recipient.id(),
            ],
            |row| row.get(0),
        )
        .await?;
    Ok(last.unwrap_or(0))
}

/// A row to be held.
#[derive(Clone, Copy, Debug)]
pub(in crate::notifications) struct New {
    pub(in crate::notifications) thread: Thread,
    pub(in crate::notifications) id: NotificationId,
    pub(in crate::notifications) first_position: i64,
    pub(in crate::notifications) last_position: i64,
    pub(in crate::notifications) held_until: i64,
    pub(in crate::notifications) now_ms: i64,
}

/// Holds a new row; false when the thread has one that is held.
pub(in crate::notifications) async fn insert(tx: &mut Tx, new: &New) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state,
                 first_position, last_position, held_until, due_at, created_at)
             VALUES ($1, $2, $3, $4, $5, 'held', $6, $7, $8, $8, $9) ON CONFLICT DO NOTHING",
            &[
                &new.thread.helpdesk_id,
                &new.id,
                &new.thread.conversation_id,
                &new.thread.recipient.is_operator(),
                &new.thread.recipient.id(),
                &new.first_position,
                &new.last_position,
                &new.held_until,
                &new.now_ms,
            ],
        )
        .await?;
    tx.hint(TOPIC);
    Ok(inserted == 1)
}

/// Adds a message to a held row, whose time stays.
pub(in crate::notifications) async fn extend(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: NotificationId,
    last_position: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET last_position = $3 WHERE helpdesk_id = $1 AND id = $2 AND state = 'held'",
        &[&helpdesk_id, &id, &last_position],
    )
    .await?;
    Ok(())
}

/// Ends the hold, or the back-off, of what waits in this thread; how many rows that were.
pub(in crate::notifications) async fn hasten(tx: &mut Tx, thread: &Thread, at_ms: i64) -> Result<u64, Error> {
    let changed = tx
        .execute(
            concat!(
                "UPDATE notifications SET due_at = CASE WHEN due_at > $5 THEN $5 ELSE due_at END,
                     held_until = CASE WHEN held_until > $5 THEN $5 ELSE held_until END
                 WHERE ",
                of_thread!(),
                " AND state IN ('held', 'retrying') AND acknowledged IS NULL"
            ),
            &[
                &thread.helpdesk_id,
                &thread.conversation_id,
                &thread.recipient.is_operator(),
                &thread.recipient.id(),
                &at_ms,
            ],
        )
        .await?;
    tx.hint(TOPIC);
    Ok(changed)
}

/// Rows of a conversation's operators that are held: from which message to which, and until when.
pub(in crate::notifications) async fn held_for_operators(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Vec<(i64, i64, i64)>, Error> {
    tx.all(
        "SELECT first_position, last_position, held_until FROM notifications
         WHERE helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND state = 'held'
             AND acknowledged IS NULL",
        &[&helpdesk_id, &id, &true],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )
    .await
}

/// A mail to a contact that is due at once and carries no message, counted for a mailbox; nothing happens when
/// the conversation has such a one.
pub(in crate::notifications) async fn insert_automatic(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (id, does): (NotificationId, Automatic),
    (conversation_id, contact_id): (ConversationId, ContactId),
    mailbox: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let confirming = does == Automatic::Confirms;
    tx.execute(
        "INSERT INTO notifications (helpdesk_id, id, conversation_id, to_operator, recipient_id, state,
             first_position, last_position, held_until, due_at, created_at, acknowledged, confirming)
         VALUES ($1, $2, $3, $4, $5, 'held', 0, 0, $6, $6, $6, $7, $8) ON CONFLICT DO NOTHING",
        &[
            &helpdesk_id,
            &id,
            &conversation_id,
            &false,
            &contact_id,
            &now_ms,
            &mailbox,
            &confirming,
        ],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}

/// The latest row of this thread, if somebody took it back.
pub(in crate::notifications) async fn taken_back(
    tx: &mut Tx,
    thread: &Thread,
) -> Result<Option<NotificationId>, Error> {
    let latest: Option<(NotificationId, State, String)> = tx
        .first(
            concat!(
                "SELECT id, state, changed_by FROM notifications WHERE ",
                of_thread!(),
                " AND acknowledged IS NULL ORDER BY last_position DESC LIMIT 1"
            ),
            &[
                &thread.helpdesk_id,
                &thread.conversation_id,
                &thread.recipient.is_operator(),
                &thread.recipient.id(),
            ],
            |row| Ok((row.get(0)?, state(row, 1)?, row.get(2)?)),
        )
        .await?;
    Ok(latest
        .filter(|(_, state, by)| *state == State::Cancelled && !by.is_empty())
        .map(|(id, ..)| id))
}

/// Holds a row again that was taken back, until the end of its hold or until now; false when it was
/// not, or another of its thread is held meanwhile.
pub(in crate::notifications) async fn hold_again(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: NotificationId,
    now_ms: i64,
) -> Result<bool, Error> {
    let changed = tx
        .execute(
            "UPDATE notifications SET state = 'held', words = '', changed_by = '', ended_at = NULL,
                 due_at = CASE WHEN held_until > $3 THEN held_until ELSE $3 END
             WHERE helpdesk_id = $1 AND id = $2 AND state = 'cancelled'",
            &[&helpdesk_id, &id, &now_ms],
        )
        .await?;
    tx.hint(TOPIC);
    Ok(changed == 1)
}

/// Takes back some of what a helpdesk holds; how many rows that were.
pub(in crate::notifications) async fn cancel_some(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (words, changed_by): (&str, &str),
    now_ms: i64,
    most: i64,
) -> Result<u64, Error> {
    tx.execute(
        "UPDATE notifications SET state = 'cancelled', due_at = NULL, words = $2, changed_by = $3, ended_at = $4
         WHERE helpdesk_id = $1 AND state = 'held' AND id IN (
             SELECT id FROM notifications WHERE helpdesk_id = $1 AND state = 'held' ORDER BY id LIMIT $5)",
        &[&helpdesk_id, &words, &changed_by, &now_ms, &most],
    )
    .await
}

/// Forgets mails to operators that ended in this state and were made before a time.
pub(in crate::notifications) async fn delete_ended(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    state: State,
    made_before: NotificationId,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM notifications WHERE helpdesk_id = $1 AND state = $2 AND id < $3 AND to_operator = $4",
        &[&helpdesk_id, &state.name(), &made_before, &true],
    )
    .await?;
    Ok(())
}
