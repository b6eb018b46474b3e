//! SQL of notifications.

mod acknowledgements;
mod claims;
mod confirmations;
mod holding;
mod lists;
mod settings;

pub(super) use acknowledgements::{
    acknowledged_at, acknowledging, lock_acknowledging, pause_acknowledging, put_acknowledging,
};
pub(super) use claims::{
    begin_attempt, blocked_until, end, end_leases, lock, next_due, put_off, take_due, try_again,
};
pub(super) use confirmations::{count_confirmations, forget_asked, may_ask};
pub(super) use holding::{
    New, advance, behind, cancel_some, cursor, delete_ended, extend, hasten, held_for_operators, hold,
    hold_again, insert, insert_automatic, last_covered, taken_back,
};
pub(super) use lists::{earlier, listed, mails, sent_about};
pub(super) use settings::{
    holds, is_switched_on, keeps_copies, mark_bad, operator, quotes_history, refusal, set_holds,
    set_keeps_copies, set_quotes_history, set_switch, set_unsubscribed, unmark_bad, wanted_operators,
};

use super::{Automatic, Recipient, State};
use crate::ids::{ConversationId, HelpdeskId, NotificationId};
use db::{Error, Row};
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
    /// What it does if it carries no message.
    pub(super) automatic: Option<Automatic>,
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
use columns;
use of_thread;

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
        automatic: automatic(row, (12, 13))?,
    })
}

/// Of two columns: the mailbox that it is counted for, and whether it asks to confirm.
fn automatic(row: &Row<'_>, (mailbox, confirming): (usize, usize)) -> Result<Option<Automatic>, Error> {
    let mailbox: Option<String> = row.get(mailbox)?;
    Ok(Automatic::of(mailbox.as_deref(), row.get(confirming)?))
}

fn state(row: &Row<'_>, position: usize) -> Result<State, Error> {
    let name: String = row.get(position)?;
    State::from_name(&name).ok_or_else(|| Error::Internal(format!("unknown state {name:?}")))
}
