//! The dialogue with a server, kept for people who look for a mistake. No password enters it.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const MOST_LINES: usize = 300;
const SHORTEST_SECRET: usize = 4;

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// Helpdesky.
    We,
    /// The server.
    They,
    /// What happened in between.
    Nobody,
}

/// A line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// Milliseconds since the dialogue began.
    pub after_ms: u64,
    /// Who said it.
    pub by: Speaker,
    /// What was said, without passwords.
    pub text: String,
}

impl fmt::Display for Spoken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.by {
            Speaker::We => "→",
            Speaker::They => "←",
            Speaker::Nobody => "·",
        };
        let (seconds, ms) = (self.after_ms / 1000, self.after_ms % 1000);
        write!(formatter, "{seconds:>3}.{ms:03} {mark} {}", self.text)
    }
}

/// A dialogue that is kept, or one that is not.
#[derive(Clone, Debug, Default)]
pub struct Dialogue(Option<Arc<Kept>>);

#[derive(Debug)]
struct Kept {
    began: Instant,
    lines: Mutex<Vec<Spoken>>,
}

impl Dialogue {
    /// One that is kept.
    pub fn kept() -> Self {
        Self(Some(Arc::new(Kept {
            began: Instant::now(),
            lines: Mutex::default(),
        })))
    }

    /// What was said so far.
    pub fn lines(&self) -> Vec<Spoken> {
        let lines = self.0.as_ref().and_then(|kept| kept.lines.lock().ok());
        lines.map(|lines| lines.clone()).unwrap_or_default()
    }

    /// Notes a line.
    pub fn add(&self, by: Speaker, text: impl FnOnce() -> String) {
        let Some(kept) = &self.0 else { return };
        let after_ms = u64::try_from(kept.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Ok(mut lines) = kept.lines.lock()
            && lines.len() < MOST_LINES
        {
            lines.push(Spoken {
                after_ms,
                by,
                text: text(),
            });
        }
    }
}

/// Texts that are never shown, whoever says them: a server may repeat what it was told.
#[derive(Clone, Default)]
pub struct Hide(Vec<String>);

impl Hide {
    /// Hides these, where they are long enough to be told apart.
    pub fn new(secrets: impl IntoIterator<Item = String>) -> Self {
        // Hiding every "a" would tell more than it hides.
        Self(
            secrets
                .into_iter()
                .filter(|text| text.len() >= SHORTEST_SECRET)
                .collect(),
        )
    }

    /// The text without them.
    pub fn within(&self, text: String) -> String {
        self.0.iter().fold(text, |text, secret| {
            if text.contains(secret.as_str()) {
                text.replace(secret.as_str(), "(hidden)")
            } else {
                text
            }
        })
    }
}
