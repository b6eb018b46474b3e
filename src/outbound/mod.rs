//! Connections that we open to servers of others: by TCP, encrypted by TLS that is always verified, with
//! the dialogue kept for people who look for a mistake.

mod dialogue;
pub mod http;
mod tls;

pub use dialogue::{Dialogue, Hide, Speaker, Spoken};
pub use tls::{encrypt, trust};

use mail::one_line;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// Addresses of a host that are tried.
const ADDRESSES: usize = 4;
/// What is kept of the words of others.
const WORDS: usize = 200;

/// What went wrong with a connection, whatever is spoken over it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// The name leads nowhere.
    #[error("the host has no address: {0}")]
    NoAddress(String),
    /// The network, or TLS.
    #[error("{0}")]
    Io(String),
    /// The other side hung up.
    #[error("the connection was closed")]
    Closed,
    /// The other side is silent.
    #[error("nothing came for {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// More was said than can be believed.
    #[error("more was said before TLS began")]
    SaidBeforeTls,
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            return Self::Closed;
        }
        // A certificate's names are the server's words.
        Self::Io(one_line(&error.to_string(), WORDS))
    }
}

/// A connection, encrypted or not.
pub trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// Connects by TCP, to the first address that answers.
///
/// # Errors
/// [`Trouble`], of the last address that was tried.
pub async fn connect(host: &str, port: u16, patience: Duration) -> Result<TcpStream, Trouble> {
    let unknown = |error: io::Error| Trouble::NoAddress(one_line(&error.to_string(), WORDS));
    let addresses = timeout(patience, lookup_host((host, port)))
        .await
        .map_err(|_| Trouble::TimedOut(patience))?
        .map_err(unknown)?;
    let mut trouble = Trouble::NoAddress("the resolver knows none".to_owned());
    for address in addresses.take(ADDRESSES) {
        match timeout(patience, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Slower without it, that is all.
                drop(stream.set_nodelay(true));
                return Ok(stream);
            }
            Ok(Err(error)) => trouble = error.into(),
            Err(_) => trouble = Trouble::TimedOut(patience),
        }
    }
    Err(trouble)
}
