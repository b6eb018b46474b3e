//! An SMTP client that knows at which stage it failed (RFC 5321). Whether a mail may be sent again
//! depends on nothing else: before the final dot it is still ours, after the server's answer to it
//! it is not, and in between nobody can know.

mod auth;
mod failure;
mod reply;
mod stuffing;
mod wire;

pub use crate::outbound::{Dialogue, Speaker, Spoken};
pub use failure::{Failure, Fault, Stage};

use crate::config::{Relay, Tls};
use crate::outbound::{self, Hide, Speaker as By};
use auth::Steps;
use failure::{broken, expect, fault};
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
        self.begin(mail).await?;
        self.recipient(&mail.recipient).await?;
        // The mail is the first recipient's. Whoever else is refused stays without their copy, because a
        // second attempt would reach the others twice.
        let mut without_copy = String::new();
        for copy in &mail.copies {
            match self.recipient(copy).await {
                Ok(()) => {}
                Err(failure) if failure.is_an_answer() => {
                    without_copy.push_str(&format!("; no copy to {copy}: {}", failure.words));
                }
                Err(failure) => return Err(failure),
            }
        }
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
        Ok(reply.words() + &without_copy)
    }

    /// Says good-bye. Nothing depends on the answer.
    pub async fn quit(mut self) {
        drop(self.wire.ask("QUIT", self.patience.quit).await);
    }

    /// Says who sends. Some relays take no empty sender from those who sign in to them: then it is the
    /// address that mail is from, and what comes back is known as a report all the same.
    async fn begin(&mut self, mail: &ComposedMail) -> Result<(), Failure> {
        if mail.has_null_return_path {
            match self.ask(Stage::Mail, &self.mail_from("", mail)?, 2).await {
                Ok(_) => return Ok(()),
                Err(failure) if matches!(failure.fault, Fault::Refused { .. }) => {}
                Err(failure) => return Err(failure),
            }
        }
        self.ask(Stage::Mail, &self.mail_from(&mail.sender, mail)?, 2)
            .await
            .map(drop)
    }

    async fn recipient(&mut self, address: &str) -> Result<(), Failure> {
        self.ask(Stage::Rcpt, &format!("RCPT TO:<{address}>"), 2)
            .await
            .map(drop)
    }

    /// The line with the sender, and whether this server can take such a mail.
    fn mail_from(&self, sender: &str, mail: &ComposedMail) -> Result<String, Failure> {
        let unfit = |why: &str| fault(Stage::Mail, Fault::Unfit, format!("{} {why}", self.place));
        let mut line = format!("MAIL FROM:<{sender}>");
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
