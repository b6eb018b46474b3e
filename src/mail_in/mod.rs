//! Mail that comes in: three doors, one pipeline.
//!
//! ```text
//! smtp, imap, api, command ─▶ prepare, file ─▶ durable, acknowledged
//!                                                  │
//! pipeline: claim ─▶ reading (pure) ─▶ authentication ─▶ filing: one transaction per mail
//! ```
//!
//! A mail is kept as it came before anybody is told that it is there. What it means is found out later, as
//! often as needed, and what cannot be told waits in quarantine for a person. Callers are strangers: every
//! byte of a mail is hostile input.

pub mod acceptance;
mod addressees;
mod authentication;
mod content;
mod doors;
mod filing;
mod forwarding;
pub mod imap;
pub mod mails;
mod pipeline;
mod reading;
pub mod rules;
pub mod smtp;
mod store;
mod threading;

pub use doors::{Door, Prepared, Received, Sender, Taking, file, keep, prepare, receive, too_long};
pub(crate) use pipeline::run;
pub use pipeline::settle_due;

use uuid::Uuid;

/// The topic of the hint that a mail waits to be read: fixed, and no helpdesk's.
pub const TOPIC: Uuid = Uuid::from_u128(0x6d61_696c_2069_8000_8000_0000_0000_0001);

/// What a mail is doing, or what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Acknowledged, and not read yet.
    Waiting,
    /// It stands in a conversation.
    Filed,
    /// It changed something else, or nothing: a report of non-delivery, a confirmation of forwarding.
    Noted,
    /// The same mail is there already.
    Duplicate,
    /// Somebody has to look at it.
    Quarantined,
}

impl State {
    /// All states, those that need somebody first.
    pub const ALL: [Self; 5] = [
        Self::Quarantined,
        Self::Waiting,
        Self::Filed,
        Self::Noted,
        Self::Duplicate,
    ];

    /// The name under which it is stored and filtered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Filed => "filed",
            Self::Noted => "noted",
            Self::Duplicate => "duplicate",
            Self::Quarantined => "quarantined",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $name:literal, $sentence:literal;)*) => {
        /// Why a mail is where it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $reason,)*
        }

        impl Reason {
            /// The name under which it is stored.
            pub fn name(self) -> &'static str {
                match self { $(Self::$reason => $name,)* }
            }

            /// The reason of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$reason),)* _ => None }
            }

            /// For people: what happened and, where something is to be done, what.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$reason => $sentence,)* }
            }
        }
    };
}

reasons! {
    /// Its sender proved that they answer a mail of ours.
    Answer = "answer", "Answers a mail of this conversation, from the address that was written to";
    /// The same, from somebody who was let in.
    AnswerOfParticipant = "answer_of_participant", "Answers a mail of this conversation; an operator let this sender take part";
    /// An operator answered a mail, and the mail is known to be theirs.
    OperatorAnswer = "operator_answer", "An operator answered by mail";
    /// The same, with `note:` above.
    OperatorNote = "operator_note", "An operator wrote a private note by mail";
    /// It carries an operator's token, and nobody stands behind its sender.
    OperatorUnproved = "operator_unproved", "Sent in an operator’s name, and nothing proves that it is theirs: kept as a private note. Answer from the dashboard, or let the operator’s domain sign its mail with DKIM";
    /// There is no token of ours in it.
    NoToken = "no_token", "Answers no mail of ours, so it has a conversation of its own";
    /// There is a token that was not made by us for this helpdesk.
    ForgedToken = "forged_token", "Names a conversation without proof, so it has one of its own";
    /// A token of ours, shown by somebody else.
    OtherSender = "other_sender", "Answers a mail of another conversation, but was not written by whom that mail was sent to: kept apart until you accept it";
    /// Its thread is in spam.
    ThreadInSpam = "thread_in_spam", "Answers a conversation that is in spam, so it has one of its own";
    /// An operator passed on what a customer wrote.
    Forwarded = "forwarded", "An operator forwarded this mail; it is its original author’s conversation";
    /// A mail with this Message-ID and another content is there already.
    PossibleDuplicate = "possible_duplicate", "Another mail came with the same Message-ID and other content. Both are kept";
    /// An operator wanted it.
    AsNew = "as_new", "An operator took it out of quarantine";
    /// A report that ties to a mail of ours.
    Bounce = "bounce", "Reports that a mail of ours was not delivered";
    /// A report that does not.
    UnknownBounce = "unknown_bounce", "Reports on a mail, and carries no proof that it was one of ours: nothing was changed";
    /// An automatic answer to an operator's notification.
    OperatorAway = "operator_away", "An automatic answer from an operator’s mailbox";
    /// A provider asks whether mail may be forwarded.
    ForwardingConfirmation = "forwarding_confirmation", "Asks to confirm that mail may be forwarded here; its code stands in Settings > Incoming mail";
    /// The same content is there.
    SameContent = "same_content", "The same mail came in before";
    /// It passed too many servers, or is our own.
    Loop = "loop", "This mail goes round in circles: it is one of ours, or has passed too many servers. Look for a mailbox that forwards our notifications back";
    /// Too many from one sender.
    Storm = "storm", "So many mails came from this sender within an hour that the rest waits here. Deliver it as new, or delete it";
    /// It is too complex to be read.
    TooComplex = "too_complex", "This mail is too complex to be read";
    /// Reading it failed.
    Unreadable = "unreadable", "Reading this mail failed three times. The mail itself is kept: look at it, and report what is special about it";
    /// There is nobody to answer.
    NoAuthor = "no_author", "This mail names no single author, so there is nobody to answer. Look at it, and deliver it as new if it is genuine";
}
