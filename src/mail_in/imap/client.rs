//! An IMAP client for one purpose (RFC 3501, RFC 9051): to fetch mail from a folder, and to mark it there.
//! It names mails by UID only, never by their place, and reads them by `BODY.PEEK[]`, so that looking
//! changes nothing.
//!
//! Each command has a time and a number of bytes that its answer may take.

mod auth;
mod folder;
mod wire;

pub(super) use folder::{Body, Described, Marked, Selected};

use super::Kind;
use crate::config::{Relay, Tls};
use crate::outbound::{self, Dialogue, Hide, Speaker};
use auth::Steps;
use mail::imap::{Condition, Event, Status, Violation};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::rustls::ClientConfig;
use wire::{Trouble, Wire};

/// What an answer to a short command may take.
const SHORT_BYTES: u64 = 256 * 1_024;
/// Events of one command, results of a search left out.
const EVENTS: usize = 10_000;
/// Challenges of a server in one command.
const CHALLENGES: usize = 4;

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection, by TCP or TLS.
    pub connect: Duration,
    /// For the whole answer to a short command.
    pub reply: Duration,
    /// For a list of what is in the folder.
    pub list: Duration,
    /// For a whole mail.
    pub mail: Duration,
    /// After a server told of something new, so that what comes in a flock is looked at together, and a
    /// server that always tells of something keeps nobody busy.
    pub rest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            reply: Duration::from_secs(60),
            list: Duration::from_secs(300),
            mail: Duration::from_secs(600),
            rest: Duration::from_millis(500),
        }
    }
}

impl Patience {
    /// For somebody who sits and waits.
    pub(super) fn for_people(self) -> Self {
        Self {
            connect: self.connect.min(Duration::from_secs(10)),
            reply: self.reply.min(Duration::from_secs(15)),
            ..self
        }
    }
}

/// How to speak with a server.
pub(super) struct Manner {
    pub(super) patience: Patience,
    pub(super) tls: Arc<ClientConfig>,
    pub(super) dialogue: Dialogue,
}

/// Why it does not go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) kind: Kind,
    /// For admins.
    pub(super) words: String,
}

/// A connection that is signed in.
pub(super) struct Session {
    wire: Wire,
    place: String,
    patience: Patience,
    capabilities: Vec<String>,
    tags: u32,
    /// What the server said when it hung up.
    farewell: Option<String>,
    /// How many mails are in the folder, as far as was told.
    mails: u32,
    /// Whether more of them were told of than were known.
    has_news: bool,
}

/// A line to say, and what the dialogue shows of it.
type Line = (String, String);

impl Session {
    /// Connects, encrypts as the settings say, and signs in. Without TLS where TLS is set, nothing that
    /// is secret is said.
    pub(super) async fn open(server: &Relay, manner: &Manner) -> Result<Self, Failure> {
        let (place, patience) = (server.place(), manner.patience);
        let steps = server.login.as_ref().map(Steps::new);
        let hide = Hide::new(steps.iter().flat_map(Steps::secrets));
        let said = || format!("connecting to {place}");
        manner.dialogue.add(Speaker::Nobody, said);
        let stream = outbound::connect(&server.host, server.port, patience.connect).await;
        let stream = stream.map_err(|trouble| {
            manner.dialogue.add(Speaker::Nobody, || trouble.to_string());
            Failure {
                kind: Kind::Unreachable,
                words: format!("{place} cannot be reached: {trouble}"),
            }
        })?;
        let mut session = Self {
            wire: Wire::new(Box::new(stream), manner.dialogue.clone(), hide),
            place,
            patience,
            capabilities: Vec::new(),
            tags: 0,
            farewell: None,
            mails: 0,
            has_news: false,
        };
        if server.tls == Tls::Implicit {
            session.encrypt(server, manner).await?;
        }
        let is_signed_in = session.greeting(server.tls == Tls::StartTls).await?;
        if server.tls == Tls::StartTls {
            session.start_tls(server, manner).await?;
        }
        if is_signed_in {
            return Ok(session);
        }
        if let Some(steps) = steps {
            session.ask_capabilities().await?;
            session.sign_in(&steps).await?;
        }
        // What somebody may do who is signed in is often more.
        session.ask_capabilities().await?;
        Ok(session)
    }

