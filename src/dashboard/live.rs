//! The stream that tells open screens that something changed; they then ask for the page again.
//! Somebody who is signed out or removed loses the stream within seconds.

use super::Answer;
use super::access::Reader;
use crate::app::App;
use crate::conversations::{live, viewers};
use crate::error::Error;
use crate::ids::HelpdeskId;
use crate::operators::{self, sessions};
use crate::web;
use crate::web::csrf;
use crate::web::error_page::ErrorPage;
use crate::web::query::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::Event;
use db::Hint;
use futures_util::Stream;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::time::{Instant, sleep_until};

/// How long a stream may outlive the session or membership behind it.
const CHECK: Duration = Duration::from_secs(3);

/// For events that say everything by their name: browsers pass over one without data.
const NOTHING: &str = "-";

/// The last event that the page shows.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    after: Option<i64>,
}

type Events = Receiver<Arc<crate::conversations::events::Event>>;

struct Listener {
    app: App,
    reader: Reader,
    events: Events,
    hints: Receiver<Hint>,
    check_at: Instant,
    /// Sent before anything else: the greeting, and what was missed.
    first: Vec<Event>,
    over: bool,
}

/// `GET /h/{helpdesk}/live`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Answer {
    // Other sites can ask for it but must not hold it open, even where a browser sends the cookie.
    if !csrf::comes_from_us(&app, &headers) {
        return Err(ErrorPage(Error::forbidden(
            "stream_refused",
            "This stream was not asked for by a page of this helpdesk",
        )));
    }
    let helpdesk_id = reader.member.helpdesk_id;
    let (hints, events) = (app.db().subscribe(), live::follow(&app, helpdesk_id).await?);
    let resumed = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let first = greeting(&app, helpdesk_id, resumed.or(wanted.after)).await?;
    let listener = Listener {
        app,
        reader,
        events,
        hints,
        check_at: Instant::now() + CHECK,
        first,
        over: false,
    };
    Ok(web::live::respond(stream(listener)))
}

async fn greeting(
    app: &App,
    helpdesk_id: HelpdeskId,
    after: Option<i64>,
) -> crate::error::Result<Vec<Event>> {
    let last = live::last_number(app, helpdesk_id).await?;
    let ready = Event::default().event("ready").data(NOTHING);
    // In reverse: they are taken from the end.
    Ok(if after.is_some_and(|after| after < last) {
        vec![change(last), ready]
    } else {
        vec![ready]
    })
}

fn change(number: i64) -> Event {
    Event::default()
        .event("change")
        .id(number.to_string())
        .data(number.to_string())
}

fn stream(listener: Listener) -> impl Stream<Item = Event> + Send + 'static {
    futures_util::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((event, listener))
    })
}

impl Listener {
    async fn next(&mut self) -> Option<Event> {
        if let Some(event) = self.first.pop() {
            return Some(event);
        }
        let viewers = viewers::topic(self.reader.member.helpdesk_id);
        while !self.over {
            if Instant::now() >= self.check_at {
                if !self.may_still_listen().await {
                    self.over = true;
                    return Some(Event::default().event("end").data(NOTHING));
                }
                self.check_at = Instant::now() + CHECK;
            }
            tokio::select! {
                received = self.events.recv() => match received {
                    Ok(event) => return Some(change(event.number)),
                    Err(RecvError::Lagged(_)) => return Some(Event::default().event("change").data(NOTHING)),
                    Err(RecvError::Closed) => self.over = true,
                },
                hint = self.hints.recv() => match hint {
                    Ok(Hint::Topic(topic)) if topic != viewers => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        return Some(Event::default().event("viewers").data(NOTHING));
                    }
                    Err(RecvError::Closed) => self.over = true,
                },
                // Time to look again whether this reader may listen.
                () = sleep_until(self.check_at) => {}
                // A server that is to end must not wait for its readers.
                () = self.app.stopping() => self.over = true,
            }
        }
        None
    }

    /// A failing database is no reason to send anybody away.
    async fn may_still_listen(&self) -> bool {
        let operator_id = self.reader.member.operator.id;
        match sessions::look(&self.app, self.reader.signed_in.token.as_str()).await {
            Ok(Some(session)) if session.operator.id == operator_id => {}
            Ok(_) => return false,
            Err(_) => return true,
        }
        match operators::memberships(&self.app, operator_id).await {
            Ok(members) => members
                .iter()
                .any(|member| member.helpdesk_id == self.reader.member.helpdesk_id),
            Err(_) => true,
        }
    }
}
