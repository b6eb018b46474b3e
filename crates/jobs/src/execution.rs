//! One run of one claimed job: under its lease, within its time, whatever it does.

use crate::runner::{Environment, Settings};
use crate::store::{self, Claimed, Next};
use crate::{Claim, Failure, Job};
use db::{Db, Tx};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

const ERROR_CHARACTERS: usize = 500;

type Running = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

/// How jobs of one kind run.
pub(crate) struct Handler<C> {
    attempts: i64,
    longest_ms: i64,
    start: Box<dyn Fn(Arc<C>, Claim, String) -> Running + Send + Sync>,
}

impl<C: Send + Sync + 'static> Handler<C> {
    pub(crate) fn of<J: Job<Context = C>>() -> Self {
        Self {
            attempts: J::ATTEMPTS,
            longest_ms: J::LONGEST_MS,
            start: Box::new(|context, claim, payload| {
                Box::pin(async move {
                    let job: J = serde_json::from_str(&payload)
                        .map_err(|error| Failure::Fail(format!("unreadable payload: {error}")))?;
                    job.run(&context, &claim).await
                })
            }),
        }
    }
}

pub(crate) struct Execution<C> {
    pub(crate) db: Db,
    pub(crate) environment: Environment,
    pub(crate) settings: Settings,
    pub(crate) context: Arc<C>,
    pub(crate) handler: Option<Arc<Handler<C>>>,
    pub(crate) claimed: Claimed,
}

enum Outcome {
    Done,
    Failed(Failure),
    ClaimEnded,
}

impl<C: Send + Sync + 'static> Execution<C> {
    /// Runs the job and records how it went. If even that fails, the lease ends and it runs again.
    pub(crate) async fn run(self) {
        let claim = self.claimed.claim;
        let outcome = match &self.handler {
            // Another version of the program enqueued it; a node of that version may take it.
            None => Outcome::Failed(Failure::Retry(
                "this version does not know the kind of job".to_owned(),
            )),
            Some(handler) if claim.attempt > handler.attempts => Outcome::Failed(Failure::Fail(
                "every run of it ended without an answer".to_owned(),
            )),
            Some(handler) => self.under_lease(handler).await,
        };
        let recorded = match outcome {
            // False when the job has finished itself, in the transaction of its effect.
            Outcome::Done => {
                self.db
                    .write(async move |tx: &mut Tx| store::finish(tx, &claim).await)
                    .await
            }
            Outcome::Failed(failure) => self.record(failure).await,
            Outcome::ClaimEnded => {
                tracing::warn!(kind = %self.claimed.kind, job = %claim.id, "a run was cut short: its job is done, or another runner's");
                Ok(false)
            }
        };
        if let Err(error) = recorded {
            tracing::error!(kind = %self.claimed.kind, job = %claim.id, %error, "a job's outcome was not recorded");
        }
    }

    async fn under_lease(&self, handler: &Handler<C>) -> Outcome {
        let clock = &self.environment.clock;
        let running = (handler.start)(
            Arc::clone(&self.context),
            self.claimed.claim,
            self.claimed.payload.clone(),
        );
        let mut running = AssertUnwindSafe(running).catch_unwind();
        let mut renewed_at = clock.now_ms();
        let give_up_at = renewed_at.saturating_add(handler.longest_ms);
        loop {
            let renew_at = renewed_at
                .saturating_add(self.settings.lease_ms / 3)
                .min(give_up_at);
            tokio::select! {
                biased;
                ended = &mut running => return match ended {
                    Ok(Ok(())) => Outcome::Done,
                    Ok(Err(failure)) => Outcome::Failed(failure),
                    Err(panic) => Outcome::Failed(Failure::Retry(panic_text(panic.as_ref()))),
                },
                () = clock.sleep_until(renew_at) => {}
            }
            renewed_at = clock.now_ms();
            if renewed_at >= give_up_at {
                let text = format!("it took longer than {} ms", handler.longest_ms);
                return Outcome::Failed(Failure::Retry(text));
            }
            let claim = self.claimed.claim;
            let lease_until = renewed_at.saturating_add(self.settings.lease_ms);
            let renewed = self
                .db
                .write(async move |tx: &mut Tx| store::renew(tx, &claim, lease_until).await)
                .await;
            match renewed {
                Ok(true) => {}
                Ok(false) => return Outcome::ClaimEnded,
                // The next turn tries again; until the lease ends nobody else takes the job.
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            }
        }
    }

    async fn record(&self, failure: Failure) -> Result<bool, db::Error> {
        let claim = self.claimed.claim;
        let attempts = self.handler.as_ref().map_or(i64::MAX, |it| it.attempts);
        let now_ms = self.environment.clock.now_ms();
        let (next, text) = match failure {
            Failure::Retry(text) if claim.attempt < attempts => {
                let random = (self.environment.random)();
                let delay = self.settings.retry_delay_ms(claim.attempt, random);
                (Next::RetryAt(now_ms.saturating_add(delay)), text)
            }
            Failure::Retry(text) | Failure::Fail(text) => (Next::ParkedAt(now_ms), text),
        };
        let parked = matches!(next, Next::ParkedAt(_));
        tracing::warn!(kind = %self.claimed.kind, job = %claim.id, attempt = claim.attempt, parked, error = %text, "a job failed");
        // NUL cannot be stored, and a failure must never fail to be recorded for its own text.
        let text: String = text
            .chars()
            .filter(|character| *character != '\0')
            .take(ERROR_CHARACTERS)
            .collect();
        self.db
            .write(async move |tx: &mut Tx| store::give_up(tx, &claim, next, &text).await)
            .await
    }
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    text.map_or_else(|| "it panicked".to_owned(), |text| format!("it panicked: {text}"))
}