    /// Says good-bye. Nothing depends on the answer.
    pub(super) async fn log_out(mut self) {
        let polite = self.short("LOGOUT", "its farewell");
        drop(timeout(Duration::from_secs(2), polite).await);
    }

    pub(super) fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|known| known == capability)
    }

    /// Lets the server tell what is new.
    pub(super) async fn noop(&mut self) -> Result<(), Failure> {
        let status = self.short("NOOP", "NOOP").await?;
        self.expect(&status, Kind::Unreachable, "failed at NOOP")
            .map(drop)
    }

    async fn encrypt(&mut self, server: &Relay, manner: &Manner) -> Result<(), Failure> {
        let (tls, patience) = (Arc::clone(&manner.tls), self.patience.connect);
        let encrypted = self.wire.encrypt(tls, &server.host, patience).await;
        encrypted.map_err(|trouble| {
            self.wire.dialogue().add(Speaker::Nobody, || trouble.to_string());
            // Who cannot prove their name is nobody to try again every few seconds.
            let kind = match trouble.kind() {
                Kind::Unreachable if matches!(trouble, Trouble::Connection(outbound::Trouble::Io(_))) => {
                    Kind::Refused
                }
                kind => kind,
            };
            Failure {
                kind,
                words: format!("{} could not be verified: {trouble}", self.place),
            }
        })
    }

    /// Hears the greeting; true when the server takes us for somebody who is signed in.
    async fn greeting(&mut self, tls_follows: bool) -> Result<bool, Failure> {
        self.wire.allow(SHORT_BYTES);
        let heard = timeout(self.patience.reply, self.wire.event()).await;
        let event = heard.unwrap_or(Err(timed_out(self.patience.reply)));
        let event = event.map_err(|trouble| self.broken("its greeting", &trouble))?;
        let Event::Untagged(status) = event else {
            return Err(self.failure(Kind::Hostile, "sent no greeting of IMAP"));
        };
        match status.condition {
            Condition::Ok => Ok(false),
            Condition::Preauth if tls_follows => {
                let words =
                    "takes us for signed in before TLS, as somebody between us would; nothing was sent to it";
                Err(self.failure(Kind::Hostile, words))
            }
            Condition::Preauth => Ok(true),
            _ => Err(self.failure(
                Kind::Unreachable,
                &format!("does not take the connection: {}", words(&status)),
            )),
        }
    }

    async fn start_tls(&mut self, server: &Relay, manner: &Manner) -> Result<(), Failure> {
        self.ask_capabilities().await?;
        if !self.can("STARTTLS") {
            let words = "offers no STARTTLS, so no password was sent to it; choose TLS if it speaks TLS from the start";
            return Err(self.failure(Kind::Refused, words));
        }
        let status = self.short("STARTTLS", "STARTTLS").await?;
        self.expect(&status, Kind::Refused, "does not begin TLS")?;
        // What was offered in the clear may have been offered by anybody.
        self.capabilities.clear();
        self.encrypt(server, manner).await
    }

    async fn ask_capabilities(&mut self) -> Result<(), Failure> {
        self.capabilities.clear();
        let status = self.short("CAPABILITY", "CAPABILITY").await?;
        self.expect(&status, Kind::Unreachable, "failed at CAPABILITY")
            .map(drop)
    }

    async fn sign_in(&mut self, steps: &Steps) -> Result<(), Failure> {
        let Some(lines) = steps.spoken(&self.capabilities) else {
            let words = "offers no kind of sign-in that we are set to use; the password was not sent";
            return Err(self.failure(Kind::Refused, words));
        };
        let (bytes, time) = (SHORT_BYTES, self.patience.reply);
        let status = self.command("the sign-in", &lines, (bytes, time), |_| {}).await?;
        self.expect(&status, Kind::Refused, "refused the user name or password")
            .map(drop)
    }

    /// A command with nothing to hide and a short answer.
    async fn short(&mut self, line: &str, at: &str) -> Result<Status, Failure> {
        let limits = (SHORT_BYTES, self.patience.reply);
        self.command(at, &[shown(line)], limits, |_| {}).await
    }

    /// Says a command, whose further lines wait for the server to ask, and hears everything up to its
    /// end.
    async fn command(
        &mut self,
        at: &str,
        lines: &[Line],
        (bytes, time): (u64, Duration),
        on: impl FnMut(Event),
    ) -> Result<Status, Failure> {
        self.wire.allow(bytes);
        let done = timeout(time, self.converse(lines, on)).await;
        done.unwrap_or(Err(timed_out(time)))
            .map_err(|trouble| self.broken(at, &trouble))
    }

    async fn converse(&mut self, lines: &[Line], mut on: impl FnMut(Event)) -> Result<Status, Trouble> {
        self.tags = self.tags.wrapping_add(1);
        let tag = format!("a{}", self.tags);
        let mut lines = lines.iter();
        let (line, shown) = lines.next().map_or(("NOOP", "NOOP"), |(a, b)| (a, b));
        let first = (format!("{tag} {line}"), format!("{tag} {shown}"));
        self.wire.say(&first.0, &first.1).await?;
        for _ in 0..=CHALLENGES {
            match self.until_asked(&tag, &mut on).await? {
                Some(status) => return Ok(status),
                // XOAUTH2 tells what is wrong in a challenge and waits for an empty line.
                None => {
                    let (line, shown) = lines.next().map_or(("", ""), |(a, b)| (a, b));
                    self.wire.say(line, shown).await?;
                }
            }
        }
        Err(Violation::Endless.into())
    }

    /// Hears everything up to the end of a command (its status), or until the server asks for more.
    async fn until_asked(
        &mut self,
        tag: &str,
        on: &mut impl FnMut(Event),
    ) -> Result<Option<Status>, Trouble> {
        let mut others = 0;
        loop {
            let event = self.wire.event().await?;
            if !matches!(event, Event::Found(_)) {
                others += 1;
            }
            if others > EVENTS {
                return Err(Trouble::TooMuch);
            }
            match event {
                Event::Tagged { tag: other, status } if other == tag => return Ok(Some(status)),
                Event::Tagged { .. } => {
                    return Err(Violation::Malformed("it answers what nobody asked").into());
                }
                Event::Continue(_) => return Ok(None),
                Event::Capability(capabilities) => self.capabilities = capabilities,
                Event::Untagged(status) if status.condition == Condition::Bye => {
                    self.farewell = Some(words(&status));
                }
                other => {
                    self.count(&other);
                    on(other);
                }
            }
        }
    }

    /// Keeps count of the mails in the folder: new ones may be told of in the middle of any command, and
    /// only once.
    fn count(&mut self, event: &Event) {
        match event {
            Event::Exists(mails) => {
                self.has_news |= *mails > self.mails;
                self.mails = *mails;
            }
            Event::Expunge => self.mails = self.mails.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether new mails were told of since this was asked the last time.
    pub(super) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.has_news)
    }

    fn expect<'a>(&self, status: &'a Status, kind: Kind, what: &str) -> Result<&'a Status, Failure> {
        if status.condition == Condition::Ok {
            return Ok(status);
        }
        // RFC 5530: what was asked for may well be right, and the server has no time for it.
        let will_pass = ["UNAVAILABLE", "INUSE", "LIMIT"]
            .iter()
            .any(|code| status.has(code));
        let kind = if will_pass { Kind::Unreachable } else { kind };
        Err(self.failure(kind, &format!("{what}: {}", words(status))))
    }

    fn broken(&self, at: &str, trouble: &Trouble) -> Failure {
        self.wire.dialogue().add(Speaker::Nobody, || trouble.to_string());
        let because = match &self.farewell {
            Some(farewell) => format!("it hung up: {farewell}"),
            None => trouble.to_string(),
        };
        self.failure(trouble.kind(), &format!("failed at {at}: {because}"))
    }

    fn failure(&self, kind: Kind, words: &str) -> Failure {
        Failure {
            kind,
            words: self.wire.hidden(format!("{} {words}", self.place)),
        }
    }
}

fn timed_out(patience: Duration) -> Trouble {
    outbound::Trouble::TimedOut(patience).into()
}

/// A line that hides nothing.
fn shown(line: &str) -> Line {
    (line.to_owned(), line.to_owned())
}

/// What a status says, with the name of its code.
fn words(status: &Status) -> String {
    match &status.code {
        Some(code) if status.text.is_empty() => format!("[{}]", code.name),
        Some(code) => format!("[{}] {}", code.name, status.text),
        None if status.text.is_empty() => format!("{:?}", status.condition),
        None => status.text.clone(),
    }
}
