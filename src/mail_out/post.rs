//! The round of the post: takes what is due, gives it away, and has written down what became of it.
//! What is due is kept below this room; whoever puts the program together names it ([`Queue`]).

use super::outgoing::Outgoing;
use super::{Outcome, delivery, settings};
use crate::app::App;
use crate::config::Mailer;
use crate::error::Result;
use crate::ids::HelpdeskId;
use db::Hint;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

/// As many mails as are in hand at once; each relay has its own, lower limit.
const IN_HAND: usize = 32;
/// How long the post waits at most for what nobody tells it of: mail of other nodes, when their hints
/// do not arrive, and when they do.
const POLL_MS: i64 = 1_000;
const SLOW_POLL_MS: i64 = 30_000;

/// How long mails that are in hand may take when the program stops.
const LAST: Duration = Duration::from_secs(20);

/// Where mail that is due comes from, and where it is written down what became of it.
pub trait Queue: Sync {
    /// A mail in hand, as the queue knows it.
    type Claimed: Send;
    /// The topic of the hint that mail may be due earlier than was known.
    const TOPIC: Uuid;

    /// When mail is due next, epoch milliseconds; `None` while none waits.
    fn next_due(&self, app: &App) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Takes up to so many mails that are due into hand.
    fn claim(&self, app: &App, limit: usize) -> impl Future<Output = Result<Vec<Self::Claimed>>> + Send;

    /// The mail to send.
    fn outgoing(&self, app: &App, claimed: &Self::Claimed) -> impl Future<Output = Outgoing> + Send;

    /// Writes down what became of it.
    fn record(
        &self,
        app: &App,
        claimed: Self::Claimed,
        outcome: Outcome,
    ) -> impl Future<Output = Result<()>> + Send;
}

/// Carries mail until the application stops; what is in hand then may still come to its end.
pub async fn run<Q: Queue>(app: &App, queue: &Q) {
    if !app.config().mail_delivery {
        tracing::info!("mail_delivery is off: mail that is due waits");
        app.stopping().await;
        return;
    }
    let mut hints = app.db().subscribe();
    let mut in_hand = FuturesUnordered::new();
    let mut stopping = std::pin::pin!(app.stopping());
    let mut next_at = app.now_ms();
    loop {
        tokio::select! {
            () = &mut stopping => break,
            Some(()) = in_hand.next(), if !in_hand.is_empty() => {}
            () = come(app, next_at, Q::TOPIC, &mut hints), if in_hand.len() < IN_HAND => {
                let looked_at = app.now_ms();
                let due = claim(app, queue, IN_HAND - in_hand.len()).await;
                if due.is_empty() {
                    next_at = next_look(app, queue, looked_at).await;
                }
                in_hand.extend(due.into_iter().map(|claimed| carry(app, queue, claimed)));
            }
        }
    }
    // What is not done by then stays claimed, and is uncertain when its lease ends.
    let rest = async { while in_hand.next().await.is_some() {} };
    if tokio::time::timeout(LAST, rest).await.is_err() {
        tracing::warn!("some mails were in the middle of being sent when the program stopped");
    }
}

/// Waits for a time, or for the hint that something may be due before it.
async fn come(app: &App, at_ms: i64, topic: Uuid, hints: &mut Receiver<Hint>) {
    let hinted = async {
        loop {
            match hints.recv().await {
                Ok(Hint::Topic(other)) if other != topic => {}
                Ok(_) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    };
    tokio::select! {
        () = app.clock().sleep_until(at_ms) => {}
        () = hinted => {}
    }
}

async fn next_look<Q: Queue>(app: &App, queue: &Q, looked_at: i64) -> i64 {
    let longest = if app.db().hears_other_nodes() {
        SLOW_POLL_MS
    } else {
        POLL_MS
    };
    let due = queue.next_due(app).await.unwrap_or_default();
    // What was due and was not claimed is somebody else's, or waits for the database.
    let due = due.filter(|due_at| *due_at > looked_at).unwrap_or(i64::MAX);
    due.min(app.now_ms() + longest)
}

async fn claim<Q: Queue>(app: &App, queue: &Q, limit: usize) -> Vec<Q::Claimed> {
    match queue.claim(app, limit).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "mail that is due cannot be read");
            Vec::new()
        }
    }
}

/// Whether mail of a helpdesk leaves: there is a way for it, and it is not kept back.
///
/// # Errors
/// When the settings cannot be read.
pub async fn is_set_up(app: &App, helpdesk_id: HelpdeskId) -> Result<bool> {
    if !app.config().mail_delivery {
        return Ok(false);
    }
    if app.config().mailer != Mailer::Smtp {
        return Ok(true);
    }
    let settings = settings::of(app, helpdesk_id).await?;
    Ok(settings.relay.is_some() && settings.from_address.is_some())
}

async fn carry<Q: Queue>(app: &App, queue: &Q, claimed: Q::Claimed) {
    let (mail, of) = (queue.outgoing(app, &claimed).await, app.clone());
    // A task of its own: what makes one mail fail badly must not take the others along.
    let carried = tokio::spawn(async move { delivery::deliver(&of, &mail).await }).await;
    let outcome = carried.unwrap_or_else(|error| {
        tracing::error!(%error, "a mail could not be carried");
        Outcome::Uncertain {
            words: "a fault of ours, which the log tells of".to_owned(),
        }
    });
    if let Err(error) = queue.record(app, claimed, outcome).await {
        tracing::warn!(%error, "what became of a mail could not be written down");
    }
}
