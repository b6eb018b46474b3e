//! Durable job queue on the database.
//!
//! A job is enqueued inside the transaction that causes it, claimed under a lease with a fencing
//! number, and finished, retried or parked only while that number is still its own: a runner that
//! was thought dead cannot finish what another one has taken over. A job runs at least once, and
//! never before its time. One whose effect is in the database makes it happen exactly once by
//! calling [`Claim::finish`] in the transaction of the effect.
//!
//! Time, ids and randomness are given in ([`Environment`]); nothing here reads them by itself.

mod clock;
mod execution;
mod runner;
mod schedule;
mod store;
#[cfg(feature = "testing")]
pub mod testing;

pub use clock::Clock;
pub use runner::{Environment, Runner, Settings};
pub use store::{Parked, Waiting, discard, parked, unpark, waiting};

use db::{Error, Tx};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// A kind of work. Its fields are ids, not contents: what it needs it reads when it runs.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What jobs of the same runner share.
    type Context: Send + Sync + 'static;
    /// Name of the kind in the database; never changed once released.
    const KIND: &'static str;
    /// Runs that may fail before the job is parked.
    const ATTEMPTS: i64 = 12;
    /// A run that takes longer is given up and counts as failed.
    const LONGEST_MS: i64 = 600_000;

    /// Does the work. It may run again after a crash, so doing it twice must equal doing it once.
    fn run(&self, context: &Self::Context, claim: &Claim)
    -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Why a run did not do its work. The text is kept beside the job and shown to operators, so it
/// holds no contents, secrets or addresses.
#[derive(Debug)]
pub enum Failure {
    /// Trying again later may help.
    Retry(String),
    /// Trying again cannot help: park the job.
    Fail(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Retry(error.to_string())
    }
}

/// The right to finish one job, valid until another runner takes it over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The job.
    pub id: Uuid,
    /// 1 for the first run.
    pub attempt: i64,
    pub(crate) fence: i64,
}

impl Claim {
    /// Finishes the job in the transaction of its effect. The runner then has nothing left to do.
    ///
    /// # Errors
    /// When another runner has taken the job over: the effect must not be committed.
    pub async fn finish(&self, tx: &mut Tx) -> Result<(), Error> {
        if store::finish(tx, self).await? {
            return Ok(());
        }
        Err(Error::Internal(
            "the job was taken over by another runner".to_owned(),
        ))
    }
}

/// Adds a job that runs once the clock has reached `run_at_ms`.
///
/// # Errors
/// As any statement; also when the job cannot be written as JSON.
pub async fn enqueue<J: Job>(tx: &mut Tx, job: &J, run_at_ms: i64, id: Uuid) -> Result<(), Error> {
    store::insert(tx, id, J::KIND, &payload(job)?, None, run_at_ms).await?;
    Ok(())
}

/// As [`enqueue`], unless a job of this kind with this key is still unfinished (waiting, running
/// or parked). Returns whether it was added.
///
/// # Errors
/// As [`enqueue`].
pub async fn enqueue_once<J: Job>(
    tx: &mut Tx,
    job: &J,
    dedupe_key: &str,
    run_at_ms: i64,
    id: Uuid,
) -> Result<bool, Error> {
    store::insert(tx, id, J::KIND, &payload(job)?, Some(dedupe_key), run_at_ms).await
}

fn payload<J: Job>(job: &J) -> Result<String, Error> {
    serde_json::to_string(job)
        .map_err(|error| Error::Internal(format!("a job cannot be written as JSON: {error}")))
}
