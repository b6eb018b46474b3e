//! The connection to a server: lines out, events in. What is kept of a server is bounded by the decoder;
//! how much it may say is counted here.

use super::super::Kind;
use crate::outbound::{self, Dialogue, Hide, Speaker, Stream};
use mail::imap::{Decoder, Event, Violation};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::rustls::ClientConfig;

const BLOCK_BYTES: usize = 16 * 1024;

/// What went wrong with the connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error(transparent)]
    Connection(#[from] outbound::Trouble),
    #[error(transparent)]
    Violation(#[from] Violation),
    #[error("it said more than it was asked for")]
    TooMuch,
}

impl Trouble {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Connection(outbound::Trouble::SaidBeforeTls) | Self::Violation(_) | Self::TooMuch => {
                Kind::Hostile
            }
            Self::Connection(_) => Kind::Unreachable,
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.into())
    }
}

pub(super) struct Wire {
    stream: Box<dyn Stream>,
    decoder: Decoder,
    /// How many bytes may still come.
    allowed: u64,
    dialogue: Dialogue,
    hide: Hide,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>, dialogue: Dialogue, hide: Hide) -> Self {
        Self {
            stream,
            decoder: Decoder::default(),
            allowed: 0,
            dialogue,
            hide,
        }
    }

    pub(super) fn dialogue(&self) -> &Dialogue {
        &self.dialogue
    }

    pub(super) fn hidden(&self, text: String) -> String {
        self.hide.within(text)
    }

    /// How many bytes may come from now on.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowed = bytes;
    }

    /// How long a mail may be that comes now.
    pub(super) fn expect_body(&mut self, most_bytes: u64) {
        self.decoder.expect_body(most_bytes);
    }

    /// Goes on under TLS.
    pub(super) async fn encrypt(
        &mut self,
        config: Arc<ClientConfig>,
        host: &str,
        patience: Duration,
    ) -> Result<(), Trouble> {
        if !self.decoder.is_empty() {
            return Err(outbound::Trouble::SaidBeforeTls.into());
        }
        let stream = std::mem::replace(&mut self.stream, Box::new(tokio::io::empty()));
        self.stream = outbound::encrypt(stream, config, host, patience, &self.dialogue).await?;
        Ok(())
    }

    pub(super) async fn say(&mut self, line: &str, shown: &str) -> Result<(), Trouble> {
        self.dialogue.add(Speaker::We, || shown.to_owned());
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        Ok(self.stream.flush().await?)
    }

    /// The next event. May be given up and asked for again: nothing is lost.
    pub(super) async fn event(&mut self) -> Result<Event, Trouble> {
        loop {
            if let Some(event) = self.decoder.next_event()? {
                let shown = self.decoder.shown();
                // A search's results would fill the page.
                if !matches!(event, Event::Found(_)) {
                    self.dialogue
                        .add(Speaker::They, || self.hide.within(shown.to_owned()));
                }
                return Ok(event);
            }
            if self.allowed == 0 {
                return Err(Trouble::TooMuch);
            }
            let mut block = [0; BLOCK_BYTES];
            let read = self.stream.read(&mut block).await?;
            if read == 0 {
                return Err(outbound::Trouble::Closed.into());
            }
            self.allowed = self.allowed.saturating_sub(read as u64);
            self.decoder.feed(block.get(..read).unwrap_or_default());
        }
    }
}
