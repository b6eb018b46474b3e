//! SQLite: one writer thread with group commit, and a pool of read-only connections.

mod copy;
mod statement;
mod writer;

pub(crate) use copy::copy_file;
pub(crate) use statement::{column, execute, query};

use crate::migrate::{self, Migration};
use crate::stats::Stats;
use crate::tx::{Tx, TxEngine};
use crate::{Error, Hint, OpenError, lock};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use statement::run;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, oneshot};

/// 3.7.0 to 3.51.2 can corrupt a database when a WAL is reset (sqlite.org/wal.html).
pub(crate) const OLDEST_SQLITE: i32 = 3_051_003;
const QUEUE: usize = 4096;
const STATEMENT_CACHE: usize = 256;
const BUSY: Duration = Duration::from_secs(5);
/// What a burst may leave of the log file; above it the file is cut when the log starts anew.
const LOG_BYTES_KEPT: i64 = 64 * 1024 * 1024;

/// The fields are dropped in this order: no new writes, no readers, then the writer finishes what
/// it was given, and last of all another process may have the file.
pub(crate) struct Sqlite {
    path: PathBuf,
    queue: mpsc::Sender<Box<dyn writer::Operation>>,
    readers: Mutex<Vec<Connection>>,
    stopped: Arc<OnceLock<Error>>,
    stats: Arc<Stats>,
    _writer: writer::Thread,
    lock: Arc<lock::FileLock>,
}

impl Sqlite {
    pub(crate) fn open(
        path: &Path,
        migrations: &[Migration],
        now_ms: i64,
        stats: Arc<Stats>,
        hints: broadcast::Sender<Hint>,
    ) -> Result<Self, OpenError> {
        check_version(rusqlite::version_number(), rusqlite::version())?;
        let lock = Arc::new(lock::FileLock::acquire(path)?);
        let mut connection = connect(path, false)?;
        migrate::sqlite(&mut connection, path, migrations, now_ms)?;
        make_durable(&connection, path)?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stopped = Arc::new(OnceLock::new());
        let writer = writer::start(
            connection,
            waiting,
            writer::Shared {
                stats: Arc::clone(&stats),
                hints,
                stopped: Arc::clone(&stopped),
                lock: Arc::clone(&lock),
            },
        )?;
        Ok(Self {
            path: path.to_owned(),
            queue,
            readers: Mutex::default(),
            stopped,
            stats,
            _writer: writer,
            lock,
        })
    }

    pub(crate) async fn write<T, E, F>(&self, body: F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let operation = writer::Pending::new(body, caller);
        if self.queue.send(Box::new(operation)).await.is_err() {
            return Err(E::from(self.writer_gone()));
        }
        match answer.await {
            Ok(result) => result,
            Err(_) => Err(E::from(self.writer_gone())),
        }
    }

    /// The writer ends only with the last handle, unless it panicked outside a body: then nobody
    /// knows what became of its last transaction, and readiness must say that writes are refused.
    fn writer_gone(&self) -> Error {
        let gone = || Error::Stopped(Arc::new(std::io::Error::other("the writer thread is gone")));
        self.stopped.get_or_init(gone).clone()
    }

    /// Runs on the calling thread: a read takes tens of microseconds, less than handing it over.
    pub(crate) fn read<T, E, F>(&self, body: &F) -> Result<T, E>
    where
        F: AsyncFn(&mut Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let pooled = self.readers.lock().ok().and_then(|mut readers| readers.pop());
        let connection = match pooled {
            Some(connection) => connection,
            None => connect(&self.path, true).map_err(E::from)?,
        };
        let connection = Rc::new(connection);
        let mut tx = Tx::new(TxEngine::Sqlite(Rc::clone(&connection)), Arc::clone(&self.stats));
        let result = match run(&connection, "BEGIN") {
            Ok(()) => run_now(body, &mut tx),
            Err(error) => Err(E::from(error)),
        };
        let ended = run(&connection, "COMMIT");
        drop(tx);
        if ended.is_ok()
            && let Some(connection) = Rc::into_inner(connection)
            && let Ok(mut readers) = self.readers.lock()
        {
            readers.push(connection);
        }
        result
    }

    pub(crate) fn stopped(&self) -> Option<&Error> {
        self.stopped.get()
    }

    /// Reads the whole file and checks its structure and foreign keys.
    pub(crate) fn check(&self) -> Result<Vec<String>, Error> {
        problems(&connect(&self.path, true)?)
    }

