//! `serve`: opens the installation, listens, works in the background, and ends in good order.

use crate::admin::control;
use crate::app::{App, StartError};
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Random;
use crate::{router, setup, worker};
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

/// Requests that are being answered get this long to end after a stop.
const DRAIN: Duration = Duration::from_secs(20);
/// And jobs this long after them.
const WORKERS_END: Duration = Duration::from_secs(6);
/// A client that takes longer to send its headers is cut off.
const HEADERS: Duration = Duration::from_secs(30);
const HEADER_BYTES: usize = 64 * 1024;

/// A running server.
pub struct Server {
    /// The application behind it.
    pub app: App,
    /// Where it listens, with the port that was found when 0 was asked for.
    pub address: SocketAddr,
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
        control::listen(&app).map_err(|error| {
            StartError::Other(format!(
                "cannot make the control socket in the data folder: {error}; check its rights"
            ))
        })?;
        Ok(Self {
            app,
            address,
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
        let router = router::router(self.app.clone());
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES);
        http.http2().timer(TokioTimer::new()).max_concurrent_streams(200);
        let graceful = GracefulShutdown::new();
        loop {
            let (stream, peer) = tokio::select! {
                accepted = self.listener.accept() => match accepted {
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
            serve_connection(&http, &graceful, &router, stream, peer);
        }
        drop(self.listener);
        if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
            tracing::warn!("some requests did not end in time and were cut off");
        }
        // A job that goes on is taken over by its lease later; the end does not wait for it.
        if tokio::time::timeout(WORKERS_END, workers).await.is_err() {
            tracing::warn!("a job was still running and will be repeated");
        }
    }
}

fn serve_connection(
    http: &auto::Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    router: &axum::Router,
    stream: TcpStream,
    peer: SocketAddr,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    drop(stream.set_nodelay(true));
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
    });
}

/// Waits for SIGTERM or SIGINT.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = terminated => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
