//! Connections to relays: so many at once, so many mails a minute, and kept for a while, because a
//! handshake costs more than a mail.

use super::smtp::{Dialogue, Failure, Fault, Manner, Patience, Session, Stage};
use crate::app::App;
use crate::config::Relay;
use crate::outbound;
use mail::ComposedMail;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use url::Url;

/// Servers hang up on who is silent; most wait longer than this.
const IDLE: Duration = Duration::from_secs(20);
/// Some servers count the mails of a connection.
const MOST_MAILS: u32 = 50;
/// Relays that are remembered; those in use are never forgotten.
const MOST_LANES: usize = 64;
const MINUTE_MS: i64 = 60_000;

/// What a relay is not to be asked beyond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Connections at once.
    pub connections: u32,
    /// Mails in a minute, of each node; as many as it takes when absent.
    pub per_minute: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4,
            per_minute: None,
        }
    }
}

struct Relays {
    lanes: Mutex<HashMap<(Relay, Limits), Arc<Lane>>>,
    patience: Mutex<Patience>,
}

struct Lane {
    free: Semaphore,
    idle: Mutex<Vec<Idle>>,
    /// When the next mail may go, epoch milliseconds.
    next_at: AtomicI64,
}

struct Idle {
    session: Session,
    since: Instant,
    mails: u32,
}

/// Sends a mail by a relay, over a connection that is open already if there is one.
///
/// # Errors
/// [`Failure`] says at which stage.
pub async fn send(app: &App, relay: &Relay, limits: Limits, mail: &ComposedMail) -> Result<String, Failure> {
    let relays = relays(app);
    let manner = manner(app, &relays, Dialogue::default())?;
    let lane = lane(&relays, relay, limits);
    let Ok(_place) = lane.free.acquire().await else {
        return Err(ours(Stage::Connect, "no connection may be opened".to_owned()));
    };
    lane.wait_for_turn(app, limits).await;
    if let Some(mut kept) = lane.take() {
        match kept.session.send(mail).await {
            // It had gone while nobody looked; nothing of this mail was said.
            Err(failure) if failure.is_stale() => {}
            Err(failure) => {
                leave(kept.session, &failure).await;
                return Err(failure);
            }
            Ok(words) => {
                lane.put_back(kept.session, kept.mails + 1).await;
                return Ok(words);
            }
        }
    }
    let mut session = Session::open(relay, &manner).await?;
    match session.send(mail).await {
        Ok(words) => {
            lane.put_back(session, 1).await;
            Ok(words)
        }
        Err(failure) => {
            leave(session, &failure).await;
            Err(failure)
        }
    }
}

/// Sends a mail over a connection of its own and keeps what is said.
pub(super) async fn send_alone(
    app: &App,
    relay: &Relay,
    mail: &ComposedMail,
    dialogue: &Dialogue,
) -> Result<String, Failure> {
    let mut manner = manner(app, &relays(app), dialogue.clone())?;
    manner.patience = manner.patience.for_people();
    let mut session = Session::open(relay, &manner).await?;
    let sent = session.send(mail).await;
    match &sent {
        Ok(_) => session.quit().await,
        Err(failure) => leave(session, failure).await,
    }
    sent
}

/// Connects, verifies and signs in, and goes again: whether a relay could be used now.
///
/// # Errors
/// [`Failure`] says at which stage.
pub async fn knock(app: &App, relay: &Relay) -> Result<(), Failure> {
    let mut manner = manner(app, &relays(app), Dialogue::default())?;
    manner.patience = manner.patience.for_people();
    Session::open(relay, &manner).await?.quit().await;
    Ok(())
}

/// Sets how long this process waits for relays. For tests, which have no time.
pub fn set_patience(app: &App, patience: Patience) {
    if let Ok(mut kept) = relays(app).patience.lock() {
        *kept = patience;
    }
}

fn relays(app: &App) -> Arc<Relays> {
    app.room(|_| Relays {
        lanes: Mutex::default(),
        patience: Mutex::default(),
    })
}

fn manner(app: &App, relays: &Relays, dialogue: Dialogue) -> Result<Manner, Failure> {
    let tls = outbound::trust(app).map_err(|words| ours(Stage::Tls, words))?;
    let patience = relays.patience.lock().map(|kept| *kept).unwrap_or_default();
    Ok(Manner {
        hello: hello(&app.config().base_url),
        patience,
        tls,
        dialogue,
    })
}

/// A fault of ours: the mail can wait until it is mended.
fn ours(stage: Stage, words: String) -> Failure {
    Failure {
        stage,
        fault: Fault::Broken,
        words,
    }
}

/// Our name in EHLO: the host of the base URL, an IP address as RFC 5321 writes it.
fn hello(base_url: &str) -> String {
    let host = Url::parse(base_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_else(|| "localhost".to_owned());
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
        Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Err(_) => host,
    }
}

fn lane(relays: &Relays, relay: &Relay, limits: Limits) -> Arc<Lane> {
    let make = || {
        Arc::new(Lane {
            free: Semaphore::new(usize::try_from(limits.connections.max(1)).unwrap_or(1)),
            idle: Mutex::default(),
            next_at: AtomicI64::new(0),
        })
    };
    let Ok(mut lanes) = relays.lanes.lock() else {
        return make();
    };
    if lanes.len() >= MOST_LANES {
        lanes.retain(|_, lane| Arc::strong_count(lane) > 1);
    }
    Arc::clone(lanes.entry((relay.clone(), limits)).or_insert_with(make))
}

/// Goes politely when the other side is still there.
async fn leave(session: Session, failure: &Failure) {
    if failure.fault != Fault::Broken {
        session.quit().await;
    }
}

impl Lane {
    /// Mails go one after another at equal distances, so that no minute has more than its share.
    async fn wait_for_turn(&self, app: &App, limits: Limits) {
        let Some(per_minute) = limits.per_minute else {
            return;
        };
        let distance = MINUTE_MS / i64::from(per_minute.max(1));
        let now = app.now_ms();
        let taken = self.next_at.fetch_update(SeqCst, SeqCst, |next| {
            Some(next.max(now).saturating_add(distance))
        });
        let turn = taken.unwrap_or(now).max(now);
        while app.now_ms() < turn {
            app.clock().sleep_until(turn).await;
        }
    }

    fn take(&self) -> Option<Idle> {
        let mut idle = self.idle.lock().ok()?;
        idle.retain(|kept| kept.since.elapsed() < IDLE);
        idle.pop()
    }

    async fn put_back(&self, session: Session, mails: u32) {
        if mails >= MOST_MAILS {
            session.quit().await;
            return;
        }
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(Idle {
                session,
                since: Instant::now(),
                mails,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hello;

    #[test]
    fn we_say_our_name_as_mail_wants_it() {
        for (base_url, name) in [
            ("https://help.example.com", "help.example.com"),
            ("http://127.0.0.1:8080", "[127.0.0.1]"),
            ("http://[::1]:8080", "[IPv6:::1]"),
            ("http://localhost", "localhost"),
        ] {
            assert_eq!(hello(base_url), name);
        }
    }
}
