//! SQLite: one writer thread with group commit, and a pool of read-only connections.
//!
//! Operations that wait while an fsync runs are executed one after another, each in its own
//! savepoint, inside one transaction; one fsync then acknowledges all of them. An operation that
//! is alone commits at once.

use crate::migrate::{self, Migration};
use crate::stats::Stats;
use crate::tx::{Row, RowEngine, Tx, TxEngine};
use crate::value::{Param, Value};
use crate::{Error, Hint, OpenError, fault, lock};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OpenFlags};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, mpsc, oneshot};

/// 3.7.0 to 3.51.2 can corrupt a database when a WAL is reset (sqlite.org/wal.html).
pub(crate) const OLDEST_SQLITE: i32 = 3_051_003;
const QUEUE: usize = 4096;
const BATCH_OPERATIONS: usize = 512;
const BATCH_TIME: Duration = Duration::from_millis(20);
const STATEMENT_CACHE: usize = 256;

pub(crate) struct Sqlite {
    path: PathBuf,
    queue: mpsc::Sender<Box<dyn Operation>>,
    readers: Mutex<Vec<Connection>>,
    stopped: Arc<OnceLock<Error>>,
    stats: Arc<Stats>,
    lock: lock::FileLock,
}

/// A write as the writer thread sees it: run it, then tell its caller how the commit went.
trait Operation: Send {
    /// Runs the body; false asks to undo it.
    fn run(&mut self, tx: &mut Tx) -> bool;
    /// Sends the answer. Called once, after the commit or its failure.
    fn answer(self: Box<Self>, commit: Result<(), Error>);
}

