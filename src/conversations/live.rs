//! Live screens: one reader per helpdesk and process follows the event table and passes each event
//! on to everybody who listens. A thousand listeners cost one query per event, not a thousand.
//!
//! The table is the truth: a hint only says when to look, and without hints from other nodes the
//! reader looks every second.

use super::events::Event;
use super::{Conversation, Message, store};
use crate::app::App;
use crate::contacts::VerifiedContact;
use crate::error::Result;
use crate::ids::{ConversationId, HelpdeskId};
use db::{Db, Hint};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};

const BUFFER: usize = 1024;
const BATCH: i64 = 500;
const POLL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct Readers(Mutex<HashMap<HelpdeskId, broadcast::Sender<Arc<Event>>>>);

/// Follows the events of a helpdesk from now on: whatever is committed after this call returns
/// arrives. A lagging listener must read from its cursor again.
///
/// # Errors
/// When the database cannot be read.
pub async fn follow(app: &App, helpdesk_id: HelpdeskId) -> Result<broadcast::Receiver<Arc<Event>>> {
    let readers = app.room(|_| Readers::default());
    if let Some(receiver) = subscribe(&readers, helpdesk_id) {
        return Ok(receiver);
    }
    // Read before anybody can count on this reader, so that no event falls between.
    let after = last_number(app, helpdesk_id).await?;
    let Ok(mut map) = readers.0.lock() else {
        return Ok(broadcast::channel(1).1);
    };
    if let Some(sender) = map.get(&helpdesk_id) {
        return Ok(sender.subscribe());
    }
    let (sender, receiver) = broadcast::channel(BUFFER);
    map.insert(helpdesk_id, sender.clone());
    drop(map);
    let db = app.db().clone();
    tokio::spawn(async move { read_events(&db, &readers, helpdesk_id, &sender, after).await });
    Ok(receiver)
}

fn subscribe(readers: &Readers, helpdesk_id: HelpdeskId) -> Option<broadcast::Receiver<Arc<Event>>> {
    readers
        .0
        .lock()
        .ok()?
        .get(&helpdesk_id)
        .map(broadcast::Sender::subscribe)
}

async fn read_events(
    db: &Db,
    readers: &Readers,
    helpdesk_id: HelpdeskId,
    sender: &broadcast::Sender<Arc<Event>>,
    mut after: i64,
) {
    let mut hints = db.subscribe();
    loop {
        match next_events(db, helpdesk_id, after).await {
            Ok(events) => {
                let full = events.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
                after = events.last().map_or(after, |event| event.number);
                for event in events {
                    // Nobody listening is fine.
                    drop(sender.send(Arc::new(event)));
                }
                if full {
                    continue;
                }
            }
            Err(error) => tracing::warn!(%error, "events could not be read; trying again"),
        }
        // Listeners subscribe under the same lock, so nobody can join a reader that is leaving.
        if let Ok(mut map) = readers.0.lock()
            && sender.receiver_count() == 0
        {
            map.remove(&helpdesk_id);
            return;
        }
        wait_for_hint(db, &mut hints, helpdesk_id).await;
    }
}

async fn next_events(
    db: &Db,
    helpdesk_id: HelpdeskId,
    after: i64,
) -> std::result::Result<Vec<Event>, db::Error> {
    db.read(async move |tx: &mut db::Tx| store::events_after(tx, helpdesk_id, after, BATCH).await)
        .await
}

async fn wait_for_hint(db: &Db, hints: &mut broadcast::Receiver<Hint>, helpdesk_id: HelpdeskId) {
    let hinted = async {
        loop {
            match hints.recv().await {
                Ok(Hint::Topic(topic)) if topic != helpdesk_id.0 => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    // Also a slow look without a hint, so that a listener that went away is noticed.
    let longest = if db.hears_other_nodes() { POLL * 15 } else { POLL };
    drop(tokio::time::timeout(longest, hinted).await);
}

/// What a contact may know of what happened after a number, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn for_contact_after(app: &App, contact: &VerifiedContact, after: i64) -> Result<Vec<Event>> {
    let (helpdesk_id, contact_id) = (contact.helpdesk_id(), contact.id());
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| {
            store::public_events_after(tx, helpdesk_id, contact_id, after, BATCH).await
        })
        .await?)
}

/// What happened in a helpdesk after a number, for its operators, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn for_operators_after(app: &App, helpdesk_id: HelpdeskId, after: i64) -> Result<Vec<Event>> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::events_after(tx, helpdesk_id, after, BATCH).await)
        .await?)
}

/// The number of the last event of a helpdesk.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_number(app: &App, helpdesk_id: HelpdeskId) -> Result<i64> {
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| store::last_number(tx, helpdesk_id).await)
        .await?)
}

/// The contact's conversation as it is now, and the message of an event, if it has one.
///
/// # Errors
/// When the database cannot be read.
pub async fn payload(
    app: &App,
    contact: &VerifiedContact,
    id: ConversationId,
    position: Option<i64>,
) -> Result<Option<(Conversation, Option<Message>)>> {
    let contact = contact.clone();
    Ok(app
        .db()
        .read(async move |tx: &mut db::Tx| {
            let Some(conversation) = super::access::for_contact(tx, &contact, id).await? else {
                return Ok::<_, db::Error>(None);
            };
            let message = match position {
                Some(position) => store::message(tx, contact.helpdesk_id(), id, position).await?,
                None => None,
            };
            Ok(Some((conversation, message)))
        })
        .await?)
}
