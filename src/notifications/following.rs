//! Events become rows: follows each helpdesk from where it stopped, in this process or an earlier one.
//! The place and the rows are written together, so that a crash repeats nothing and misses nothing,
//! and of several nodes one does the work.

use super::store::{self, New, Thread};
use super::{Holds, Recipient};
use crate::app::App;
use crate::conversations::events::{Event, Kind};
use crate::conversations::{live, unread};
use crate::error::{Error, Result};
use crate::following;
use crate::ids::{HelpdeskId, NotificationId, Random};
use db::Tx;
use std::time::Duration;

/// Events come in flocks; a very short rest takes them together.
const REST: Duration = Duration::from_millis(5);
/// Events that are followed in one transaction.
const BATCH: usize = 50;
/// How often a row is looked for that another transaction makes or claims at the same time.
const TRIES: usize = 3;

/// Works until the application stops.
pub(crate) async fn follow(app: &App) {
    following::follow(app, "the rows of notifications", REST, catch_up).await;
}

/// Makes rows of what has happened in every helpdesk so far. Whoever calls it, on whichever node and
/// however often: each event is followed once.
///
/// # Errors
/// When the database refuses; what was followed until then stays.
pub async fn catch_up(app: &App) -> Result<()> {
    let behind = app
        .db()
        .read(async |tx: &mut Tx| Ok::<_, Error>(store::behind(tx).await?))
        .await?;
    for helpdesk_id in behind {
        catch_up_with(app, helpdesk_id).await?;
    }
    Ok(())
}

/// The same for one helpdesk.
pub(super) async fn catch_up_with(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    while step(app, helpdesk_id).await? {}
    Ok(())
}

/// Follows the next events of a helpdesk. True when there may be more.
async fn step(app: &App, helpdesk_id: HelpdeskId) -> Result<bool> {
    let from: i64 = app
        .db()
        .read(async move |tx: &mut Tx| store::cursor(tx, helpdesk_id).await)
        .await
        .map_err(|error: db::Error| Error::from(error))?;
    let mut events = live::for_operators_after(app, helpdesk_id, from).await?;
    events.truncate(BATCH);
    let Some(to) = events.last().map(|event| event.number) else {
        return Ok(false);
    };
    let due = due(app, helpdesk_id, events).await?;
    let now = app.now_ms();
    app.db()
        .write(async move |tx: &mut Tx| {
            // Another node may have done it meanwhile: then this is nothing new.
            if store::advance(tx, helpdesk_id, from, to).await? {
                for message in &due {
                    hold(tx, message, now).await?;
                }
            }
            Ok::<_, Error>(())
        })
        .await?;
    Ok(true)
}

/// Messages of which somebody is to be told.
struct Due {
    thread: Thread,
    /// From the first of them to the last.
    first_position: i64,
    last_position: i64,
    held_until: i64,
    at_once: bool,
    /// For the row, if there is none yet: in the order of what happened.
    id: NotificationId,
}

async fn due(app: &App, helpdesk_id: HelpdeskId, events: Vec<Event>) -> Result<Vec<Due>> {
    let random = app.random().clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let holds = store::holds(tx, helpdesk_id).await?.unwrap_or_default();
            let mut due = Vec::new();
            for event in &events {
                due_by(tx, &random, event, holds, &mut due).await?;
            }
            Ok(due)
        })
        .await
}

