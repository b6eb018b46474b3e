//! Mail without I/O: addresses as identities, composing what goes out and reading what comes in, the
//! tokens that prove a thread, DKIM signatures, the server's side of SMTP and the client's of IMAP.
//!
//! Here input is hostile: names, subjects and texts were written by strangers, and none of them may
//! make a header, a recipient or a second mail.

mod address;
mod base32;
pub mod bounce;
mod compose;
pub mod dkim;
#[cfg(test)]
mod fixtures;
pub mod forwarded;
pub mod imap;
pub mod machine;
mod mailbox;
mod one_line;
pub mod parsed;
pub mod proxy;
pub mod reply;
pub mod smtp_in;
#[cfg(feature = "testing")]
pub mod strict;
pub mod token;
pub mod tokens;
pub mod verdict;
mod view;

pub use address::{Address, InvalidAddress, trim};
pub use compose::{ComposedMail, File, LOOP_HEADER, MessageId, OutgoingMail, Unsubscribe, Writer, compose};
pub use mailbox::{Mailbox, Unmailable};
pub use one_line::one_line;
pub use view::{Viewed, view};
