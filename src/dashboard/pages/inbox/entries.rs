//! The lines of a conversation.

use crate::dashboard::pages::files::File;
use crate::dashboard::pages::shell::Avatar;

/// A line of a conversation.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A new day begins.
    Day(String),
    /// What follows is new to the reader.
    New,
    /// From the contact.
    Contact(Message),
    /// From an operator.
    Operator(Message),
    /// For operators only.
    Note(Message),
    /// What was done.
    Event(Event),
}

/// A message or note.
#[derive(Clone, Debug)]
pub struct Message {
    /// Its place among the entries.
    pub id: i64,
    /// The writer's name.
    pub author: String,
    /// The writer's mark.
    pub avatar: Avatar,
    /// Plain text.
    pub body: String,
    /// The files that came with it.
    pub files: Vec<File>,
    /// When.
    pub at_ms: i64,
    /// When the contact had read up to here; on the last such message only.
    pub seen_ms: Option<i64>,
    /// Whether another operator than the reader wrote it.
    pub by_other: bool,
    /// What became of the mail with it; on the last message of each mail only.
    pub mail: Option<MailLine>,
    /// The mail that it was, when it came by mail.
    pub letter: Option<LetterLine>,
    /// To whom else it went, or is to go.
    pub copies: Vec<String>,
}

/// The line below a message that came by mail.
#[derive(Clone, Debug)]
pub struct LetterLine {
    /// The mail's page.
    pub href: String,
    /// Why it stands here, where that is worth a word; may be empty.
    pub reason: &'static str,
    /// True when its author's domain stands behind it.
    pub is_verified: bool,
    /// True when a machine wrote it.
    pub is_automatic: bool,
    /// True when quotes or a signature were left out.
    pub has_folded: bool,
    /// The conversation that it answers without standing there, and where its sender is let in.
    pub apart: Option<(String, String)>,
    /// Whether its sender was told that it has come in, and when.
    pub acknowledged: Option<(String, Option<i64>)>,
}

/// The line below an answer that tells of its mail.
#[derive(Clone, Debug)]
pub struct MailLine {
    /// The mail.
    pub id: String,
    /// How many answers on the page it carries.
    pub replies: usize,
    /// What it is doing.
    pub state: MailState,
    /// The answer that can be taken back, by its position.
    pub withdraws: Option<i64>,
}

/// What a mail is doing, or what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It leaves by itself, unless it is read before.
    Waiting {
        /// When.
        due_ms: i64,
        /// How long that is from now.
        left_ms: i64,
    },
    /// It is leaving.
    Sending,
    /// The relay took it.
    Sent {
        /// When.
        at_ms: i64,
    },
    /// It is tried again.
    Retrying {
        /// When.
        due_ms: i64,
        /// What the relay said.
        words: String,
    },
    /// It was refused for good, or came back.
    Failed {
        /// Why.
        words: String,
        /// True when a server had taken it before.
        has_bounced: bool,
    },
    /// Nobody can tell whether it arrived.
    Uncertain {
        /// What happened.
        words: String,
    },
    /// It was taken back.
    Cancelled {
        /// By whom; empty when it lost its reason.
        by: String,
    },
    /// None is sent.
    None {
        /// Why.
        words: String,
    },
}

impl MailState {
    /// True while no mail server has it, or may have it.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self,
            Self::Waiting { .. } | Self::Cancelled { .. } | Self::None { .. }
        )
    }
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among the entries.
    pub id: i64,
    /// The icon's name.
    pub icon: &'static str,
    /// Who did it.
    pub actor: String,
    /// What.
    pub did: &'static str,
    /// To whom.
    pub object: Option<String>,
    /// When.
    pub at_ms: i64,
}
