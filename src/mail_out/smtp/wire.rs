//! The connection to a server: lines out, answers in, each with its patience. What a hostile server
//! can do here is bounded: the length of a line, the number of lines, the time of a whole answer.

use super::dialogue::{Dialogue, Hide, Speaker};
use super::reply::{self, Reply};
use crate::config::Relay;
use mail::one_line;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

const LINE_BYTES: usize = 2_000;
const LINES: usize = 100;
const BLOCK_BYTES: usize = 16 * 1024;
const ADDRESSES: usize = 4;
const WORDS: usize = 200;

/// What went wrong with the connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("the host has no address: {0}")]
    NoAddress(String),
    #[error("{0}")]
    Io(String),
    #[error("the connection was closed")]
    Closed,
    #[error("nothing came for {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("the answer is not SMTP: {0}")]
    Garbage(&'static str),
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

type Done<T> = Result<T, Trouble>;

trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

pub(super) struct Wire {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    dialogue: Dialogue,
    hide: Hide,
}

/// Connects by TCP, to the first address that answers.
pub(super) async fn connect(relay: &Relay, patience: Duration) -> Done<TcpStream> {
    let unknown = |error: io::Error| Trouble::NoAddress(one_line(&error.to_string(), WORDS));
    let addresses = timeout(patience, lookup_host((relay.host.as_str(), relay.port)))
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

impl Wire {
    pub(super) fn new(stream: TcpStream, dialogue: Dialogue, hide: Hide) -> Self {
        Self {
            stream: Box::new(stream),
            received: Vec::new(),
            dialogue,
            hide,
        }
    }

    pub(super) fn dialogue(&self) -> &Dialogue {
        &self.dialogue
    }

    /// Goes on under TLS. What was received before it and not asked for is an attempt to put words
    /// into the server's mouth.
    pub(super) async fn encrypt(
        mut self,
        config: Arc<ClientConfig>,
        host: &str,
        patience: Duration,
    ) -> Done<Self> {
        if !self.received.is_empty() {
            return Err(Trouble::Garbage("more was said before TLS began"));
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|error| Trouble::Io(error.to_string()))?;
        let connected = timeout(patience, TlsConnector::from(config).connect(name, self.stream)).await;
        let stream = connected.map_err(|_| Trouble::TimedOut(patience))??;
        let version = stream.get_ref().1.protocol_version();
        let version = version.and_then(|version| version.as_str()).unwrap_or("TLS");
        self.dialogue
            .add(Speaker::Nobody, || format!("encrypted by {version} and verified"));
        self.stream = Box::new(stream);
        Ok(self)
    }

    /// Says a line and hears the answer.
    pub(super) async fn ask(&mut self, line: &str, patience: Duration) -> Done<Reply> {
        self.ask_hidden(line, line, patience).await
    }

    /// The same with something else in the dialogue than what is said.
    pub(super) async fn ask_hidden(&mut self, line: &str, shown: &str, patience: Duration) -> Done<Reply> {
        if !self.received.is_empty() {
            return Err(Trouble::Garbage("it answered what nobody asked"));
        }
        self.dialogue.add(Speaker::We, || shown.to_owned());
        self.write(format!("{line}\r\n").as_bytes(), patience).await?;
        self.hear(patience).await
    }

    /// Sends a mail's lines, block after block.
    pub(super) async fn pour(&mut self, bytes: &[u8], patience: Duration) -> Done<()> {
        if !self.received.is_empty() {
            return Err(Trouble::Garbage("it answered before it had the mail"));
        }
        self.dialogue
            .add(Speaker::We, || format!("(the mail, {} bytes)", bytes.len()));
        for block in bytes.chunks(BLOCK_BYTES) {
            self.write(block, patience).await?;
        }
        Ok(())
    }

    async fn write(&mut self, bytes: &[u8], patience: Duration) -> Done<()> {
        let written = timeout(patience, async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        });
        Ok(written.await.map_err(|_| Trouble::TimedOut(patience))??)
    }

    /// Hears one answer. The patience is for all of it: a byte a second is no answer.
    pub(super) async fn hear(&mut self, patience: Duration) -> Done<Reply> {
        let heard = timeout(patience, self.hear_all()).await;
        heard.unwrap_or(Err(Trouble::TimedOut(patience)))
    }

    async fn hear_all(&mut self) -> Done<Reply> {
        let mut answer: Option<Reply> = None;
        for _ in 0..LINES {
            let bytes = self.line().await?;
            let (code, more, words) =
                reply::line(&bytes).ok_or(Trouble::Garbage("a line begins with no code"))?;
            let words = self.hide.within(words);
            self.dialogue.add(Speaker::They, || {
                format!("{code}{}{words}", if more { '-' } else { ' ' })
            });
            let answer = answer.get_or_insert(Reply {
                code,
                lines: Vec::new(),
            });
            if answer.code != code {
                return Err(Trouble::Garbage("an answer has two codes"));
            }
            answer.lines.push(words);
            if !more {
                return Ok(answer.clone());
            }
        }
        Err(Trouble::Garbage("an answer does not end"))
    }

    async fn line(&mut self) -> Done<Vec<u8>> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                return Ok(self.received.drain(..=end).collect());
            }
            if self.received.len() > LINE_BYTES {
                return Err(Trouble::Garbage("a line does not end"));
            }
            let mut block = [0; 1024];
            let read = self.stream.read(&mut block).await?;
            if read == 0 {
                return Err(Trouble::Closed);
            }
            self.received
                .extend_from_slice(block.get(..read).unwrap_or_default());
        }
    }
}
