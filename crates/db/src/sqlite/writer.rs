//! The one thread that writes. Operations that wait while an fsync runs are executed one after
//! another, each in its own savepoint, inside one transaction; one fsync then acknowledges all of
//! them. An operation that is alone commits at once.
//!
//! The thread holds the file lock and the connection until everything it was given is done. It
//! must never answer a caller before the commit that holds his change, nor after a failed fsync.

use super::statement::run;
use super::{BUSY, run_now};
use crate::stats::Stats;
use crate::tx::{Tx, TxEngine};
use crate::{Error, Hint, OpenError, fault, lock};
use rusqlite::Connection;
use std::rc::Rc;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, oneshot};

const BATCH_OPERATIONS: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(20);
/// Pages (4 KiB) in the log at which it is copied into the database.
const CHECKPOINT_PAGES: i32 = 1_000;
/// Pages at which the writer waits a little for readers, so that the log can start anew.
const LONG_LOG_PAGES: i32 = 16_000;
const LONG_LOG_WAIT: Duration = Duration::from_millis(50);

/// A write as the writer thread sees it: run it, then tell its caller how the commit went.
pub(super) trait Operation: Send {
    /// Runs the body; false asks to undo it.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the answer. Called once, after the commit or its failure.
    fn answer(self: Box<Self>, commit: Result<(), Error>);
}

pub(super) struct Pending<F, T, E> {
    body: F,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Pending<F, T, E> {
    pub(super) fn new(body: F, caller: oneshot::Sender<Result<T, E>>) -> Self {
        Self {
            body,
            result: None,
            caller,
        }
    }
}

impl<F, T, E> Operation for Pending<F, T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx) -> bool {
        let result = run_now(&self.body, tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, commit: Result<(), Error>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(E::from(error)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(E::from(Error::internal("a write was answered before it ran"))),
        };
        // The caller may be gone (client disconnected); what is committed stays committed.
        drop(self.caller.send(result));
    }
}

/// What the writer has in common with the handle.
pub(super) struct Shared {
    pub(super) stats: Arc<Stats>,
    pub(super) hints: broadcast::Sender<Hint>,
    pub(super) stopped: Arc<OnceLock<Error>>,
    pub(super) lock: Arc<lock::FileLock>,
}

/// Dropping it waits until the thread has finished what it was given and closed the file.
pub(super) struct Thread(Option<JoinHandle<()>>);

impl Drop for Thread {
    fn drop(&mut self) {
        if let Some(thread) = self.0.take()
            // A body may hold the last handle; the thread cannot wait for itself.
            && thread.thread().id() != std::thread::current().id()
        {
            drop(thread.join());
        }
    }
}

pub(super) fn start(
    mut connection: Connection,
    waiting: mpsc::Receiver<Box<dyn Operation>>,
    shared: Shared,
) -> Result<Thread, OpenError> {
    let log_pages = Arc::new(AtomicI32::new(0));
    let hook_pages = Arc::clone(&log_pages);
    // Also turns SQLite's own checkpoints off: they would run before the answers, and hide errors.
    connection
        .wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages| {
            hook_pages.store(pages, Relaxed);
            Ok(())
        }))
        .map_err(Error::from)?;
    let work = move || {
        Writer {
            connection: Rc::new(connection),
            shared,
            log_pages,
        }
        .work(waiting);
    };
    let thread = std::thread::Builder::new()
        .name("sqlite-writer".to_owned())
        .spawn(work)
        .map_err(|error| {
            OpenError::new(
                format!("cannot start the writer thread: {error}"),
                "raise the limit on threads",
            )
        })?;
    Ok(Thread(Some(thread)))
}

/// The fields are dropped in this order: the connection before the lock.
struct Writer {
    connection: Rc<Connection>,
    log_pages: Arc<AtomicI32>,
    shared: Shared,
}

impl Writer {
    fn work(self, mut waiting: mpsc::Receiver<Box<dyn Operation>>) {
        tracing::debug!(lock = %self.shared.lock.path().display(), "writing");
        while let Some(first) = waiting.blocking_recv() {
            match self.shared.stopped.get() {
                Some(error) => first.answer(Err(error.clone())),
                None => self.batch(first, &mut waiting),
            }
        }
    }

