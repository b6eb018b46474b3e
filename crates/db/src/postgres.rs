//! PostgreSQL: one transaction per write, repeated when the server asks for it; hints by NOTIFY.
//!
//! Bodies run on a few threads of their own, each with a single-threaded runtime, so that a body
//! may borrow its transaction across awaits without being `Send`: the same body serves SQLite.

mod connect;
mod listen;
mod statement;

pub(crate) use statement::{Session, column, execute, query};

use crate::migrate::{self, Migration};
use crate::stats::Stats;
use crate::tx::{Tx, TxEngine};
use crate::{Error, Hint, OpenError, fault};
use deadpool_postgres::Pool;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_postgres::error::Severity;
use tokio_util::task::LocalPoolHandle;

const CONNECTIONS: usize = 16;
const ATTEMPTS: u32 = 12;
const CHANNEL: &str = "helpdesky";
const FAULT_DELAY: Duration = Duration::from_millis(5);

pub(crate) struct Postgres {
    pool: Pool,
    threads: LocalPoolHandle,
    stats: Arc<Stats>,
    hints: broadcast::Sender<Hint>,
    listening: Arc<AtomicBool>,
    listener: tokio::task::AbortHandle,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

impl Postgres {
    pub(crate) async fn open(
        url: &str,
        migrations: &'static [Migration],
        now_ms: i64,
        stats: Arc<Stats>,
        hints: broadcast::Sender<Hint>,
    ) -> Result<Self, OpenError> {
        let config = connect::config(url)?;
        let tls = connect::tls()?;
        let pool = connect::pool(&config, tls.as_ref())?;
        let mut client = pool.get().await.map_err(|error| {
            OpenError::new(
                format!("PostgreSQL cannot be reached: {}", with_causes(&error)),
                "check the database URL, that the server runs and that it lets this machine in",
            )
        })?;
        connect::check_server(&client).await?;
        migrate::postgres(&mut client, migrations, now_ms).await?;
        drop(client);
        let listening = Arc::new(AtomicBool::new(false));
        let listener =
            tokio::spawn(listen::listen(config, tls, hints.clone(), Arc::clone(&listening))).abort_handle();
        let threads =
            LocalPoolHandle::new(std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)));
        Ok(Self {
            pool,
            threads,
            stats,
            hints,
            listening,
            listener,
        })
    }

    pub(crate) async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (pool, stats, hints) = (self.pool.clone(), Arc::clone(&self.stats), self.hints.clone());
        let run = move || async move {
            let mut attempt = 0;
            loop {
                attempt += 1;
                match transaction(&pool, &stats, &hints, &body).await {
                    Attempt::Again(error) if attempt == ATTEMPTS => return Err(E::from(error)),
                    Attempt::Again(_) => {
                        stats.retry();
                        // The server has already serialised the other one; a short, growing pause
                        // keeps many contenders from meeting again at once.
                        tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt))).await;
                    }
                    Attempt::Done(result) => return result,
                }
            }
        };
        // The task runs to its end even when the caller goes away: what is sent to the server is
        // committed or undone, never left open.
        self.threads
            .spawn_pinned(run)
            .await
            .unwrap_or_else(|_| Err(E::from(panicked())))
    }

    pub(crate) async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (pool, stats) = (self.pool.clone(), Arc::clone(&self.stats));
        let run = move || async move {
            let session = begin(&pool, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
            let mut tx = Tx::new(TxEngine::Postgres(session), stats);
            let result = AssertUnwindSafe(body(&mut tx)).catch_unwind().await;
            let obstacle = tx.obstacle();
            if let TxEngine::Postgres(session) = tx.engine {
                // What was read is good whether or not the server still hears the end of it.
                drop(session.end("COMMIT").await);
            }
            match (result, obstacle) {
                (Ok(Ok(_)), Some(error)) => Err(E::from(error)),
                (Ok(result), _) => result,
                (Err(_), _) => Err(E::from(panicked())),
            }
        };
        self.threads
            .spawn_pinned(run)
            .await
            .unwrap_or_else(|_| Err(E::from(panicked())))
    }

    /// False while hints from other nodes do not arrive; readers then have to poll.
    pub(crate) fn listening(&self) -> bool {
        self.listening.load(Relaxed)
    }
}

