//! Where a dialogue failed, how, and what follows for the mail.

use super::reply::Reply;
use super::wire::Trouble;
use crate::mail_out::Outcome;
use crate::outbound::{Dialogue, Speaker};

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

    /// True when the server said no, and the dialogue can go on.
    pub(super) fn is_an_answer(&self) -> bool {
        !matches!(self.fault, Fault::Broken | Fault::NotNow { code: 421 })
    }

    /// True when a connection that was kept turned out to be gone before anything was asked of it.
    pub(in crate::mail_out) fn is_stale(&self) -> bool {
        self.stage == Stage::Mail && matches!(self.fault, Fault::Broken | Fault::NotNow { code: 421 })
    }
}

pub(super) fn broken(place: &str, dialogue: &Dialogue, stage: Stage, trouble: &Trouble) -> Failure {
    dialogue.add(Speaker::Nobody, || trouble.to_string());
    let words = match stage {
        Stage::Connect => format!("{place} cannot be reached: {trouble}"),
        Stage::Tls => format!("{place} could not be verified: {trouble}"),
        Stage::End => format!("{place} got the whole mail and did not answer: {trouble}"),
        other => format!("{place} failed at {}: {trouble}", other.name()),
    };
    fault(stage, Fault::Broken, words)
}

pub(super) fn fault(stage: Stage, fault: Fault, words: String) -> Failure {
    Failure { stage, fault, words }
}

/// Takes an answer of the wanted class.
pub(super) fn expect(place: &str, stage: Stage, reply: &Reply, class: u16) -> Result<(), Failure> {
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