    /// Writes a checked copy of everything that is committed now. Writers go on meanwhile.
    pub(crate) fn copy_to(&self, copy: &Path) -> Result<(), Error> {
        copy_file(&connect(&self.path, true)?, &self.path, copy)?;
        let problems = problems(&connect(copy, true)?)?;
        if problems.is_empty() {
            return Ok(());
        }
        drop(std::fs::remove_file(copy));
        Err(Error::internal(format!(
            "the copy is not sound: {}",
            problems.join("; ")
        )))
    }

    pub(crate) fn lock_path(&self) -> &Path {
        self.lock.path()
    }
}

fn problems(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut problems = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
    for line in statement.query_map([], |row| row.get::<_, String>(0))? {
        let line = line?;
        if line != "ok" {
            problems.push(line);
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    for table in statement.query_map([], |row| row.get::<_, String>(0))? {
        problems.push(format!("a row of {} points to nothing", table?));
    }
    Ok(problems)
}

/// Runs a body to its end on this thread. SQLite answers every statement at once, so one poll is
/// enough; a body that awaits anything but its transaction is refused.
fn run_now<T, E, F>(body: &F, tx: &mut Tx) -> Result<T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let future = pin!(body(tx));
        future.poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Ok(Poll::Ready(Ok(value))) => match tx.obstacle() {
            Some(error) => Err(E::from(error)),
            None => Ok(value),
        },
        Ok(Poll::Ready(Err(error))) => Err(error),
        Ok(Poll::Pending) => Err(E::from(Error::internal(
            "a body awaited something other than its transaction",
        ))),
        Err(_) => Err(E::from(Error::internal(
            "a body panicked; its changes were undone",
        ))),
    }
}

fn check_version(number: i32, text: &str) -> Result<(), OpenError> {
    if number < OLDEST_SQLITE {
        return Err(OpenError::new(
            format!("this build carries SQLite {text}, which can corrupt a database when its log is reset"),
            "build with SQLite 3.51.3 or later",
        ));
    }
    Ok(())
}

fn connect(path: &Path, read_only: bool) -> Result<Connection, Error> {
    let access = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
    };
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.busy_timeout(BUSY)?;
    // Otherwise a prepared statement whose plan could depend on a bound value is compiled anew whenever
    // that value changes, which costs more than running it. Our plans are the same for all values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    if read_only {
        connection.pragma_update(None, "query_only", "ON")?;
        connection.pragma_update(None, "cache_size", -4_000)?;
        return Ok(connection);
    }
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        return Err(Error::internal(format!(
            "the file system does not allow a write-ahead log (SQLite answered {mode}); use a local disk"
        )));
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    // On macOS a plain fsync does not reach the disk; elsewhere these two change nothing.
    connection.pragma_update(None, "fullfsync", "ON")?;
    connection.pragma_update(None, "checkpoint_fullfsync", "ON")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "cache_size", -8_000)?;
    connection.pragma_update(None, "journal_size_limit", LOG_BYTES_KEPT)?;
    Ok(connection)
}

/// What a killed process left in the log is visible from now on, so it must be as durable as what
/// we acknowledge ourselves (the old process may have died before its fsync, or of a failing one).
/// The folder is synced so that a new database is still there after a power cut.
fn make_durable(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .map_err(Error::from)?;
    sync_folder(path).map_err(|error| {
        OpenError::new(
            format!("cannot sync the folder of {}: {error}", path.display()),
            "check the disk and the rights of the data folder",
        )
    })
}

/// Makes the names in the folder of this file durable.
pub(crate) fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::StatementStatus;

    #[test]
    fn other_values_do_not_compile_a_statement_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.sqlite");
        let writer = connect(&path, false).unwrap();
        writer
            .execute_batch("CREATE TABLE t (a INTEGER, b INTEGER); CREATE INDEX t_by_a_b ON t (a, b);")
            .unwrap();
        for connection in [writer, connect(&path, true).unwrap()] {
            let mut range = connection
                .prepare("SELECT b FROM t WHERE a = $1 AND b < $2 ORDER BY b DESC LIMIT $3")
                .unwrap();
            for value in 0..5 {
                let found = range.exists([value, value * 7, value + 1]).unwrap();
                assert!(!found);
            }
            assert_eq!(range.get_status(StatementStatus::RePrepare), 0);
        }
    }

    #[test]
    fn an_older_sqlite_is_refused() {
        assert!(super::check_version(3_051_002, "3.51.2").is_err());
        assert!(super::check_version(3_051_003, "3.51.3").is_ok());
        assert!(super::check_version(rusqlite::version_number(), rusqlite::version()).is_ok());
    }
}
