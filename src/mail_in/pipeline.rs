//! The pipeline: mails that wait are claimed, read in order of their arrival, and filed, each by itself. A
//! mail that breaks the reader is tried three times, and breaks nothing else.

use super::reading::{self, Read};
use super::store::{self, Claimed};
use super::{Door, Reason, TOPIC, authentication, filing};
use crate::app::App;
use crate::attachments::blobs;
use crate::error::{Kind, Result};
use db::{Hint, Tx};
use futures_util::stream::{self, FuturesUnordered};
use futures_util::{FutureExt, StreamExt};
use mail::parsed::TooComplex;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// Mails claimed at once.
const AT_ONCE: i64 = 64;
/// Mails being read at the same time.
const READ_AT_ONCE: usize = 4;
/// KiB of the mails that are read and filed at the same time. A mail takes memory of about twice its length;
/// a longer one than this is alone with it, and several at once take no more than one.
const IN_MEMORY_KIB: u32 = 16 * 1024;
/// How long a claim holds: whoever has not settled a mail by then has died with it.
const LEASE_MS: i64 = 5 * 60 * 1000;
/// How long reading may take. A reader that hangs is left behind.
const PATIENCE: Duration = Duration::from_secs(60);
const TRIES: i64 = 3;
const AGAIN_MS: i64 = 5_000;
const POLL_MS: i64 = 1_000;
const SLOW_POLL_MS: i64 = 30_000;

/// Reads mail until the application stops; a batch that was begun comes to its end.
pub(crate) async fn run(app: &App) {
    let mut hints = app.db().subscribe();
    // One by one at first: what stopped this node, if it was a mail, is then found out.
    let mut suspects = give_up_claims(app).await;
    loop {
        let (most, looked_at) = (if suspects > 0 { 1 } else { AT_ONCE }, app.now_ms());
        let next_at = match settle(app, most).await {
            Ok(0) => next_look(app, looked_at).await,
            Ok(_) => {
                suspects = suspects.saturating_sub(1);
                app.now_ms()
            }
            Err(error) => {
                tracing::warn!(%error, "mails that wait cannot be read");
                app.now_ms() + AGAIN_MS
            }
        };
        tokio::select! {
            () = app.stopping() => return,
            () = app.clock().sleep_until(next_at) => {}
            () = hinted(&mut hints) => {}
        }
    }
}

