//! An SMTP client that knows at which stage it failed (RFC 5321). Whether a mail may be sent again
//! depends on nothing else: before the final dot it is still ours, after the server's answer to it
//! it is not, and in between nobody can know.

mod auth;
mod reply;
mod stuffing;
mod wire;

pub use crate::outbound::{Dialogue, Speaker, Spoken};

use super::Outcome;
use crate::config::{Relay, Tls};
use crate::outbound::{self, Hide, Speaker as By};
use auth::Steps;
use mail::ComposedMail;
use reply::{Offers, Reply};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;
use wire::{Trouble, Wire};

/// How long to wait: for a connection, for an answer, for a block of a mail to be taken, and for
/// the answer to the final dot.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For a connection, by TCP or TLS.
    pub connect: Duration,
    /// For an answer.
    pub reply: Duration,
    /// For a block of a mail to be taken.
    pub block: Duration,
    /// For the answer to the final dot: giving up here makes a mail's fate uncertain.
    pub end: Duration,
    /// For the answer to QUIT, which changes nothing any more.
    pub quit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(20),
            reply: Duration::from_secs(60),
            block: Duration::from_secs(60),
            end: Duration::from_secs(300),
            quit: Duration::from_secs(2),
        }
    }
}

impl Patience {
    /// For somebody who sits and waits: at the first silence it is over.
    pub(super) fn for_people(self) -> Self {
        Self {
            connect: self.connect.min(Duration::from_secs(10)),
            reply: self.reply.min(Duration::from_secs(20)),
            block: self.block.min(Duration::from_secs(20)),
            end: self.end.min(Duration::from_secs(60)),
            quit: self.quit,
        }
    }
}

/// How to speak with a relay.
#[derive(Clone, Debug)]
pub struct Manner {
    /// Our name in EHLO.
    pub hello: String,
    /// How long to wait.
    pub patience: Patience,
    /// Whom TLS believes.
    pub tls: Arc<ClientConfig>,
    /// Where to keep what is said.
    pub dialogue: Dialogue,
}

/// Where in the dialogue something went wrong, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The connection by TCP.
    Connect,
    /// The handshake of TLS.
    Tls,
    /// The server's first line.
    Banner,
    /// EHLO.
    Ehlo,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Auth,
    /// MAIL FROM.
    Mail,
    /// RCPT TO.
    Rcpt,
    /// DATA, up to the permission to send.
    Data,
    /// The mail itself, up to the final dot.
    Body,
    /// From the final dot to the answer.
    End,
}

impl Stage {
    /// What the server refuses at this stage.
    fn object(self) -> &'static str {
        match self {
            Self::Connect | Self::Tls | Self::Banner => "the connection",
            Self::Ehlo => "our greeting",
            Self::StartTls => "to begin TLS",
            Self::Auth => "the user name or password",
            Self::Mail => "the sender",
            Self::Rcpt => "the recipient",
            Self::Data | Self::Body | Self::End => "the mail",
        }
    }

    /// What was going on.
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Tls => "TLS",
            Self::Banner => "its greeting",
            Self::Ehlo => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::Mail => "MAIL",
            Self::Rcpt => "RCPT",
            Self::Data => "DATA",
            Self::Body => "the mail",
            Self::End => "the end of the mail",
        }
    }
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It refused for good (5xx).
    Refused {
        /// The code.
        code: u16,
        /// True when it said so about the recipient's address.
        address_is_bad: bool,
    },
    /// It refused for now (4xx).
    NotNow {
        /// The code.
        code: u16,
    },
    /// The connection broke, nothing came, or what came was not SMTP.
    Broken,
    /// It cannot take a mail such as this one.
    Unfit,
}

/// A mail that was not taken, or of which that is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where.
    pub stage: Stage,
    /// What.
    pub fault: Fault,
    /// A sentence for operators.
    pub words: String,
}

impl Failure {
    /// What follows for the mail.
    pub fn outcome(self) -> Outcome {
        let words = self.words;
        match self.fault {
            // Refused were we, not the mail: a wrong password must not cost anything.
            Fault::Refused { .. } if self.stage < Stage::Mail => Outcome::Later { words },
            Fault::Refused { address_is_bad, .. } => Outcome::Refused {
                words,
                address_is_bad,
            },
            Fault::Unfit => Outcome::Refused {
                words,
                address_is_bad: false,
            },
            Fault::Broken if self.stage == Stage::End => Outcome::Uncertain { words },
            Fault::Broken | Fault::NotNow { .. } => Outcome::Later { words },
        }
    }