async fn due_by(tx: &mut Tx, random: &Random, event: &Event, holds: Holds, due: &mut Vec<Due>) -> Result<()> {
    let (helpdesk_id, conversation_id) = (event.helpdesk_id, event.conversation_id);
    let thread = |recipient| Thread {
        helpdesk_id,
        conversation_id,
        recipient,
    };
    match (event.kind, event.position) {
        (Kind::OperatorMessage, Some(position)) => {
            let contact_id = event.contact_id;
            let at_once = event.goes_instantly();
            let seconds = if at_once { 0 } else { holds.contact_seconds };
            due.push(Due {
                thread: thread(Recipient::Contact { contact_id }),
                first_position: position,
                last_position: position,
                held_until: event.created_at + seconds * 1000,
                at_once,
                id: random.id(event.created_at),
            });
        }
        (Kind::Opened | Kind::VisitorMessage | Kind::Confirmed | Kind::Admitted, Some(position)) => {
            let held_until = event.created_at + holds.operator_seconds * 1000;
            to_operators(tx, random, event, (position, position, held_until), due).await?;
        }
        // Whoever gets the conversation is told of what the others would have been told of.
        (Kind::Assigned, _) => {
            for held in store::held_for_operators(tx, helpdesk_id, conversation_id).await? {
                to_operators(tx, random, event, held, due).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Those who look after the conversation now and want mails.
async fn to_operators(
    tx: &mut Tx,
    random: &Random,
    event: &Event,
    (first_position, last_position, held_until): (i64, i64, i64),
    due: &mut Vec<Due>,
) -> Result<()> {
    let (helpdesk_id, conversation_id) = (event.helpdesk_id, event.conversation_id);
    let conversation = unread::conversation(tx, helpdesk_id, conversation_id).await?;
    // Nobody is called to look at spam, or at what waits for its sender.
    let Some(conversation) = conversation.filter(|conversation| !conversation.status.is_hidden()) else {
        return Ok(());
    };
    for operator_id in store::wanted_operators(tx, helpdesk_id, conversation.assignee_id).await? {
        due.push(Due {
            thread: Thread {
                helpdesk_id,
                conversation_id,
                recipient: Recipient::Operator { operator_id },
            },
            first_position,
            last_position,
            held_until,
            at_once: false,
            id: random.id(event.created_at),
        });
    }
    Ok(())
}

/// Adds messages to the row that is held for their recipient, or holds a new one.
///
/// A row whose messages were all read has lost its reason: it ends, and the time of the next one
/// begins with its own first message. Otherwise the time of the row stays, whatever comes.
async fn hold(tx: &mut Tx, due: &Due, now: i64) -> Result<()> {
    for _ in 0..TRIES {
        if let Some((id, first_position, last_position)) = store::hold(tx, &due.thread).await? {
            if last_position >= due.last_position {
                return Ok(());
            }
            if !is_read(tx, &due.thread, (first_position, last_position)).await? {
                store::extend(tx, due.thread.helpdesk_id, id, due.last_position).await?;
                return hasten(tx, due).await;
            }
            if let Some(row) = store::lock(tx, due.thread.helpdesk_id, id).await? {
                store::end(tx, &row, super::State::Seen, ("", ""), now).await?;
            }
        } else if store::last_covered(tx, &due.thread).await? >= due.last_position {
            // A claim was faster and carries it.
            return Ok(());
        }
        let covered = store::last_covered(tx, &due.thread).await?;
        let new = New {
            thread: due.thread,
            id: due.id,
            first_position: due.first_position.max(covered + 1),
            last_position: due.last_position,
            held_until: due.held_until,
            now_ms: now,
        };
        if store::insert(tx, &new).await? {
            return hasten(tx, due).await;
        }
    }
    Err(Error::from(db::Error::Internal(
        "a row that is held can neither be found nor made".to_owned(),
    )))
}

async fn is_read(tx: &mut Tx, thread: &Thread, range: (i64, i64)) -> Result<bool> {
    let (helpdesk_id, id) = (thread.helpdesk_id, thread.conversation_id);
    Ok(match thread.recipient {
        Recipient::Contact { .. } => unread::is_read_by_contact(tx, helpdesk_id, id, range).await?,
        Recipient::Operator { operator_id } => {
            unread::is_read_by_operator(tx, helpdesk_id, operator_id, id, range.1).await?
        }
    })
}

/// An answer that goes at once takes along what waits.
async fn hasten(tx: &mut Tx, due: &Due) -> Result<()> {
    if due.at_once {
        store::hasten(tx, &due.thread, due.held_until).await?;
    }
    Ok(())
}