/// What this node had in hand when it was killed is read again at once, and not when its lease ends.
async fn give_up_claims(app: &App) -> i64 {
    let (node_id, now) = (app.node_id(), app.now_ms());
    let Some(node_id) = node_id else { return 0 };
    let given_up = app
        .db()
        .write(async move |tx: &mut Tx| store::give_up(tx, node_id, now).await)
        .await;
    match given_up {
        Ok(mails) => {
            if mails > 0 {
                tracing::info!(
                    mails,
                    "mails that were being read when this node stopped are read again"
                );
            }
            mails
        }
        Err(error) => {
            tracing::warn!(%error, "mails of before the start are read when their lease ends");
            0
        }
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

async fn next_look(app: &App, looked_at: i64) -> i64 {
    let longest = if app.db().hears_other_nodes() {
        SLOW_POLL_MS
    } else {
        POLL_MS
    };
    let due = app
        .db()
        .read(async |tx: &mut Tx| store::next_due(tx).await)
        .await
        .unwrap_or_default();
    // What was due and was not claimed is somebody else's.
    let due = due.filter(|due_at| *due_at > looked_at).unwrap_or(i64::MAX);
    due.min(app.now_ms() + longest)
}

/// Reads and files one batch of the mails that wait, and says how many were claimed.
///
/// # Errors
/// When the database refuses before anything was claimed.
pub async fn settle_due(app: &App) -> Result<usize> {
    settle(app, AT_ONCE).await
}

async fn settle(app: &App, most: i64) -> Result<usize> {
    let now = app.now_ms();
    let due = app
        .db()
        .read(async |tx: &mut Tx| store::next_due(tx).await)
        .await?;
    if due.is_none_or(|due_at| due_at > now) {
        return Ok(0);
    }
    let node_id = app.node_id();
    let claimed = app
        .db()
        .write(async move |tx: &mut Tx| store::claim(tx, node_id, now, now + LEASE_MS, most).await)
        .await?;
    let (count, marks) = (claimed.len(), filing::own_marks(app).await?);
    let (marks, memory) = (&marks, Arc::new(Semaphore::new(IN_MEMORY_KIB as usize)));
    let reading = stream::iter(claimed)
        .then(|claimed| {
            let kib = u32::try_from(claimed.size / 1024).unwrap_or(IN_MEMORY_KIB);
            let place = Arc::clone(&memory).acquire_many_owned(kib.clamp(1, IN_MEMORY_KIB));
            // Nobody closes it.
            place.map(|place| (claimed, place.ok()))
        })
        .map(|(claimed, place)| async move {
            let read = read(app, &claimed, marks).await;
            (claimed, read, place)
        })
        .buffered(READ_AT_ONCE);
    let mut read = std::pin::pin!(reading);
    let mut filed = FuturesUnordered::new();
    loop {
        tokio::select! {
            biased;
            next = read.next() => match next {
                Some((claimed, read, place)) => filed.push(async move {
                    end(app, claimed, read).await;
                    drop(place);
                }),
                None => break,
            },
            Some(()) = filed.next(), if !filed.is_empty() => {}
        }
    }
    while filed.next().await.is_some() {}
    Ok(count)
}

/// How reading ended.
enum Ended {
    Read(Arc<Read>, mail::verdict::Authentication),
    TooComplex(TooComplex),
    /// The reader broke, hung, or its bytes are gone.
    Broken(String),
    /// The database refused.
    Later,
}

async fn read(app: &App, claimed: &Claimed, marks: &[String]) -> Ended {
    if claimed.attempt > TRIES {
        return Ended::Broken("the program ended each time while it read this mail".to_owned());
    }
    let raw = match blobs::read(app, claimed.helpdesk_id, claimed.blob_id).await {
        Ok(Some(raw)) => raw,
        Ok(None) => return Ended::Broken("its bytes are not there".to_owned()),
        Err(_) => return Ended::Later,
    };
    let (sender, recipients, marks) = (claimed.sender.clone(), claimed.recipients.clone(), marks.to_vec());
    let reading = tokio::task::spawn_blocking(move || {
        let recipients: Vec<&str> = recipients.lines().collect();
        let read = reading::read(&raw, &sender, &recipients, &marks);
        (read, raw)
    });
    match tokio::time::timeout(PATIENCE, reading).await {
        Ok(Ok((Ok(read), raw))) => {
            let id = trusted_server(app, claimed);
            let found = authentication::authenticate(app, &raw, &read.mail, id).await;
            Ended::Read(Arc::new(read), found)
        }
        Ok(Ok((Err(why), _))) => Ended::TooComplex(why),
        Ok(Err(_)) => Ended::Broken("reading it broke off".to_owned()),
        Err(_) => Ended::Broken(format!("reading it took longer than {} s", PATIENCE.as_secs())),
    }
}

/// Whose findings count: anybody can hand a mail to the listener, with whatever findings in it.
fn trusted_server<'a>(app: &'a App, claimed: &Claimed) -> Option<&'a str> {
    let settings = &app.config().mail_in;
    let is_trusted = match claimed.door {
        Door::Smtp => {
            let address = claimed.client.split_whitespace().next().unwrap_or_default();
            settings.relays.iter().any(|relay| relay.to_string() == address)
        }
        Door::Imap | Door::Api | Door::Command => true,
    };
    settings.authserv_id.as_deref().filter(|_| is_trusted)
}

async fn end(app: &App, claimed: Claimed, ended: Ended) {
    let done = match &ended {
        Ended::Read(read, found) => match filing::file(app, &claimed, Arc::clone(read), found).await {
            Ok(_) => Ok(()),
            Err(error) if is_for_now(&error) => later(app, &claimed).await,
            // Its twin was filed in the same moment: the next look finds that.
            Err(error) if error.kind == Kind::Conflict => {
                put_back(app, &claimed, 0, claimed.attempt - 1).await
            }
            Err(error) => broken(app, &claimed, &error.to_string()).await,
        },
        Ended::TooComplex(why) => {
            filing::quarantine(app, &claimed, Reason::TooComplex, &why.to_string()).await
        }
        Ended::Broken(words) => broken(app, &claimed, words).await,
        Ended::Later => later(app, &claimed).await,
    };
    if let Err(error) = done {
        tracing::warn!(mail = %claimed.id, %error, "a mail could not be filed; it is tried again when its lease ends");
    }
}

fn is_for_now(error: &crate::error::Error) -> bool {
    error.kind == Kind::Unavailable
}

/// The mail is not to blame: this try does not count.
async fn later(app: &App, claimed: &Claimed) -> Result<()> {
    put_back(app, claimed, AGAIN_MS, claimed.attempt - 1).await
}

async fn broken(app: &App, claimed: &Claimed, words: &str) -> Result<()> {
    tracing::warn!(mail = %claimed.id, attempt = claimed.attempt, words, "a mail could not be read");
    if claimed.attempt >= TRIES {
        return filing::quarantine(app, claimed, Reason::Unreadable, words).await;
    }
    put_back(app, claimed, AGAIN_MS * claimed.attempt, claimed.attempt).await
}

async fn put_back(app: &App, claimed: &Claimed, after_ms: i64, attempt: i64) -> Result<()> {
    let (at, claimed) = (app.now_ms() + after_ms, claimed.clone());
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::put_back(tx, &claimed, at, attempt).await)
        .await?)
}
