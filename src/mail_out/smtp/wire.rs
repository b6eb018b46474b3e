//! The connection to a server: lines out, answers in, each with its patience. What a hostile server
//! can do here is bounded: the length of a line, the number of lines, the time of a whole answer.

use super::reply::{self, Reply};
use crate::outbound::{self, Dialogue, Hide, Speaker, Stream};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;

const LINE_BYTES: usize = 2_000;
const LINES: usize = 100;
const BLOCK_BYTES: usize = 16 * 1024;

/// What went wrong with the connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Connection(#[from] outbound::Trouble),
    #[error("the answer is not SMTP: {0}")]
    Garbage(&'static str),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.into())
    }
}

type Done<T> = Result<T, Trouble>;

pub(super) struct Wire {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
    dialogue: Dialogue,
    hide: Hide,
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
            return Err(outbound::Trouble::SaidBeforeTls.into());
        }
        self.stream = outbound::encrypt(self.stream, config, host, patience, &self.dialogue).await?;
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
        Ok(written.await.map_err(|_| timed_out(patience))??)
    }

    /// Hears one answer. The patience is for all of it: a byte a second is no answer.
    pub(super) async fn hear(&mut self, patience: Duration) -> Done<Reply> {
        let heard = timeout(patience, self.hear_all()).await;
        heard.unwrap_or(Err(timed_out(patience)))
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
                return Err(outbound::Trouble::Closed.into());
            }
            self.received
                .extend_from_slice(block.get(..read).unwrap_or_default());
        }
    }
}

fn timed_out(patience: Duration) -> Trouble {
    outbound::Trouble::TimedOut(patience).into()
}
