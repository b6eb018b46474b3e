//! The live stream: server-sent events over a POST, because a token must not ride in a URL.
//!
//! Every event has the number of what happened as its id; a client that comes back with the last
//! one it saw misses nothing and gets nothing twice.

use super::json;
use crate::app::App;
use crate::contacts::VerifiedContact;
use crate::conversations::by_contact;
use crate::conversations::events::{Event, Kind};
use crate::conversations::live;
use crate::embeds::token::Token;
use crate::embeds::{Refusal, is_good, with_cors, with_token};
use crate::error::Error;
use crate::web;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::response::sse;
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;

/// How often a stream asks whether its token is still good.
const CHECKED: Duration = Duration::from_secs(2);
const WAITING: usize = 64;

/// `POST …/stream`.
pub async fn stream(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (call, token) = with_token(&app, request).await?;
    let after = match call.fields.optional("after")? {
        Some(text) => text
            .parse::<i64>()
            .ok()
            .filter(|number| *number >= 0)
            .ok_or_else(|| {
                Error::invalid(
                    "invalid_field",
                    "The field after must be the id of an earlier event",
                )
            })?,
        None => by_contact::live_cursor(&app, &call.contact).await?,
    };
    // Before the first look at the table, so that nothing falls between.
    let events = live::follow(&app, call.helpdesk.id).await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    let sending = Sending {
        app,
        contact: call.contact,
        token,
        sender,
        cursor: after,
    };
    tokio::spawn(sending.run(events));
    let stream = stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    });
    Ok(with_cors(web::live::respond(stream)))
}

/// The client is gone, or may not listen any more.
struct Ended;

struct Sending {
    app: App,
    contact: VerifiedContact,
    token: Token,
    sender: mpsc::Sender<sse::Event>,
    /// The number of the last event sent.
    cursor: i64,
}

impl Sending {
    async fn run(mut self, mut events: broadcast::Receiver<Arc<Event>>) {
        let followed = self.follow(&mut events);
        if followed.await.is_ok() {
            // Best effort: the client finds out by itself when this does not arrive.
            drop(self.send("expired", "{}".to_owned()).await);
        }
    }

    /// Sends what happens until the token ends (`Ok`) or nobody listens (`Err`).
    async fn follow(&mut self, events: &mut broadcast::Receiver<Arc<Event>>) -> Result<(), Ended> {
        self.send("ready", "{}".to_owned()).await?;
        self.catch_up().await?;
        let mut check = tokio::time::interval(CHECKED);
        loop {
            tokio::select! {
                received = events.recv() => match received {
                    Ok(event) => self.pass_on(&event).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(Ended),
                },
                _ = check.tick() => {
                    if !is_good(&self.app, &self.token).await.unwrap_or(false) {
                        return Ok(());
                    }
                }
                () = self.sender.closed() => return Err(Ended),
                () = self.app.stopping() => return Err(Ended),
            }
        }
    }

    async fn catch_up(&mut self) -> Result<(), Ended> {
        loop {
            let missed = live::for_contact_after(&self.app, &self.contact, self.cursor)
                .await
                .map_err(|_| Ended)?;
            if missed.is_empty() {
                return Ok(());
            }
            for event in &missed {
                self.pass_on(event).await?;
            }
        }
    }

    async fn pass_on(&mut self, event: &Event) -> Result<(), Ended> {
        let own = event.contact_id == self.contact.id() && event.kind.is_public();
        if !own || event.number <= self.cursor {
            return Ok(());
        }
        self.cursor = event.number;
        let wrote = matches!(
            event.kind,
            Kind::Opened | Kind::VisitorMessage | Kind::OperatorMessage
        );
        let position = event.position.filter(|_| wrote);
        let payload = live::payload(&self.app, &self.contact, event.conversation_id, position).await;
        let Some((conversation, message)) = payload.map_err(|_| Ended)? else {
            return Ok(());
        };
        let name = if message.is_some() {
            "message"
        } else {
            "conversation"
        };
        let change = json::Change {
            conversation: conversation.into(),
            message: message.map(json::Message::from),
        };
        let data = serde_json::to_string(&change).map_err(|_| Ended)?;
        self.send(name, data).await
    }

    async fn send(&self, name: &'static str, data: String) -> Result<(), Ended> {
        let event = sse::Event::default()
            .id(self.cursor.to_string())
            .event(name)
            .data(data);
        self.sender.send(event).await.map_err(|_| Ended)
    }
}