    /// True when a connection that was kept turned out to be gone before anything was asked of it.
    pub(super) fn is_stale(&self) -> bool {
        self.stage == Stage::Mail && matches!(self.fault, Fault::Broken | Fault::NotNow { code: 421 })
    }
}

/// A connection over which mail can be sent.
pub struct Session {
    wire: Wire,
    place: String,
    offers: Offers,
    patience: Patience,
}

impl Session {
    /// Connects, encrypts, verifies and signs in.
    ///
    /// # Errors
    /// [`Failure`], at a stage before [`Stage::Mail`].
    pub async fn open(relay: &Relay, manner: &Manner) -> Result<Self, Failure> {
        let (place, patience) = (relay.place(), manner.patience);
        let broke = |stage| {
            let (place, dialogue) = (place.clone(), manner.dialogue.clone());
            move |trouble: Trouble| broken(&place, &dialogue, stage, &trouble)
        };
        let steps = relay.login.as_ref().map(Steps::new);
        let hide = Hide::new(steps.iter().flat_map(Steps::secrets));
        manner
            .dialogue
            .add(By::Nobody, || format!("connecting to {place}"));
        let stream = outbound::connect(&relay.host, relay.port, patience.connect).await;
        let stream = stream.map_err(|trouble| broke(Stage::Connect)(trouble.into()))?;
        let mut wire = Wire::new(stream, manner.dialogue.clone(), hide);
        let encrypt = |wire: Wire| wire.encrypt(Arc::clone(&manner.tls), &relay.host, patience.connect);
        if relay.tls == Tls::Implicit {
            wire = encrypt(wire).await.map_err(broke(Stage::Tls))?;
        }
        let banner = wire.hear(patience.reply).await.map_err(broke(Stage::Banner))?;
        expect(&place, Stage::Banner, &banner, 2)?;
        let mut session = Self {
            wire,
            place: place.clone(),
            offers: Offers::default(),
            patience,
        };
        session.greet(&manner.hello).await?;
        if relay.tls == Tls::StartTls {
            if !session.offers.starttls {
                let words = format!(
                    "{place} offers no STARTTLS, so nothing was sent to it; set its TLS mode to tls if it speaks TLS from the start"
                );
                return Err(fault(Stage::StartTls, Fault::Broken, words));
            }
            session.ask(Stage::StartTls, "STARTTLS", 2).await?;
            session.wire = encrypt(session.wire).await.map_err(broke(Stage::Tls))?;
            // What was offered in the clear may have been offered by anybody.
            session.greet(&manner.hello).await?;
        }
        if let Some(steps) = steps {
            session.sign_in(&steps).await?;
        }
        Ok(session)
    }

    /// Sends one mail; the server's words.
    ///
    /// # Errors
    /// [`Failure`]; only one at [`Stage::End`] leaves the mail's fate uncertain.
    pub async fn send(&mut self, mail: &ComposedMail) -> Result<String, Failure> {
        let Some(bytes) = stuffing::stuffed(&mail.bytes) else {
            let words = "the mail has a line that does not end as mail must; please report this".to_owned();
            return Err(fault(Stage::Mail, Fault::Unfit, words));
        };
        let from = self.mail_from(mail)?;
        self.ask(Stage::Mail, &from, 2).await?;
        self.ask(Stage::Rcpt, &format!("RCPT TO:<{}>", mail.recipient), 2)
            .await?;
        self.ask(Stage::Data, "DATA", 3).await?;
        if let Err(trouble) = self.wire.pour(&bytes, self.patience.block).await {
            // A server that has seen enough says so before it hangs up.
            let last = self.wire.hear(self.patience.quit).await;
            if let Ok(reply) = last.as_ref()
                && reply.code >= 400
            {
                expect(&self.place, Stage::Body, reply, 2)?;
            }
            return Err(self.broken(Stage::Body, &trouble));
        }
        let answer = self.wire.ask(".", self.patience.end).await;
        let reply = answer.map_err(|trouble| self.broken(Stage::End, &trouble))?;
        expect(&self.place, Stage::End, &reply, 2)?;
        Ok(reply.words())
    }

    /// Says good-bye. Nothing depends on the answer.
    pub async fn quit(mut self) {
        drop(self.wire.ask("QUIT", self.patience.quit).await);
    }

