//! The only code that names SQLite or PostgreSQL.
//!
//! Rooms hand over operations as async closures that get a [`Tx`]; the same closure and the same
//! SQL text run on both engines:
//!
//! ```text
//! db.write(async move |tx: &mut db::Tx| store::insert(tx, &contact).await).await?;
//! ```
//!
//! Nothing is acknowledged before it is durable: `write` returns `Ok` only after the fsync (SQLite)
//! or COMMIT (PostgreSQL) that holds the change. A body may run more than once (PostgreSQL repeats
//! it after a serialisation failure), so it awaits nothing but its transaction, has no side effects
//! outside it, and gets ids and times made before it.
//!
//! SQLite runs writes one after another. PostgreSQL runs them side by side at READ COMMITTED: a
//! value that is read, changed and written back goes through one UPDATE, and what must not exist
//! twice is a unique key. Deferred constraints are not for us: they fail at COMMIT, and on SQLite
//! that is the commit of all neighbours.

mod error;
mod fault;
mod lock;
mod migrate;
mod postgres;
mod sqlite;
mod stats;
#[cfg(feature = "testing")]
pub mod testing;
mod tx;
mod value;

pub use error::Error;
pub use migrate::Migration;
pub use stats::StatsReading;
pub use tx::{Row, SKIP_LOCKED, Tx};
pub use value::{Column, Param, Value};

use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::broadcast;
use uuid::Uuid;

const HINTS: usize = 1024;

/// Which database to open.
#[derive(Clone)]
pub enum Location {
    /// A SQLite file; its folder must exist.
    Sqlite(PathBuf),
    /// A PostgreSQL connection URL.
    Postgres(String),
}

impl std::fmt::Debug for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            // The URL may carry a password.
            Self::Postgres(_) => f.write_str("Postgres(..)"),
        }
    }
}

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// SQLite, inside this process.
    Sqlite,
    /// PostgreSQL, shared by any number of nodes.
    Postgres,
}

/// Something may have happened. The truth is in the tables; a hint only says when to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Under this topic (a helpdesk).
    Topic(Uuid),
    /// Under any topic: hints may have been missed.
    Everything,
}

/// Why the database could not be opened: what is wrong, and what to do about it.
#[derive(Debug, thiserror::Error)]
#[error("{cause}; {remedy}")]
pub struct OpenError {
    cause: String,
    remedy: String,
    in_use: bool,
}

impl OpenError {
    pub(crate) fn new(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            remedy: remedy.into(),
            in_use: false,
        }
    }

    pub(crate) fn in_use(cause: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            in_use: true,
            ..Self::new(cause, remedy)
        }
    }

    /// True when another process holds the SQLite file.
    pub fn is_in_use(&self) -> bool {
        self.in_use
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::new(
            format!("the database cannot be opened: {error}"),
            "check the data folder and its rights",
        )
    }
}

/// A handle to the database; cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>);

struct Inner {
    engine: Running,
    stats: Arc<stats::Stats>,
    hints: broadcast::Sender<Hint>,
}

enum Running {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// Opens the database and brings its schema up to date. `now_ms` stamps applied migrations.
    ///
    /// # Errors
    /// [`OpenError`] names the cause and the remedy: in use, unreachable, too old, written by a
    /// newer version, changed migrations.
    pub async fn open(
        location: &Location,
        migrations: &'static [Migration],
        now_ms: i64,
    ) -> Result<Self, OpenError> {
        let stats = Arc::new(stats::Stats::default());
        let (hints, _) = broadcast::channel(HINTS);
        let engine = match location {
            Location::Sqlite(path) => Running::Sqlite(sqlite::Sqlite::open(
                path,
                migrations,
                now_ms,
                Arc::clone(&stats),
                hints.clone(),
            )?),
            Location::Postgres(url) => Running::Postgres(
                postgres::Postgres::open(url, migrations, now_ms, Arc::clone(&stats), hints.clone()).await?,
            ),
        };
        Ok(Self(Arc::new(Inner { engine, stats, hints })))
    }

    /// Runs a body in one transaction and returns after it is durable. An `Err` undoes it all.
    ///
    /// # Errors
    /// The body's own error, or [`Error`] turned into `E` when the database refused.
    pub async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.stats.write();
        match &self.0.engine {
            Running::Sqlite(sqlite) => sqlite.write(body).await,
            Running::Postgres(postgres) => postgres.write(body).await,
        }
    }

    /// Runs a body that only reads, on one consistent snapshot.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn read<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.0.stats.read();
        match &self.0.engine {
            Running::Sqlite(sqlite) => sqlite.read(&body),
            Running::Postgres(postgres) => postgres.read(body).await,
        }
    }

    /// Hints from this and all other nodes, sent after commits. May lag; then look at everything.
    pub fn subscribe(&self) -> broadcast::Receiver<Hint> {
        self.0.hints.subscribe()
    }

    /// False while hints of other nodes may be missing, so that readers have to poll.
    pub fn hears_other_nodes(&self) -> bool {
        match &self.0.engine {
            Running::Sqlite(_) => true,
            Running::Postgres(postgres) => postgres.listening(),
        }
    }

    /// The engine in use.
    pub fn engine(&self) -> Engine {
        match &self.0.engine {
            Running::Sqlite(_) => Engine::Sqlite,
            Running::Postgres(_) => Engine::Postgres,
        }
    }

    /// Counters since the database was opened.
    pub fn stats(&self) -> StatsReading {
        self.0.stats.reading()
    }

    /// Why writes are refused for good, after the disk failed.
    pub fn stopped(&self) -> Option<&Error> {
        match &self.0.engine {
            Running::Sqlite(sqlite) => sqlite.stopped(),
            Running::Postgres(_) => None,
        }
    }

    /// Checks the whole file (SQLite); PostgreSQL looks after its own. Returns problems found.
    ///
    /// # Errors
    /// When the check itself cannot run.
    pub fn check(&self) -> Result<Vec<String>, Error> {
        match &self.0.engine {
            Running::Sqlite(sqlite) => sqlite.check(),
            Running::Postgres(_) => Ok(Vec::new()),
        }
    }

    /// Writes a checked copy of a SQLite database into a new file, while it is being written to. Holds
    /// the calling thread for as long as that takes. What was acknowledged before the call is in it.
    ///
    /// # Errors
    /// When the copy cannot be written or is not sound, and on PostgreSQL, which has its own tools.
    pub fn copy_to(&self, copy: &Path) -> Result<(), Error> {
        match &self.0.engine {
            Running::Sqlite(sqlite) => sqlite.copy_to(copy),
            Running::Postgres(_) => Err(Error::Internal(
                "PostgreSQL is copied by its own tools, such as pg_dump".to_owned(),
            )),
        }
    }

    /// The file whose lock keeps other processes away from a SQLite database.
    pub fn lock_path(&self) -> Option<&Path> {
        match &self.0.engine {
            Running::Sqlite(sqlite) => Some(sqlite.lock_path()),
            Running::Postgres(_) => None,
        }
    }
}

/// The version of SQLite inside this program.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
