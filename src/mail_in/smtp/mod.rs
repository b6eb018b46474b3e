//! The SMTP listener: the door for forwarded mail and for answers (RFC 5321). It takes mail for this
//! installation's own addresses and for nobody else.
//!
//! Callers are strangers. What they can use up is bounded: sessions in all and from one address, commands,
//! mistakes, bytes, and the time they may be silent.

mod connection;
mod tls;

use crate::app::{App, StartError};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tls::Certificate;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Sessions at once, and those of one client at once.
const SESSIONS: usize = 1_000;
const SESSIONS_OF_ONE: usize = 50;
/// How long sessions may go on when the program stops; a mail without an answer comes again.
const LAST: Duration = Duration::from_secs(15);

/// A listener that is bound; nothing is accepted before [`Listener::run`].
pub struct Listener {
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    /// Where it listens, with the port that was found when 0 was asked for.
    pub address: SocketAddr,
}

impl Listener {
    /// Binds the address of the setting `smtp_listen`; `None` when there is none.
    ///
    /// # Errors
    /// When the address or the certificate cannot be used.
    pub async fn bind(app: &App) -> Result<Option<Self>, StartError> {
        let settings = &app.config().mail_in;
        let Some(wanted) = settings.listen else {
            return Ok(None);
        };
        let certificate = match &settings.certificate {
            Some((chain, key)) => Some(Arc::new(
                Certificate::open(chain, key).map_err(StartError::Other)?,
            )),
            None => None,
        };
        let unusable = |error: std::io::Error| {
            StartError::Other(format!(
                "cannot listen for mail on {wanted}: {error}; stop what uses this address, choose another with --smtp-listen, or for a port below 1024 let the service manager hand over the right (AmbientCapabilities=CAP_NET_BIND_SERVICE)"
            ))
        };
        let listener = TcpListener::bind(wanted).await.map_err(unusable)?;
        let address = listener.local_addr().map_err(unusable)?;
        Ok(Some(Self {
            listener,
            certificate,
            address,
        }))
    }

    /// Takes mail until the application stops.
    pub async fn run(self, app: App) {
        let mut sessions = JoinSet::new();
        let counts = Arc::new(Counts::default());
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = sessions.join_next(), if !sessions.is_empty() => continue,
                () = app.stopping() => break,
            };
            match accepted {
                Ok((stream, peer)) => self.begin(&app, &counts, &mut sessions, stream, peer),
                Err(error) => {
                    tracing::warn!(%error, "a connection for mail could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(self.listener);
        let rest = async { while sessions.join_next().await.is_some() {} };
        if tokio::time::timeout(LAST, rest).await.is_err() {
            tracing::warn!("some mails were in the middle of being taken when the program stopped");
        }
    }

    fn begin(
        &self,
        app: &App,
        counts: &Arc<Counts>,
        sessions: &mut JoinSet<()>,
        stream: TcpStream,
        peer: SocketAddr,
    ) {
        drop(stream.set_nodelay(true));
        // A listener for both kinds of addresses shows those of IPv4 in the dress of IPv6.
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        let place = counts.enter();
        let (app, certificate) = (app.clone(), self.certificate.clone());
        sessions.spawn(async move {
            match place {
                Some(place) => connection::serve(&app, stream, peer, certificate, place).await,
                None => connection::refuse(&app, stream).await,
            }
        });
    }
}

/// How many sessions there are.
#[derive(Default)]
struct Counts(Mutex<Open>);

#[derive(Default)]
struct Open {
    all: usize,
    /// Of each client that is known.
    of_one: HashMap<IpAddr, usize>,
}

/// The right to one session.
struct Place {
    counts: Arc<Counts>,
    client: Option<IpAddr>,
}

impl Counts {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for whoever it may be: behind a balancer, that is not known yet.
    fn enter(self: &Arc<Self>) -> Option<Place> {
        let mut open = self.open();
        if open.all >= SESSIONS {
            return None;
        }
        open.all += 1;
        Some(Place {
            counts: Arc::clone(self),
            client: None,
        })
    }
}

impl Place {
    /// Says whose place it is. False when that client has too many.
    fn is_granted_to(&mut self, client: IpAddr) -> bool {
        let client = network(client);
        let mut open = self.counts.open();
        let of_one = open.of_one.entry(client).or_default();
        if *of_one >= SESSIONS_OF_ONE {
            return false;
        }
        *of_one += 1;
        self.client = Some(client);
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.counts.open();
        open.all -= 1;
        let Some(client) = self.client else {
            return;
        };
        if let Some(of_one) = open.of_one.get_mut(&client) {
            *of_one -= 1;
            if *of_one == 0 {
                open.of_one.remove(&client);
            }
        }
    }
}

/// Whoever has one address of an IPv6 /64 has all of them.
fn network(client: IpAddr) -> IpAddr {
    match client {
        IpAddr::V4(_) => client,
        IpAddr::V6(six) => IpAddr::V6((six.to_bits() & !u128::from(u64::MAX)).into()),
    }
}