    fn batch(&self, first: Box<dyn Operation>, waiting: &mut mpsc::Receiver<Box<dyn Operation>>) {
        if let Err(error) = run(&self.connection, "BEGIN IMMEDIATE") {
            return self.fail(vec![first], &error);
        }
        let changes_before = self.connection.total_changes();
        let started = Instant::now();
        let mut done: Vec<Box<dyn Operation>> = Vec::new();
        let mut hints = Vec::new();
        let mut next = Some(first);
        while let Some(mut operation) = next.take() {
            let outcome = self.run_alone(operation.as_mut(), &mut hints);
            if outcome.is_ok() && fault::acknowledges_early() {
                operation.answer(Ok(()));
            } else {
                done.push(operation);
            }
            if let Err(error) = outcome {
                // SQLite gave up the whole transaction (disk full, I/O error): nobody's change is there.
                return self.fail(done, &error);
            }
            if done.len() < BATCH_OPERATIONS && started.elapsed() < BATCH_TIME {
                next = waiting.try_recv().ok();
            }
        }
        fault::delay_commit();
        if let Err(error) = run(&self.connection, "COMMIT") {
            return self.fail(done, &error);
        }
        if self.connection.total_changes() != changes_before {
            self.shared.stats.commit();
        }
        for operation in done {
            operation.answer(Ok(()));
        }
        for topic in hints {
            // Nobody listening is fine.
            drop(self.shared.hints.send(Hint::Topic(topic)));
        }
        self.checkpoint();
    }

    /// Runs one operation in its savepoint. An error means that the whole transaction is gone.
    fn run_alone(&self, operation: &mut dyn Operation, hints: &mut Vec<uuid::Uuid>) -> Result<(), Error> {
        run(&self.connection, "SAVEPOINT operation")?;
        let mut tx = Tx::new(
            TxEngine::Sqlite(Rc::clone(&self.connection)),
            Arc::clone(&self.shared.stats),
        );
        let keep = operation.run(&mut tx);
        if self.connection.is_autocommit() {
            return Err(tx
                .obstacle()
                .unwrap_or_else(|| Error::internal("SQLite gave up the transaction")));
        }
        if keep {
            for topic in tx.hints.drain(..) {
                if !hints.contains(&topic) {
                    hints.push(topic);
                }
            }
        } else {
            run(&self.connection, "ROLLBACK TO operation")?;
        }
        run(&self.connection, "RELEASE operation")
    }

    fn fail(&self, done: Vec<Box<dyn Operation>>, error: &Error) {
        if !self.connection.is_autocommit() {
            drop(run(&self.connection, "ROLLBACK"));
        }
        let error = self.stop_after(error);
        for operation in done {
            operation.answer(Err(error.clone()));
        }
    }

    /// After a failed write or fsync the kernel may have dropped the dirty pages, so that a later
    /// fsync would succeed without them: nothing may be acknowledged after that. A full or busy
    /// disk is no such failure, and writing goes on when space returns.
    fn stop_after(&self, error: &Error) -> Error {
        let Error::Driver(source) = error else {
            return error.clone();
        };
        let stopped = Error::Stopped(Arc::clone(source));
        tracing::error!(error = %stopped, "the database stopped accepting writes");
        self.shared.stopped.get_or_init(|| stopped).clone()
    }

    /// Copies the log into the database, after the answers and between two batches. Usually it
    /// takes what readers allow; a log that overlapping readers have kept growing is worth a wait.
    fn checkpoint(&self) {
        let pages = self.log_pages.load(Relaxed);
        if pages < CHECKPOINT_PAGES {
            return;
        }
        let copied = if pages < LONG_LOG_PAGES {
            copy_log(&self.connection, "PRAGMA wal_checkpoint(PASSIVE)")
        } else {
            let copied = self
                .connection
                .busy_timeout(LONG_LOG_WAIT)
                .map_err(Error::from)
                .and_then(|()| copy_log(&self.connection, "PRAGMA wal_checkpoint(RESTART)"));
            copied.and(self.connection.busy_timeout(BUSY).map_err(Error::from))
        };
        if let Err(error) = copied {
            self.stop_after(&error);
        }
    }
}

fn copy_log(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.query_row([], |_| Ok(()))?;
    Ok(())
}
