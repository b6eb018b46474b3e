//! `serve`: opens the installation, listens, works in the background, and ends in good order.

use crate::admin::control;
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Random;
use crate::mail_in::smtp;
use crate::{router, setup, worker};
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use opening::Opening;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

mod opening;

/// Requests that are being answered get this long to end after a stop.
const DRAIN: Duration = Duration::from_secs(20);
/// And jobs this long after them.
const WORKERS_END: Duration = Duration::from_secs(6);
const HEADER_BYTES: usize = 64 * 1024;
/// HTTP/2 connections are asked this often whether somebody is still there.
const PING: Duration = Duration::from_secs(30);
/// What the process may not open for connections: the database, its pool, logs.
const OTHER_FILES: usize = 128;

/// What clients may take up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A client that takes longer to say what it wants is cut off.
    pub patience: Duration,
    /// Connections at once; more wait to be accepted.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let files = open_files().map_or(usize::MAX, |files| {
            files.saturating_sub(OTHER_FILES).max(OTHER_FILES)
        });
        Self {
            patience: Duration::from_secs(30),
            connections: files.min(10_000),
        }
    }
}

/// How many files this process may have open, where the system says so.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// A running server.
pub struct Server {
    /// The application behind it.
    pub app: App,
    /// Where it listens, with the port that was found when 0 was asked for.
    pub address: SocketAddr,
    /// What clients may take up; to be changed before [`Server::run`].
    pub limits: Limits,
    /// The listener for mail, if there is one.
    pub mail: Option<smtp::Listener>,
    listener: TcpListener,
}

impl Server {
    /// Opens the installation, starts listening, the control socket and the workers.
    ///
    /// # Errors
    /// [`StartError`] says what is wrong and what to do.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        Self::start_with(config, Clock::system(), Random::system()).await
    }

    /// The same with a clock and a source of randomness of the caller's.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_with(mut config: Config, clock: Clock, random: Random) -> Result<Self, StartError> {
        let listener = TcpListener::bind(config.listen).await.map_err(|error| {
            StartError::Other(format!(
                "cannot listen on {}: {error}; stop what uses this address, or choose another with --listen",
                config.listen
            ))
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| StartError::Other(format!("cannot read the address listened on: {error}")))?;
        if config.listen.port() == 0 && config.base_url == format!("http://{}", config.listen) {
            config.base_url = format!("http://{address}");
        }
        let app = App::open(config, clock, random).await?;
        app.be_a_node()?;
        let mail = smtp::Listener::bind(&app).await?;
        control::listen(&app).map_err(|error| {
            StartError::Other(format!(
                "cannot make the control socket in the data folder: {error}; check its rights"
            ))
        })?;
        Ok(Self {
            app,
            address,
            limits: Limits::default(),
            mail,
            listener,
        })
    }

    /// The set-up link, while the installation is empty.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn setup_link(&self) -> crate::error::Result<Option<String>> {
        let token = setup::link_token(&self.app).await?;
        Ok(token.map(|token| format!("{}/setup/{token}", self.app.config().base_url)))
    }

    /// Answers requests until the application is told to stop, then lets the running ones end.
    pub async fn run(self) {
        let workers = tokio::spawn(worker::run(self.app.clone()));
        let mail = self
            .mail
            .map(|listener| tokio::spawn(listener.run(self.app.clone())));
        let router = router::router(self.app.clone());
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.patience)
            .max_buf_size(HEADER_BYTES);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(200)
            .keep_alive_interval(PING)
            .keep_alive_timeout(self.limits.patience);
        let places = Arc::new(Semaphore::new(self.limits.connections));
        let graceful = GracefulShutdown::new();
        loop {
            let (place, (stream, peer)) = tokio::select! {
                (place, accepted) = accept(&self.listener, &places) => match accepted.map(|new| (place, new)) {
                    Ok(accepted) => accepted,
                    Err(error) => {
                        // Out of descriptors, most likely: the connections that end will free some.
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        continue;
                    }
                },
                () = self.app.stopping() => break,
            };
            let stream = Opening::new(stream, self.limits.patience);
            serve_connection(&http, &graceful, &router, stream, peer, place);
        }
        drop(self.listener);
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        if let Some(mail) = mail {
            // It has a limit of its own.
            drop(mail.await);
        }
        // A job that goes on is taken over by its lease later; the end does not wait for it.
        if tokio::time::timeout(WORKERS_END, workers).await.is_err() {
            tracing::warn!("a job was still running and will be repeated");
        }
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> (
    Option<OwnedSemaphorePermit>,
    std::io::Result<(TcpStream, SocketAddr)>,
) {
    // Nobody closes the semaphore: there is always a place in the end.
    let place = Arc::clone(places).acquire_owned().await.ok();
    let accepted = listener.accept().await.inspect(|(stream, _)| {
        // Answers are small and complete: waiting to fill a packet only delays them.
        drop(stream.set_nodelay(true));
    });
    (place, accepted)
}

fn serve_connection(
    http: &auto::Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    router: &axum::Router,
    stream: Opening<TcpStream>,
    peer: SocketAddr,
    place: Option<OwnedSemaphorePermit>,
) {
    let router = router.clone();
    let service = router.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        request.map(axum::body::Body::new)
    });
    let connection = http
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // Clients come and go; a broken connection is no event.
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke off");
        }
        drop(place);
    });
}

/// Listens for SIGTERM and SIGINT from this call on, and returns the wait for the first of them.
/// Call it before anybody is told that the program runs: until then a signal just ends it.
pub fn asked_to_stop() -> impl Future<Output = ()> + Send {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match signals {
            (Ok(mut terminate), Ok(mut interrupt)) => {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
            }
            // Without handlers the signals end the process by themselves.
            _ => std::future::pending().await,
        }
    }
}