fn panicked() -> Error {
    Error::internal("a body panicked; its changes were undone")
}

/// The drivers' errors name their causes only as sources.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

enum Attempt<T, E> {
    Again(Error),
    Done(Result<T, E>),
}

async fn transaction<T, E, F>(
    pool: &Pool,
    stats: &Arc<Stats>,
    hints: &broadcast::Sender<Hint>,
    body: &F,
) -> Attempt<T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let session = match begin(pool, "BEGIN").await {
        Ok(session) => session,
        Err(error) => return Attempt::Done(Err(E::from(error))),
    };
    let mut tx = Tx::new(TxEngine::Postgres(session), Arc::clone(stats));
    let result = AssertUnwindSafe(body(&mut tx)).catch_unwind().await;
    let obstacle = tx.obstacle();
    let topics = std::mem::take(&mut tx.hints);
    let TxEngine::Postgres(session) = tx.engine else {
        return Attempt::Done(Err(E::from(panicked())));
    };
    let value = match (result, obstacle) {
        (Ok(Ok(value)), None) => value,
        (result, obstacle) => {
            // If even this fails the connection is closed, and the server rolls back.
            drop(session.end("ROLLBACK").await);
            return match (result, obstacle) {
                (Err(_), _) => Attempt::Done(Err(E::from(panicked()))),
                (Ok(_), Some(error @ Error::Contended(_))) => Attempt::Again(error),
                (Ok(Ok(_)), Some(error)) => Attempt::Done(Err(E::from(error))),
                (Ok(result), _) => Attempt::Done(result),
            };
        }
    };
    let mut end = String::new();
    for topic in &topics {
        // One round trip carries the hints and the COMMIT.
        end.push_str(&format!("NOTIFY {CHANNEL}, '{topic}'; "));
    }
    end.push_str("COMMIT");
    if fault::acknowledges_early() {
        tokio::task::spawn_local(async move {
            tokio::time::sleep(FAULT_DELAY).await;
            drop(session.end(&end).await);
        });
        return Attempt::Done(Ok(value));
    }
    match session.end(&end).await {
        Ok(()) => {
            stats.commit();
            for topic in topics {
                // Nobody listening is fine.
                drop(hints.send(Hint::Topic(topic)));
            }
            Attempt::Done(Ok(value))
        }
        Err(error) if was_refused(&error) => match Error::from(error) {
            error @ Error::Contended(_) => Attempt::Again(error),
            error => Attempt::Done(Err(E::from(error))),
        },
        Err(error) => Attempt::Done(Err(E::from(Error::CommitUnknown(Arc::new(error))))),
    }
}

/// True when the server itself said ERROR to the COMMIT, and therefore undid it. FATAL may come
/// after the commit was already made, and a lost connection says nothing at all.
fn was_refused(error: &tokio_postgres::Error) -> bool {
    error
        .as_db_error()
        .is_some_and(|failure| failure.parsed_severity() == Some(Severity::Error))
}

/// Takes a connection and begins. One that died unnoticed in the pool has been asked for nothing
/// yet, so the next one is tried.
async fn begin(pool: &Pool, sql: &str) -> Result<Session, Error> {
    let mut tried = 0;
    loop {
        let client = pool
            .get()
            .await
            .map_err(|error| Error::Unavailable(Arc::new(error)))?;
        let session = Session::new(client);
        match session.begin(sql).await {
            Ok(()) => return Ok(session),
            Err(Error::Unavailable(_)) if tried < CONNECTIONS => tried += 1,
            Err(error) => return Err(error),
        }
    }
}
