//! PostgreSQL: one transaction per write, repeated when the server asks for it; hints by NOTIFY.
//!
//! Bodies run on a few threads of their own, each with a single-threaded runtime, so that a body
//! may borrow its transaction across awaits without being `Send`: the same body serves SQLite.

use crate::migrate::{self, Migration};
use crate::stats::Stats;
use crate::tx::{Row, RowEngine, SKIP_LOCKED, Tx, TxEngine};
use crate::value::{Param, Value};
use crate::{Error, Hint, OpenError};
use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod};
use futures_util::{FutureExt, StreamExt, future, stream};
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;
use tokio::sync::broadcast;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use tokio_postgres::{AsyncMessage, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_util::task::LocalPoolHandle;
use uuid::Uuid;

const OLDEST_SERVER: i64 = 140_000;
const CONNECTIONS: usize = 16;
const ATTEMPTS: u32 = 12;
const CHANNEL: &str = "helpdesky";
const RECONNECT: Duration = Duration::from_secs(1);

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
        let config: Config = url.parse().map_err(|error| {
            OpenError::new(
                format!("the database URL cannot be read: {error}"),
                "write it as postgres://user:password@host/database",
            )
        })?;
        let tls = tls()?;
        let manager_config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = match &tls {
            Some(tls) => Manager::from_config(config.clone(), tls.clone(), manager_config),
            None => Manager::from_config(config.clone(), NoTls, manager_config),
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .build()
            .map_err(|error| {
                OpenError::new(
                    format!("cannot prepare connections: {error}"),
                    "report this as a bug",
                )
            })?;
        let mut client = pool.get().await.map_err(|error| {
            OpenError::new(
                format!("PostgreSQL cannot be reached: {error}"),
                "check the database URL, that the server runs and that it lets this machine in",
            )
        })?;
        check_server(&client).await?;
        migrate::postgres(&mut client, migrations, now_ms).await?;
        drop(client);
        let listening = Arc::new(AtomicBool::new(false));
        let listener =
            tokio::spawn(listen(config, tls, hints.clone(), Arc::clone(&listening))).abort_handle();
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
            let client = connect(&pool).await.map_err(E::from)?;
            begin(&client, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                .await
                .map_err(E::from)?;
            let mut tx = Tx::new(TxEngine::Postgres(Box::new(client)), stats);
            let result = AssertUnwindSafe(body(&mut tx)).catch_unwind().await;
            if let TxEngine::Postgres(client) = &tx.engine {
                end(client, "COMMIT").await.map_err(E::from)?;
            }
            match (result, tx.failure) {
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
    let client = match connect(pool).await {
        Ok(client) => client,
        Err(error) => return Attempt::Done(Err(E::from(error))),
    };
    if let Err(error) = begin(&client, "BEGIN").await {
        return Attempt::Done(Err(E::from(error)));
    }
    let mut tx = Tx::new(TxEngine::Postgres(Box::new(client)), Arc::clone(stats));
    let result = AssertUnwindSafe(body(&mut tx)).catch_unwind().await;
    let failure = tx.failure.take();
    let TxEngine::Postgres(client) = tx.engine else {
        return Attempt::Done(Err(E::from(panicked())));
    };
    let value = match (result, failure) {
        (Ok(Ok(value)), None) => value,
        (result, failure) => {
            // If even this fails the pool throws the connection away, and the server rolls back.
            drop(end(&client, "ROLLBACK").await);
            return match (result, failure) {
                (_, Some(error @ Error::Contended(_))) => Attempt::Again(error),
                (Ok(Err(error)), _) => Attempt::Done(Err(error)),
                (Ok(Ok(_)), Some(error)) => Attempt::Done(Err(E::from(error))),
                (Ok(Ok(_)) | Err(_), _) => Attempt::Done(Err(E::from(panicked()))),
            };
        }
    };
    for topic in &tx.hints {
        if let Err(error) = notify(&client, *topic).await {
            drop(end(&client, "ROLLBACK").await);
            return Attempt::Done(Err(E::from(error)));
        }
    }
    match end(&client, "COMMIT").await {
        Ok(()) => {
            stats.commit();
            for topic in tx.hints {
                // Nobody listening is fine.
                drop(hints.send(Hint::Topic(topic)));
            }
            Attempt::Done(Ok(value))
        }
        Err(error @ Error::Contended(_)) => Attempt::Again(error),
        Err(Error::Unavailable(source) | Error::Driver(source)) => {
            Attempt::Done(Err(E::from(Error::CommitUnknown(source))))
        }
        Err(error) => Attempt::Done(Err(E::from(error))),
    }
}

async fn connect(pool: &Pool) -> Result<Client, Error> {
    pool.get()
        .await
        .map_err(|error| Error::Unavailable(Arc::new(error)))
}

async fn begin(client: &Client, sql: &str) -> Result<(), Error> {
    Ok(client.batch_execute(sql).await?)
}

/// Ends the transaction. A connection that could not do so must not go back into the pool.
async fn end(client: &Client, sql: &str) -> Result<(), Error> {
    Ok(client.batch_execute(sql).await?)
}

async fn notify(client: &Client, topic: Uuid) -> Result<(), Error> {
    let statement = client.prepare_cached("SELECT pg_notify($1, $2)").await?;
    client.query(&statement, &[&CHANNEL, &topic.to_string()]).await?;
    Ok(())
}

async fn check_server(client: &Client) -> Result<(), OpenError> {
    let unreadable = |error: &dyn std::fmt::Display| {
        OpenError::new(
            format!("cannot ask PostgreSQL for its version: {error}"),
            "check the user's rights",
        )
    };
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::bigint, current_setting('server_encoding')",
            &[],
        )
        .await
        .map_err(|error| unreadable(&error))?;
    let version: i64 = row.try_get(0).map_err(|error| unreadable(&error))?;
    let encoding: String = row.try_get(1).map_err(|error| unreadable(&error))?;
    if version < OLDEST_SERVER {
        return Err(OpenError::new(
            format!("this PostgreSQL is version {}, too old", version / 10_000),
            "use PostgreSQL 14 or later",
        ));
    }
    if encoding != "UTF8" {
        return Err(OpenError::new(
            format!("this PostgreSQL database is encoded in {encoding}"),
            "create the database with ENCODING 'UTF8'",
        ));
    }
    Ok(())
}

fn tls() -> Result<Option<MakeRustlsConnect>, OpenError> {
    let mut roots = rustls::RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // A certificate that rustls cannot read is one the server cannot be verified with.
        drop(roots.add(certificate));
    }
    if roots.is_empty() {
        // No trusted roots on this machine: only connections that need no TLS can be made.
        return Ok(None);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenError::new(format!("cannot set up TLS: {error}"), "report this as a bug"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(MakeRustlsConnect::new(config)))
}

/// Hears the hints of all nodes; after every (re)connection it tells listeners to look at everything.
async fn listen(
    config: Config,
    tls: Option<MakeRustlsConnect>,
    hints: broadcast::Sender<Hint>,
    listening: Arc<AtomicBool>,
) {
    loop {
        let heard = match &tls {
            Some(tls) => listen_once(&config, tls.clone(), &hints, &listening).await,
            None => listen_once(&config, NoTls, &hints, &listening).await,
        };
        listening.store(false, Relaxed);
        if let Err(error) = heard {
            tracing::warn!(%error, "hints from other nodes do not arrive; trying again");
        }
        drop(hints.send(Hint::Everything));
        tokio::time::sleep(RECONNECT).await;
    }
}

async fn listen_once<M>(
    config: &Config,
    tls: M,
    hints: &broadcast::Sender<Hint>,
    listening: &AtomicBool,
) -> Result<(), Error>
where
    M: tokio_postgres::tls::MakeTlsConnect<tokio_postgres::Socket>,
{
    let (client, mut connection) = config.connect(tls).await?;
    let mut messages = pin!(stream::poll_fn(move |context| connection.poll_message(context)));
    let subscribed = async {
        let result = client.batch_execute("LISTEN helpdesky").await;
        if result.is_ok() {
            listening.store(true, Relaxed);
            drop(hints.send(Hint::Everything));
            future::pending::<()>().await;
        }
        result
    };
    let mut subscribed = pin!(subscribed.fuse());
    loop {
        futures_util::select_biased! {
            failed = subscribed => { failed?; }
            message = messages.next().fuse() => match message {
                Some(Ok(AsyncMessage::Notification(note))) => {
                    if let Ok(topic) = note.payload().parse() {
                        drop(hints.send(Hint::Topic(topic)));
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Ok(()),
            }
        }
    }
}

#[derive(Debug)]
struct Bound<'a>(Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match &self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Blob(value) => value.to_sql(ty, out),
            Value::Uuid(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn bound<'a>(params: &'a [&'a dyn Param]) -> Vec<Bound<'a>> {
    params.iter().map(|param| Bound(param.value())).collect()
}

fn dialect(sql: &'static str) -> std::borrow::Cow<'static, str> {
    if sql.contains(SKIP_LOCKED) {
        sql.replace(SKIP_LOCKED, "FOR UPDATE SKIP LOCKED").into()
    } else {
        sql.into()
    }
}

pub(crate) async fn execute(client: &Client, sql: &'static str, params: &[&dyn Param]) -> Result<u64, Error> {
    let statement = client.prepare_cached(&dialect(sql)).await?;
    let bound = bound(params);
    Ok(client
        .execute_raw(&statement, bound.iter().map(|value| value as &dyn ToSql))
        .await?)
}

pub(crate) async fn query<T>(
    client: &Client,
    sql: &'static str,
    params: &[&dyn Param],
    map: &mut dyn FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let statement = client.prepare_cached(&dialect(sql)).await?;
    let bound = bound(params);
    let rows = client
        .query_raw(&statement, bound.iter().map(|value| value as &dyn ToSql))
        .await?;
    let mut rows = pin!(rows);
    let mut mapped = Vec::new();
    while let Some(row) = rows.next().await {
        mapped.push(map(&Row {
            inner: RowEngine::Postgres(&row?),
        })?);
    }
    Ok(mapped)
}

pub(crate) fn column(row: &tokio_postgres::Row, position: usize) -> Result<Value<'_>, Error> {
    let Some(column) = row.columns().get(position) else {
        return Err(Error::internal(format!("there is no column {position}")));
    };
    let value = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(position)?.map(Value::Int),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(position)?
            .map(|value| Value::Int(i64::from(value))),
        Type::BOOL => row.try_get::<_, Option<bool>>(position)?.map(Value::Bool),
        Type::UUID => row.try_get::<_, Option<Uuid>>(position)?.map(Value::Uuid),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(position)?.map(Value::Blob),
        _ => row.try_get::<_, Option<&str>>(position)?.map(Value::Text),
    };
    Ok(value.unwrap_or(Value::Null))
}
