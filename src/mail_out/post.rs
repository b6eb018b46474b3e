//! The round of the post: takes what is due, gives it away, and has written down what became of it.
//! What is due is kept below this room; whoever puts the program together names it ([`Queue`]).

use super::outgoing::Outgoing;
use super::{Outcome, delivery};
use crate::app::App;
use crate::config::Mailer;
use crate::error::Result;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::time::Duration;

/// As many mails as are in hand at once; each relay has its own, lower limit.
const IN_HAND: usize = 32;
/// How long the post waits when there was nothing to do, or nowhere to take it from.
const PAUSE_MS: i64 = 1_000;

/// How long mails that are in hand may take when the program stops.
const LAST: Duration = Duration::from_secs(20);

/// Where mail that is due comes from, and where it is written down what became of it.
pub trait Queue: Sync {
    /// A mail in hand, as the queue knows it.
    type Claimed: Send;

    /// Takes up to so many mails that are due into hand.
    fn claim(&self, app: &App, limit: usize) -> impl Future<Output = Result<Vec<Self::Claimed>>> + Send;

    /// The mail to send.
    fn outgoing(&self, claimed: &Self::Claimed) -> Outgoing;

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
    if !is_set_up(app).await {
        tracing::info!("no mail server is set up: notifications by email wait until one is");
    }
    let mut in_hand = FuturesUnordered::new();
    let mut stopping = std::pin::pin!(app.stopping());
    let mut next_at = app.now_ms();
    loop {
        tokio::select! {
            () = &mut stopping => break,
            Some(()) = in_hand.next(), if !in_hand.is_empty() => {}
            () = app.clock().sleep_until(next_at), if in_hand.len() < IN_HAND => {
                let due = claim(app, queue, IN_HAND - in_hand.len()).await;
                if due.is_empty() {
                    next_at = app.now_ms() + PAUSE_MS;
                }
                in_hand.extend(due.into_iter().map(|claimed| carry(app, queue, claimed)));
            }
        }
    }
    // What is not done by then stays claimed and is tried again, with the same Message-ID.
    let rest = async { while in_hand.next().await.is_some() {} };
    if tokio::time::timeout(LAST, rest).await.is_err() {
        tracing::warn!("some mails were in the middle of being sent when the program stopped");
    }
}

/// True when mail of any helpdesk has somewhere to go. Without, nothing is taken into hand.
pub async fn is_set_up(app: &App) -> bool {
    let config = app.config();
    if config.mailer != Mailer::Smtp || config.smtp.is_some() {
        return true;
    }
    match super::settings::has_any_relay(app).await {
        Ok(has) => has,
        Err(error) => {
            tracing::warn!(%error, "the settings of mail cannot be read");
            false
        }
    }
}

async fn claim<Q: Queue>(app: &App, queue: &Q, limit: usize) -> Vec<Q::Claimed> {
    if !is_set_up(app).await {
        return Vec::new();
    }
    match queue.claim(app, limit).await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "mail that is due cannot be read");
            Vec::new()
        }
    }
}

async fn carry<Q: Queue>(app: &App, queue: &Q, claimed: Q::Claimed) {
    let (mail, of) = (queue.outgoing(&claimed), app.clone());
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
