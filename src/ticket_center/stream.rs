//! The live stream: server-sent events over a POST, because a token must not ride in a URL.
//!
//! Every event has a cursor as its id; a client that comes back with the last
//! one it saw misses nothing and gets nothing twice.

use super::{json, live_cursor};
use crate::app::App;
use crate::contacts::VerifiedContact;
use crate::conversations::by_contact;
use crate::conversations::events::{Event, Kind as Happened};
use crate::conversations::live;
use crate::embeds::token::Token;
use crate::embeds::{Refusal, is_good, with_cors, with_token};
use crate::error::{Error, Kind};
use crate::ids::ContactId;
use crate::web;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::response::sse;
use futures_util::stream;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;

/// How often a stream asks whether its token is still good.
const CHECKED: Duration = Duration::from_secs(2);
const WAITING: usize = 64;
/// A reader that takes nothing for so long is gone.
const SLOWEST: Duration = Duration::from_secs(30);
/// More missed events than this are not replayed: the client is told to begin anew.
const MOST_MISSED: usize = 1_000;
/// Streams of one contact at once: tabs and devices, not floods.
const MOST_STREAMS: usize = 20;

/// `POST …/stream`.
pub async fn stream(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (call, token) = with_token(&app, request).await?;
    let after = match call.fields.optional("after")? {
        Some(text) => live_cursor::decode(app.sealing_key(), call.contact.id(), text).ok_or_else(|| {
            Error::invalid(
                "invalid_field",
                "The field after must be the id of an earlier event",
            )
        })?,
        None => by_contact::overview(&app, &call.contact, None).await?.1,
    };
    let place = Place::take(&app, call.contact.id())?;
    // Before the first look at the table, so that nothing falls between.
    let events = live::follow(&app, call.helpdesk.id).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let sending = Sending {
        app,
        contact: call.contact,
        token,
        sender,
        cursor: after,
        _place: place,
    };
    tokio::spawn(sending.run(events));
    let stream = stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    });
    Ok(with_cors(web::live::respond(stream)))
}

/// Why a stream ends.
enum End {
    /// The token ended, or its secret was revoked.
    Expired,
    /// Nobody listens any more, or we cannot tell.
    Gone,
}

struct Sending {
    app: App,
    contact: VerifiedContact,
    token: Token,
    sender: mpsc::Sender<sse::Event>,
    /// The number of the last event sent.
    cursor: i64,
    /// Given back when the stream ends.
    _place: Place,
}

/// How many streams each contact has open on this node.
#[derive(Default)]
struct Places(Mutex<HashMap<ContactId, usize>>);

/// One of them.
struct Place {
    places: Arc<Places>,
    contact_id: ContactId,
}

impl Place {
    fn take(app: &App, contact_id: ContactId) -> Result<Self, Error> {
        let places = app.room(|_| Places::default());
        let mut open = places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(contact_id).or_insert(0);
        if *count >= MOST_STREAMS {
            return Err(Error::new(
                Kind::TooMany {
                    retry_after_seconds: 5,
                },
                "rate_limited",
                "Too many open streams; close some tabs",
            ));
        }
        *count += 1;
        drop(open);
        Ok(Self { places, contact_id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.contact_id) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.contact_id);
            }
        }
    }
}

impl Sending {
    async fn run(mut self, mut events: broadcast::Receiver<Arc<Event>>) {
        if let End::Expired = self.follow(&mut events).await {
            // Best effort: the client finds out by itself when this does not arrive.
            drop(self.send("expired", "{}".to_owned()).await);
        }
    }

    /// Sends what happens until the end.
    async fn follow(&mut self, events: &mut broadcast::Receiver<Arc<Event>>) -> End {
        match self.pass_on_all(events).await {
            Err(end) => end,
            Ok(never) => match never {},
        }
    }

    async fn pass_on_all(&mut self, events: &mut broadcast::Receiver<Arc<Event>>) -> Result<Infallible, End> {
        self.send("ready", "{}".to_owned()).await?;
        self.catch_up().await?;
        let mut check = tokio::time::interval(CHECKED);
        loop {
            tokio::select! {
                received = events.recv() => match received {
                    Ok(event) => self.pass_on(&event).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(End::Gone),
                },
                _ = check.tick() => self.check_token().await?,
                () = self.sender.closed() => return Err(End::Gone),
                () = self.app.stopping() => return Err(End::Gone),
            }
        }
    }

    async fn check_token(&self) -> Result<(), End> {
        let good = is_good(&self.app, &self.token).await.map_err(|_| End::Gone)?;
        if good { Ok(()) } else { Err(End::Expired) }
    }

    /// Sends what was missed. After a long absence it is cheaper for both sides to begin anew.
    async fn catch_up(&mut self) -> Result<(), End> {
        let mut sent = 0;
        loop {
            let missed = live::for_contact_after(&self.app, &self.contact, self.cursor)
                .await
                .map_err(|_| End::Gone)?;
            if missed.is_empty() {
                return Ok(());
            }
            sent += missed.len();
            if sent > MOST_MISSED {
                return Err(End::Expired);
            }
            for event in &missed {
                self.pass_on(event).await?;
            }
        }
    }

    async fn pass_on(&mut self, event: &Event) -> Result<(), End> {
        let own = event.contact_id == self.contact.id() && event.kind.is_public();
        if !own || event.number <= self.cursor {
            return Ok(());
        }
        // Asked before each event, so that a revocation is in force for the very next one.
        self.check_token().await?;
        self.cursor = event.number;
        let wrote = matches!(
            event.kind,
            Happened::Opened | Happened::VisitorMessage | Happened::OperatorMessage
        );
        let position = event.position.filter(|_| wrote);
        let payload = live::payload(&self.app, &self.contact, event.conversation_id, position).await;
        let Some((conversation, message)) = payload.map_err(|_| End::Gone)? else {
            return Ok(());
        };
        let name = if message.is_some() {
            "message"
        } else {
            "conversation"
        };
        let change = json::Change {
            conversation: conversation.into(),
            message: message.map(|message| json::message(&self.app.config().base_url, message)),
        };
        let data = serde_json::to_string(&change).map_err(|_| End::Gone)?;
        self.send(name, data).await
    }

    async fn send(&self, name: &'static str, data: String) -> Result<(), End> {
        let cursor = live_cursor::encode(self.app.sealing_key(), self.contact.id(), self.cursor);
        let event = sse::Event::default().id(cursor).event(name).data(data);
        // A reader that takes nothing must not keep a stream that was revoked, or the end waiting.
        tokio::select! {
            sent = tokio::time::timeout(SLOWEST, self.sender.send(event)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) | Err(_) => Err(End::Gone),
            },
            () = self.app.stopping() => Err(End::Gone),
        }
    }
}
