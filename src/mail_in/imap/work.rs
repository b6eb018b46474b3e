//! Who works at which mailbox: what is due is taken by lease, each mailbox in a task of its own, and given
//! back when it cannot go on.

use super::client::Patience;
use super::fetching::{End, fetch};
use super::store::{self, Claim, Release, Row};
use super::{Kind, TOPIC};
use crate::app::App;
use db::{Hint, Tx};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Semaphore, SemaphorePermit};
use uuid::Uuid;

/// How long a mailbox belongs to a node that says nothing of it, and how often it does.
const LEASE_MS: i64 = 2 * 60 * 1000;
const RENEW_MS: i64 = 30 * 1000;
/// Mailboxes of one node.
const MOST: usize = 500;
/// Mebibytes of long mails that are fetched at once, of all mailboxes.
const SPACE_MIB: u32 = 64;
/// How long it takes at most to notice what nobody tells of: mailboxes of other nodes, when their hints do
/// not arrive, and when they do.
const POLL_MS: i64 = 1_000;
const SLOW_POLL_MS: i64 = 30_000;
/// How long the last words may take when the program stops.
const LAST: Duration = Duration::from_secs(3);
const MINUTE_MS: i64 = 60 * 1000;

/// What all mailboxes of this process share.
pub(super) struct Room {
    patience: Mutex<Patience>,
    space: Semaphore,
}

impl Room {
    pub(super) fn patience(&self) -> Patience {
        self.patience.lock().map(|kept| *kept).unwrap_or_default()
    }

    /// Waits until there is room for a mail of so many mebibytes; short ones need none.
    pub(super) async fn space(&self, mebibytes: u64) -> Option<SemaphorePermit<'_>> {
        let wanted = u32::try_from(mebibytes).unwrap_or(SPACE_MIB).min(SPACE_MIB);
        self.space.acquire_many(wanted).await.ok()
    }
}

pub(super) fn room(app: &App) -> Arc<Room> {
    app.room(|_| Room {
        patience: Mutex::default(),
        space: Semaphore::new(usize::try_from(SPACE_MIB).unwrap_or(1)),
    })
}

/// Sets how long this process waits for servers. For tests, which have no time.
pub fn set_patience(app: &App, patience: Patience) {
    if let Ok(mut kept) = room(app).patience.lock() {
        *kept = patience;
    }
}

/// Fetches mail until the application stops.
pub async fn run(app: &App) {
    if !app.config().mail_delivery {
        tracing::info!("mail_delivery is off: no mailbox is looked into");
        app.stopping().await;
        return;
    }
    let node_id: Uuid = app.node_id().unwrap_or_else(|| app.new_id());
    let now = app.now_ms();
    let ended = app
        .db()
        .write(async move |tx: &mut Tx| store::end_leases(tx, node_id, now).await)
        .await;
    if let Err(error) = ended {
        tracing::warn!(%error, "mailboxes of before the start are looked into once their lease ends");
    }
    let mut hints = app.db().subscribe();
    let mut tasks = FuturesUnordered::new();
    let mut stopping = std::pin::pin!(app.stopping());
    let mut next_at = app.now_ms();
    loop {
        tokio::select! {
            () = &mut stopping => break,
            Some(_) = tasks.next(), if !tasks.is_empty() => {}
            () = come(app, next_at, &mut hints), if tasks.len() < MOST => {
                let looked_at = app.now_ms();
                while tasks.len() < MOST && let Some(row) = take(app, node_id).await {
                    let app = app.clone();
                    // A task of its own: what makes one mailbox fail badly must not take the others along.
                    tasks.push(tokio::spawn(async move { look_after(&app, row).await }));
                }
                next_at = next_look(app, looked_at).await;
            }
        }
    }
    let rest = async { while tasks.next().await.is_some() {} };
    drop(tokio::time::timeout(LAST, rest).await);
}

/// Waits for a time, or for the hint that something may be due before it.
async fn come(app: &App, at_ms: i64, hints: &mut Receiver<Hint>) {
    tokio::select! {
        () = app.clock().sleep_until(at_ms) => {}
        () = hinted(hints) => {}
    }
}

async fn hinted(hints: &mut Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Topic(other)) if other != TOPIC => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

async fn take(app: &App, node_id: Uuid) -> Option<Row> {
    let now = app.now_ms();
    let due = next_due(app).await.filter(|due_at| *due_at <= now)?;
    let taken = app
        .db()
        .write(async move |tx: &mut Tx| store::take_due(tx, now.max(due), now + LEASE_MS, node_id).await)
        .await;
    taken.unwrap_or_else(|error| {
        tracing::warn!(%error, "a mailbox that is due cannot be taken");
        None
    })
}

async fn next_due(app: &App) -> Option<i64> {
    let due = app.db().read(async |tx: &mut Tx| store::next_due(tx).await).await;
    due.unwrap_or_else(|error| {
        tracing::warn!(%error, "which mailbox is due cannot be read");
        None
    })
}