    /// The line with the sender, and whether this server can take such a mail.
    fn mail_from(&self, mail: &ComposedMail) -> Result<String, Failure> {
        let unfit = |why: &str| fault(Stage::Mail, Fault::Unfit, format!("{} {why}", self.place));
        let mut line = format!("MAIL FROM:<{}>", mail.sender);
        if let Some(most) = self.offers.size {
            if most > 0 && mail.bytes.len() as u64 > most {
                return Err(unfit(&format!(
                    "takes mail of at most {most} bytes; this one has {}",
                    mail.bytes.len()
                )));
            }
            line.push_str(&format!(" SIZE={}", mail.bytes.len()));
        }
        if mail.needs_smtputf8 {
            if !self.offers.smtputf8 {
                return Err(unfit(
                    "offers no SMTPUTF8 and cannot send to an address with letters beyond ASCII before the @",
                ));
            }
            line.push_str(" SMTPUTF8");
        }
        if !mail.bytes.is_ascii() {
            if !self.offers.eight_bit && !mail.needs_smtputf8 {
                return Err(unfit("offers no 8BITMIME, which this mail needs"));
            }
            line.push_str(" BODY=8BITMIME");
        }
        Ok(line)
    }

    async fn greet(&mut self, name: &str) -> Result<(), Failure> {
        let reply = self.ask(Stage::Ehlo, &format!("EHLO {name}"), 2).await?;
        self.offers = Offers::of(&reply);
        Ok(())
    }

    async fn sign_in(&mut self, steps: &Steps) -> Result<(), Failure> {
        let Some(spoken) = steps.spoken(&self.offers.auth) else {
            let words = format!(
                "{} offers no kind of sign-in that we are set to use (it offers: {}); the password was not sent",
                self.place,
                self.offers.auth.join(", ")
            );
            return Err(fault(Stage::Auth, Fault::Broken, words));
        };
        let last = spoken.len().saturating_sub(1);
        for (at, (line, shown)) in spoken.iter().enumerate() {
            let answer = self.wire.ask_hidden(line, shown, self.patience.reply).await;
            let reply = answer.map_err(|trouble| self.broken(Stage::Auth, &trouble))?;
            if at == last && reply.code == 334 {
                // XOAUTH2 tells what is wrong in a challenge and waits for an empty line.
                self.ask(Stage::Auth, "", 2).await?;
                continue;
            }
            expect(&self.place, Stage::Auth, &reply, if at == last { 2 } else { 3 })?;
        }
        Ok(())
    }

    async fn ask(&mut self, stage: Stage, line: &str, wanted: u16) -> Result<Reply, Failure> {
        let answer = self.wire.ask(line, self.patience.reply).await;
        let reply = answer.map_err(|trouble| self.broken(stage, &trouble))?;
        expect(&self.place, stage, &reply, wanted)?;
        Ok(reply)
    }

    fn broken(&self, stage: Stage, trouble: &Trouble) -> Failure {
        broken(&self.place, self.wire.dialogue(), stage, trouble)
    }
}

fn broken(place: &str, dialogue: &Dialogue, stage: Stage, trouble: &Trouble) -> Failure {
    dialogue.add(By::Nobody, || trouble.to_string());
    let words = match stage {
        Stage::Connect => format!("{place} cannot be reached: {trouble}"),
        Stage::Tls => format!("{place} could not be verified: {trouble}"),
        Stage::End => format!("{place} got the whole mail and did not answer: {trouble}"),
        other => format!("{place} failed at {}: {trouble}", other.name()),
    };
    fault(stage, Fault::Broken, words)
}

fn fault(stage: Stage, fault: Fault, words: String) -> Failure {
    Failure { stage, fault, words }
}

/// Takes an answer of the wanted class.
fn expect(place: &str, stage: Stage, reply: &Reply, class: u16) -> Result<(), Failure> {
    let (object, words) = (stage.object(), reply.words());
    match reply.code / 100 {
        got if got == class => Ok(()),
        4 => Err(fault(
            stage,
            Fault::NotNow { code: reply.code },
            format!("{place} does not take {object} now: {words}"),
        )),
        5 => Err(fault(
            stage,
            Fault::Refused {
                code: reply.code,
                address_is_bad: stage == Stage::Rcpt && reply.is_about_the_address(),
            },
            format!("{place} refused {object}: {words}"),
        )),
        _ => Err(fault(
            stage,
            Fault::Broken,
            format!("{place} failed at {}: it answered {words}", stage.name()),
        )),
    }
}
