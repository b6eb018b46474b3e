//! What is due: claimed, tried and ended.

use super::{Notification, columns, of_thread, read};
use crate::ids::{HelpdeskId, NotificationId};
use crate::notifications::{State, TOPIC};
use db::{Error, Tx};
use uuid::Uuid;

/// Takes the row that has been due longest and is nobody else's right now; it looks due again at the
/// given time.
pub(in crate::notifications) async fn take_due(
    tx: &mut Tx,
    now_ms: i64,
    then_ms: i64,
) -> Result<Option<Notification>, Error> {
    tx.first(
        concat!(
            "WITH due AS MATERIALIZED (
                 SELECT helpdesk_id AS of_helpdesk, id AS of_id FROM notifications
                 WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at LIMIT 1 /* skip locked */)
             UPDATE notifications SET due_at = $2
             WHERE (helpdesk_id, id) IN (SELECT of_helpdesk, of_id FROM due)
             RETURNING ",
            columns!()
        ),
        &[&now_ms, &then_ms],
        read,
    )
    .await
}

/// When the next row is due.
pub(in crate::notifications) async fn next_due(tx: &mut Tx) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT due_at FROM notifications WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
    .await
}

/// Until when this row has to wait for another of its thread: one that is being sent, or an earlier
/// one that will be tried again. No answer waits for an acknowledgement.
pub(in crate::notifications) async fn blocked_until(
    tx: &mut Tx,
    of: &Notification,
) -> Result<Option<i64>, Error> {
    tx.first(
        concat!(
            "SELECT due_at FROM notifications WHERE ",
            of_thread!(),
            " AND id <> $5 AND due_at IS NOT NULL AND acknowledged IS NULL
              AND (state = 'sending' OR (state = 'retrying' AND first_position < $6))
              ORDER BY due_at DESC LIMIT 1"
        ),
        &[
            &of.thread.helpdesk_id,
            &of.thread.conversation_id,
            &of.thread.recipient.is_operator(),
            &of.thread.recipient.id(),
            &of.id,
            &of.first_position,
        ],
        |row| row.get(0),
    )
    .await
}

/// Puts a row off.
pub(in crate::notifications) async fn put_off(
    tx: &mut Tx,
    of: &Notification,
    due_at: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET due_at = $3 WHERE helpdesk_id = $1 AND id = $2",
        &[&of.thread.helpdesk_id, &of.id, &due_at],
    )
    .await?;
    Ok(())
}

/// Begins an attempt of a node at a row that was taken: it carries messages up to a position, and its
/// lease ends at a time.
pub(in crate::notifications) async fn begin_attempt(
    tx: &mut Tx,
    of: &Notification,
    last_position: i64,
    node_id: Option<Uuid>,
    (now_ms, lease_until): (i64, i64),
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET state = 'sending', attempt = attempt + 1, fence = fence + 1, last_position = $3,
             first_tried_at = COALESCE(first_tried_at, $4), due_at = $5, claimed_by = $6
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &of.thread.helpdesk_id,
            &of.id,
            &last_position,
            &now_ms,
            &lease_until,
            &node_id,
        ],
    )
    .await?;
    Ok(())
}

/// Ends the leases of all attempts of a node; how many those were.
pub(in crate::notifications) async fn end_leases(
    tx: &mut Tx,
    node_id: Uuid,
    now_ms: i64,
) -> Result<u64, Error> {
    let ended = tx
        .execute(
            "UPDATE notifications SET due_at = $2 WHERE due_at > $2 AND state = 'sending' AND claimed_by = $1",
            &[&node_id, &now_ms],
        )
        .await?;
    tx.hint(TOPIC);
    Ok(ended)
}

/// One row, kept from others until the end of the transaction.
pub(in crate::notifications) async fn lock(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: NotificationId,
) -> Result<Option<Notification>, Error> {
    tx.first(
        concat!(
            "UPDATE notifications SET state = state WHERE helpdesk_id = $1 AND id = $2 RETURNING ",
            columns!()
        ),
        &[&helpdesk_id, &id],
        read,
    )
    .await
}

/// Ends a row. What waited for it in its thread is due when its own hold or back-off ends.
pub(in crate::notifications) async fn end(
    tx: &mut Tx,
    of: &Notification,
    state: State,
    (words, changed_by): (&str, &str),
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET state = $3, due_at = NULL, words = $4, changed_by = $5, ended_at = $6
         WHERE helpdesk_id = $1 AND id = $2",
        &[
            &of.thread.helpdesk_id,
            &of.id,
            &state.name(),
            &words,
            &changed_by,
            &now_ms,
        ],
    )
    .await?;
    tx.execute(
        concat!(
            "UPDATE notifications SET due_at = held_until WHERE ",
            of_thread!(),
            " AND state IN ('held', 'retrying')"
        ),
        &[
            &of.thread.helpdesk_id,
            &of.thread.conversation_id,
            &of.thread.recipient.is_operator(),
            &of.thread.recipient.id(),
        ],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}

/// Lets a row be tried again at a time. A fresh start forgets when the first attempt was; claims of
/// before can report nothing any more.
pub(in crate::notifications) async fn try_again(
    tx: &mut Tx,
    of: &Notification,
    due_at: i64,
    words: &str,
    fresh: bool,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET state = 'retrying', due_at = $3, held_until = $3, words = $4, fence = fence + 1, ended_at = NULL,
             first_tried_at = CASE WHEN $5 THEN NULL ELSE first_tried_at END
         WHERE helpdesk_id = $1 AND id = $2",
        &[&of.thread.helpdesk_id, &of.id, &due_at, &words, &fresh],
    )
    .await?;
    tx.hint(TOPIC);
    Ok(())
}