async fn next_look(app: &App, looked_at: i64) -> i64 {
    let longest = if app.db().hears_other_nodes() {
        SLOW_POLL_MS
    } else {
        POLL_MS
    };
    // What was due and was not taken is somebody else's, or waits for the database.
    let due = next_due(app).await.filter(|due_at| *due_at > looked_at);
    due.unwrap_or(i64::MAX).min(app.now_ms() + longest)
}

/// Fetches from one mailbox until it cannot go on, and gives it back.
async fn look_after(app: &App, row: Row) {
    let claim = row.claim();
    let (failures, stuck) = (row.failures, (row.stuck_uid, row.stuck_times));
    let end = tokio::select! {
        end = fetch(app, room(app), row) => Some(end),
        () = lose(app, claim) => Some(End::Lost),
        () = app.stopping() => None,
    };
    let now = app.now_ms();
    let release = match end {
        Some(End::Lost) => return,
        // Other nodes go on at once.
        None | Some(End::Again) => Release {
            due_at: now,
            problem: String::new(),
            kind: "",
            failures: 0,
            stuck_uid: None,
            stuck_times: 0,
        },
        Some(End::Failed(failure, uid)) => {
            // A look that was complete has set the count back.
            let failures = failures_now(app, claim, failures).await + 1;
            let times = match uid.map(i64::from) {
                Some(uid) if stuck.0 == Some(uid) => stuck.1 + 1,
                Some(_) => 1,
                None => stuck.1,
            };
            Release {
                due_at: now + pause_ms(app, failure.kind, failures),
                problem: failure.words,
                kind: failure.kind.name(),
                failures,
                stuck_uid: uid.map(i64::from).or(stuck.0),
                stuck_times: times,
            }
        }
        Some(End::Store(error)) => {
            tracing::warn!(%error, mailbox = %claim.id, "mail of a mailbox cannot be stored");
            let failures = failures_now(app, claim, failures).await + 1;
            Release {
                due_at: now + pause_ms(app, Kind::Unreachable, failures),
                problem: format!("Helpdesky could not go on: {error}"),
                kind: Kind::Unreachable.name(),
                failures,
                stuck_uid: stuck.0,
                stuck_times: stuck.1,
            }
        }
    };
    let released = app
        .db()
        .write(async move |tx: &mut Tx| store::release(tx, claim, &release).await)
        .await;
    if let Err(error) = released {
        tracing::warn!(%error, mailbox = %claim.id, "a mailbox could not be given back; its lease will end");
    }
}

async fn failures_now(app: &App, claim: Claim, before: i64) -> i64 {
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::find(tx, claim.helpdesk_id, claim.id).await)
        .await;
    found.ok().flatten().map_or(before, |row| row.failures)
}

/// Prolongs the lease for as long as it is ours; returns when it is not.
async fn lose(app: &App, claim: Claim) {
    let mut hints = app.db().subscribe();
    let mut renewed_at = app.now_ms();
    loop {
        tokio::select! {
            () = app.clock().sleep_until(renewed_at + RENEW_MS) => {}
            () = hinted(&mut hints) => {}
        }
        let now = app.now_ms();
        let is_time = now >= renewed_at + RENEW_MS;
        let asked = if is_time {
            let renewed = async move |tx: &mut Tx| store::renew(tx, claim, now + LEASE_MS).await;
            app.db().write(renewed).await
        } else {
            let held = async move |tx: &mut Tx| store::holds(tx, claim).await;
            app.db().read(held).await
        };
        match asked {
            Ok(false) => return,
            Ok(true) if is_time => renewed_at = now,
            Ok(true) => {}
            // Nothing can be committed without the lease: it does no harm to go on a while.
            Err(error) => {
                tracing::warn!(%error, mailbox = %claim.id, "the lease of a mailbox could not be prolonged");
                if now >= renewed_at + LEASE_MS {
                    return;
                }
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// How long to leave a server alone, with some chance in it, so that many do not come back at once.
fn pause_ms(app: &App, kind: Kind, failures: i64) -> i64 {
    let (first, most) = match kind {
        Kind::Unreachable => (5 * 1000, 15 * MINUTE_MS),
        // Providers lock accounts after some wrong passwords.
        Kind::Refused => (5 * MINUTE_MS, 2 * 60 * MINUTE_MS),
        Kind::Hostile => (15 * MINUTE_MS, 6 * 60 * MINUTE_MS),
    };
    let doublings = u32::try_from(failures.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .min(20);
    let pause = first.saturating_mul(1 << doublings).min(most);
    let chance = i64::from(u16::from_be_bytes(app.random().bytes()));
    // From three to five quarters of it.
    pause * 3 / 4 + pause / 2 * chance / i64::from(u16::MAX)
}
