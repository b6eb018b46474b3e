//! Sending mail: where it goes, how it is made, and what became of it.
//!
//! What is due, and who may still be told, is known below; here a mail is only carried. Passwords
//! stay in this room: no log line, no answer and no dialogue holds one.

pub mod delivery;
pub mod dkim_record;
mod files;
pub mod letter;
pub mod mailer;
pub mod outgoing;
pub mod post;
pub mod relays;
pub mod settings;
pub mod smtp;
mod store;
pub mod unsubscribe;

pub use delivery::deliver;
pub use outgoing::{Acknowledgement, Carried, Outgoing, Recipient};

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A server has taken it over.
    Accepted {
        /// What the server said.
        words: String,
    },
    /// It was refused for good; asking again would change nothing.
    Refused {
        /// Why, for operators.
        words: String,
        /// True when there is no such address.
        address_is_bad: bool,
    },
    /// It was not taken and may be tried again.
    Later {
        /// Why, for operators.
        words: String,
    },
    /// There is no server to send it by, or no address that it is from.
    NotSetUp {
        /// What is missing, for operators.
        words: String,
    },
    /// It was sent whole and no answer came: it may have been taken. A retry keeps its Message-ID.
    Uncertain {
        /// Why, for operators.
        words: String,
    },
}
