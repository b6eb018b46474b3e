//! Mail out of mailboxes of others, by IMAP.
//!
//! A mailbox is worked at by one node at a time, which holds a lease. A mail is fetched, handed to the
//! pipeline, and committed together with the cursor that says so; only then it is marked where it came
//! from. Where the folder's numbers begin anew, what is recent is read again, and the pipeline knows it
//! by its content.

mod client;
mod cursor;
mod fetching;
mod settings;
mod store;
mod trial;
mod work;

pub use client::Patience;
pub use settings::{Settings, add, change, get, list, pause, remove, rescan, resume, set_password};
pub use trial::{Trial, try_out};
pub use work::{run, set_patience};

use crate::config::Tls;
use crate::ids::MailboxId;
use uuid::Uuid;

/// Mailboxes of one helpdesk.
pub const MOST_MAILBOXES: usize = 50;
/// The topic of the hint that a mailbox may be due earlier than was known, or was taken away from whoever
/// works at it: fixed, and no helpdesk's.
const TOPIC: Uuid = Uuid::from_u128(0x6d61_696c_626f_8000_8000_0000_0000_0001);

/// What is done with a mail, where it came from, once it is committed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// It is marked as seen.
    Seen,
    /// It is moved to this folder.
    Move(String),
    /// Nothing.
    Leave,
}

/// What kind of problem keeps mail from being fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The server is not there, or has no time: it will pass.
    Unreachable,
    /// The server does not want us, or is not who it should be: somebody has to see to it.
    Refused,
    /// The server does what no server does.
    Hostile,
}

/// Where a mailbox stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It waits for a node.
    Due,
    /// A node is connecting to it.
    Connecting,
    /// It is looked into, since then (epoch milliseconds).
    Connected {
        /// Since when.
        since: i64,
    },
    /// It cannot be looked into, and is tried again by itself.
    Waiting {
        /// When, epoch milliseconds.
        until: i64,
        /// What kind of problem it is.
        kind: Kind,
        /// Why, for admins.
        words: String,
    },
    /// An operator has paused it.
    Paused {
        /// When, epoch milliseconds.
        at: i64,
        /// Who.
        by: String,
    },
}

/// A mailbox, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    /// The id.
    pub id: MailboxId,
    /// What operators call it.
    pub name: String,
    /// Name or IP address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Whether the secret is an OAuth 2 access token.
    pub is_token: bool,
    /// Who we are to the server.
    pub user: String,
    /// The folder that mail is fetched from.
    pub folder: String,
    /// What is done with a mail.
    pub afterwards: Afterwards,
    /// Where it stands.
    pub state: State,
    /// When all that was there was fetched, epoch milliseconds.
    pub looked_at: Option<i64>,
    /// When the last mail was fetched, epoch milliseconds.
    pub last_mail_at: Option<i64>,
    /// How many mails were fetched.
    pub fetched: i64,
    /// How many were passed over.
    pub skipped: i64,
    /// Why the last one was.
    pub skip_words: String,
    /// What does not work although mail is fetched: mails cannot be marked.
    pub warning: String,
    /// Since when older mail is being gone through, epoch milliseconds.
    pub scan_since: Option<i64>,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Refused => "refused",
            Self::Hostile => "hostile",
        }
    }

    fn named(name: &str) -> Self {
        let all = [Self::Unreachable, Self::Refused, Self::Hostile];
        let found = all.into_iter().find(|kind| kind.name() == name);
        found.unwrap_or(Self::Unreachable)
    }
}

impl Afterwards {
    /// The name, as stored and sent.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Move(_) => "move",
            Self::Leave => "leave",
        }
    }

    /// What this name and folder mean.
    pub fn named(name: &str, folder: &str) -> Option<Self> {
        match name {
            "seen" => Some(Self::Seen),
            "move" => Some(Self::Move(folder.to_owned())),
            "leave" => Some(Self::Leave),
            _ => None,
        }
    }

    /// The folder that mails are moved to.
    pub fn folder(&self) -> &str {
        match self {
            Self::Move(folder) => folder,
            Self::Seen | Self::Leave => "",
        }
    }
}
