//! SQL of notifications: here what is held and claimed; what is shown, acknowledgements, settings and
//! refusals in files of their own.

mod acknowledgements;
mod confirmations;
mod lists;
mod settings;

pub(super) use acknowledgements::{
    acknowledged_at, acknowledging, insert_acknowledgement, lock_acknowledging, pause_acknowledging,
    put_acknowledging,
};
pub(super) use confirmations::{count_confirmations, forget_asked, insert_confirmation, may_ask};
pub(super) use lists::{earlier, listed, mails, sent_about};
pub(super) use settings::{
    holds, is_switched_on, keeps_copies, mark_bad, operator, quotes_history, refusal, set_holds,
    set_keeps_copies, set_quotes_history, set_switch, set_unsubscribed, unmark_bad, wanted_operators,
};

use super::{Recipient, State, TOPIC};
use crate::ids::{ConversationId, HelpdeskId, NotificationId};
use db::{Error, Row, Tx};
use uuid::Uuid;

/// Which mails belong together: those of one recipient about one conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thread {
    pub(super) helpdesk_id: HelpdeskId,
    pub(super) conversation_id: ConversationId,
    pub(super) recipient: Recipient,
}

/// A row that waits, is being sent, or has ended.
#[derive(Clone, Debug)]
pub(super) struct Notification {
    pub(super) thread: Thread,
    pub(super) id: NotificationId,
    pub(super) state: State,
    pub(super) first_position: i64,
    pub(super) last_position: i64,
    pub(super) attempt: i64,
    pub(super) fence: i64,
    pub(super) first_tried_at: Option<i64>,
    pub(super) created_at: i64,
    /// It carries no message, and says that a mail has come in.
    pub(super) is_acknowledgement: bool,
    /// Of these, one that asks to confirm an address.
    pub(super) is_confirmation: bool,
}

macro_rules! columns {
    () => {
        "helpdesk_id, id, conversation_id, to_operator, recipient_id, state, first_position, last_position, \
         attempt, fence, first_tried_at, created_at, acknowledged, confirming"
    };
}

macro_rules! of_thread {
    () => {
        "helpdesk_id = $1 AND conversation_id = $2 AND to_operator = $3 AND recipient_id = $4"
    };
}

/// Helpdesks in which something happened since.
pub(super) async fn behind(tx: &mut Tx) -> Result<Vec<HelpdeskId>, Error> {
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
pub(super) async fn cursor(tx: &mut Tx, helpdesk_id: HelpdeskId) -> Result<i64, Error> {
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
pub(super) async fn advance(tx: &mut Tx, helpdesk_id: HelpdeskId, from: i64, to: i64) -> Result<bool, Error> {
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
pub(super) async fn hold(tx: &mut Tx, thread: &Thread) -> Result<Option<(NotificationId, i64, i64)>, Error> {
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
pub(super) async fn last_covered(tx: &mut Tx, thread: &Thread) -> Result<i64, Error> {
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
pub(super) struct New {
    pub(super) thread: Thread,
    pub(super) id: NotificationId,
    pub(super) first_position: i64,
    pub(super) last_position: i64,
    pub(super) held_until: i64,
    pub(super) now_ms: i64,
}

/// Holds a new row; false when the thread has one that is held.
pub(super) async fn insert(tx: &mut Tx, new: &New) -> Result<bool, Error> {
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
pub(super) async fn extend(
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
pub(super) async fn hasten(tx: &mut Tx, thread: &Thread, at_ms: i64) -> Result<u64, Error> {
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
pub(super) async fn held_for_operators(
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

/// Takes the row that has been due longest and is nobody else's right now; it looks due again at the
/// given time.
pub(super) async fn take_due(tx: &mut Tx, now_ms: i64, then_ms: i64) -> Result<Option<Notification>, Error> {
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
pub(super) async fn next_due(tx: &mut Tx) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT due_at FROM notifications WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1",
        &[],
        |row| row.get(0),
    )
    .await
}

/// Until when this row has to wait for another of its thread: one that is being sent, or an earlier
/// one that will be tried again. No answer waits for an acknowledgement.
pub(super) async fn blocked_until(tx: &mut Tx, of: &Notification) -> Result<Option<i64>, Error> {
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
pub(super) async fn put_off(tx: &mut Tx, of: &Notification, due_at: i64) -> Result<(), Error> {
    tx.execute(
        "UPDATE notifications SET due_at = $3 WHERE helpdesk_id = $1 AND id = $2",
        &[&of.thread.helpdesk_id, &of.id, &due_at],
    )
    .await?;
    Ok(())
}

/// Begins an attempt of a node at a row that was taken: it carries messages up to a position, and its
/// lease ends at a time.
pub(super) async fn begin_attempt(
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
pub(super) async fn end_leases(tx: &mut Tx, node_id: Uuid, now_ms: i64) -> Result<u64, Error> {
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
pub(super) async fn lock(
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
pub(super) async fn end(
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

/// The latest row of this thread, if somebody took it back.
pub(super) async fn taken_back(tx: &mut Tx, thread: &Thread) -> Result<Option<NotificationId>, Error> {
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
pub(super) async fn hold_again(
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

/// Lets a row be tried again at a time. A fresh start forgets when the first attempt was; claims of
/// before can report nothing any more.
pub(super) async fn try_again(
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

/// Takes back some of what a helpdesk holds; how many rows that were.
pub(super) async fn cancel_some(
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
pub(super) async fn delete_ended(
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

fn read(row: &Row<'_>) -> Result<Notification, Error> {
    let id: Uuid = row.get(4)?;
    Ok(Notification {
        thread: Thread {
            helpdesk_id: row.get(0)?,
            conversation_id: row.get(2)?,
            recipient: Recipient::of(row.get(3)?, id),
        },
        id: row.get(1)?,
        state: state(row, 5)?,
        first_position: row.get(6)?,
        last_position: row.get(7)?,
        attempt: row.get(8)?,
        fence: row.get(9)?,
        first_tried_at: row.get(10)?,
        created_at: row.get(11)?,
        is_acknowledgement: row.get::<Option<String>>(12)?.is_some(),
        is_confirmation: row.get(13)?,
    })
}

fn state(row: &Row<'_>, position: usize) -> Result<State, Error> {
    let name: String = row.get(position)?;
    State::from_name(&name).ok_or_else(|| Error::Internal(format!("unknown state {name:?}")))
}