struct Pending<F, T, E> {
    body: F,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
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

/// Runs a body to its end on this thread. SQLite answers every statement at once, so one poll is
/// enough; a body that awaits anything but its transaction is refused.
fn run_now<F, T, E>(body: &F, tx: &mut Tx) -> Result<T, E>
where
    F: AsyncFn(&mut Tx) -> Result<T, E>,
    E: From<Error>,
{
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let future = pin!(body(tx));
        future.poll(&mut Context::from_waker(Waker::noop()))
    }));
    match polled {
        Ok(Poll::Ready(result)) => match tx.failure.take() {
            Some(error) if result.is_ok() => Err(E::from(error)),
            _ => result,
        },
        Ok(Poll::Pending) => Err(E::from(Error::internal(
            "a body awaited something other than its transaction",
        ))),
        Err(_) => Err(E::from(Error::internal(
            "a body panicked; its changes were undone",
        ))),
    }
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
        let lock = lock::FileLock::acquire(path)?;
        let mut connection = connect(path, false)?;
        migrate::sqlite(&mut connection, path, migrations, now_ms)?;
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stopped = Arc::new(OnceLock::new());
        let (writer_stats, writer_stopped) = (Arc::clone(&stats), Arc::clone(&stopped));
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let connection = Rc::new(connection);
                Writer {
                    connection,
                    stats: writer_stats,
                    hints,
                    stopped: writer_stopped,
                }
                .work(waiting);
            })
            .map_err(|error| {
                OpenError::new(
                    format!("cannot start the writer thread: {error}"),
                    "raise the limit on threads",
                )
            })?;
        Ok(Self {
            path: path.to_owned(),
            queue,
            readers: Mutex::default(),
            stopped,
            stats,
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
        let operation = Box::new(Pending {
            body,
            result: None,
            caller,
        });
        let gone = || Error::internal("the writer thread is gone");
        self.queue.send(operation).await.map_err(|_| E::from(gone()))?;
        answer.await.unwrap_or_else(|_| Err(E::from(gone())))
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
        let result = match run_cached(&connection, "BEGIN") {
            Ok(()) => run_now(body, &mut tx),
            Err(error) => Err(E::from(error)),
        };
        let ended = run_cached(&connection, "COMMIT");
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
        let connection = connect(&self.path, true)?;
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

    pub(crate) fn lock_path(&self) -> &Path {
        self.lock.path()
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
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    if read_only {
        connection.pragma_update(None, "query_only", "ON")?;
        connection.pragma_update(None, "cache_size", -4_000)?;
    } else {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        connection.pragma_update(None, "cache_size", -8_000)?;
    }
    Ok(connection)
}

struct Writer {
    connection: Rc<Connection>,
    stats: Arc<Stats>,
    hints: broadcast::Sender<Hint>,
    stopped: Arc<OnceLock<Error>>,
}

impl Writer {
    fn work(self, mut waiting: mpsc::Receiver<Box<dyn Operation>>) {
        while let Some(first) = waiting.blocking_recv() {
            match self.stopped.get() {
                Some(error) => first.answer(Err(error.clone())),
                None => self.batch(first, &mut waiting),
            }
        }
    }

    fn batch(&self, first: Box<dyn Operation>, waiting: &mut mpsc::Receiver<Box<dyn Operation>>) {
        if let Err(error) = run_cached(&self.connection, "BEGIN IMMEDIATE") {
            first.answer(Err(error));
            return;
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
        match run_cached(&self.connection, "COMMIT") {
            Ok(()) => {
                if self.connection.total_changes() != changes_before {
                    self.stats.commit();
                }
                for topic in hints {
                    // Nobody listening is fine.
                    drop(self.hints.send(Hint::Topic(topic)));
                }
                for operation in done {
                    operation.answer(Ok(()));
                }
            }
            Err(error) => self.fail(done, &error),
        }
    }

    /// Runs one operation in its savepoint. An error means that the whole transaction is gone.
    fn run_alone(&self, operation: &mut dyn Operation, hints: &mut Vec<uuid::Uuid>) -> Result<(), Error> {
        run_cached(&self.connection, "SAVEPOINT operation")?;
        let mut tx = Tx::new(
            TxEngine::Sqlite(Rc::clone(&self.connection)),
            Arc::clone(&self.stats),
        );
        let keep = operation.run(&mut tx);
        if self.connection.is_autocommit() {
            return Err(tx
                .failure
                .take()
                .unwrap_or_else(|| Error::internal("SQLite gave up the transaction")));
        }
        if keep {
            for topic in tx.hints.drain(..) {
                if !hints.contains(&topic) {
                    hints.push(topic);
                }
            }
        } else {
            run_cached(&self.connection, "ROLLBACK TO operation")?;
        }
        run_cached(&self.connection, "RELEASE operation")
    }

    fn fail(&self, done: Vec<Box<dyn Operation>>, error: &Error) {
        if !self.connection.is_autocommit() {
            drop(run_cached(&self.connection, "ROLLBACK"));
        }
        let error = match error {
            // After a failed write or fsync the kernel may have dropped the dirty pages, so that a
            // later fsync would succeed without them. Nothing may be acknowledged after that.
            Error::Driver(source) => {
                let stopped = Error::Stopped(Arc::clone(source));
                tracing::error!(error = %stopped, "the database stopped accepting writes");
                self.stopped.get_or_init(|| stopped).clone()
            }
            other => other.clone(),
        };
        for operation in done {
            operation.answer(Err(error.clone()));
        }
    }
}

fn run_cached(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

struct Bound<'a>(Value<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match &self.0 {
            Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*value))),
            Value::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(*value)),
            Value::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Value::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
            Value::Uuid(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value.as_bytes())),
        })
    }
}

fn bound<'a>(params: &'a [&'a dyn Param]) -> impl rusqlite::Params + 'a {
    rusqlite::params_from_iter(params.iter().map(|param| Bound(param.value())))
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn Param],
) -> Result<u64, Error> {
    let changed = connection.prepare_cached(sql)?.execute(bound(params))?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(crate) fn query<T>(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn Param],
    map: &mut dyn FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(bound(params))?;
    let mut mapped = Vec::new();
    while let Some(row) = rows.next()? {
        mapped.push(map(&Row {
            inner: RowEngine::Sqlite(row),
        })?);
    }
    Ok(mapped)
}

pub(crate) fn column<'a>(row: &'a rusqlite::Row<'_>, position: usize) -> Result<Value<'a>, Error> {
    Ok(match row.get_ref(position)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(_) => return Err(Error::internal(format!("column {position} is a float"))),
        ValueRef::Text(bytes) => {
            Value::Text(std::str::from_utf8(bytes).map_err(|_| Error::internal("text is not UTF-8"))?)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_older_sqlite_is_refused() {
        assert!(super::check_version(3_051_002, "3.51.2").is_err());
        assert!(super::check_version(3_051_003, "3.51.3").is_ok());
        assert!(super::check_version(rusqlite::version_number(), rusqlite::version()).is_ok());
    }
}
