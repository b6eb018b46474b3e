//! Identifiers and randomness, both parameters.
//!
//! Ids are UUIDv7 and never a capability: every read checks who asks.

use db::{Column, Param, Value};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// The source of random bytes: the operating system's, or a repeatable one in tests.
#[derive(Clone, Debug)]
pub struct Random(());

impl Random {
    /// The operating system's source.
    pub fn system() -> Self {
        Self(())
    }

    /// Fresh random bytes.
    ///
    /// # Panics
    /// Never by itself; when the operating system has no randomness to give, the process aborts,
    /// because anything else would hand out guessable secrets.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        if fill(&mut bytes).is_err() {
            std::process::abort();
        }
        bytes
    }

    /// A new id: 48 bits of time, then 74 random bits (RFC 9562, version 7).
    pub fn id<T: From<Uuid>>(&self, now_ms: i64) -> T {
        let ms = u64::try_from(now_ms).unwrap_or_default();
        T::from(uuid::Builder::from_unix_timestamp_millis(ms, &self.bytes()).into_uuid())
    }

    /// A token of 256 random bits, URL-safe.
    pub fn token(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the system for randomness"
)]
fn fill(bytes: &mut [u8]) -> Result<(), getrandom::Error> {
    getrandom::fill(bytes)
}

/// The text is not an id.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("this is not an id")]
pub struct NotAnId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            /// Accepts the one spelling in which ids are issued: lower case with hyphens.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let id = Uuid::try_parse(text).map_err(|_| NotAnId)?;
                let mut buffer = Uuid::encode_buffer();
                if id.hyphenated().encode_lower(&mut buffer) == text { Ok(Self(id)) } else { Err(NotAnId) }
            }
        }

        impl Param for $name {
            fn value(&self) -> Value<'_> {
                Value::Uuid(self.0)
            }
        }

        impl Column for $name {
            fn from_column(column: Value<'_>) -> Option<Self> {
                Uuid::from_column(column).map(Self)
            }
        }
    )*};
}

ids! {
    /// A helpdesk (tenant).
    HelpdeskId;
    /// A person who answers.
    OperatorId;
    /// A known person, one per address and helpdesk.
    ContactId;
    /// A conversation.
    ConversationId;
    /// A message.
    MessageId;
    /// A private note.
    NoteId;
    /// An HMAC secret of a helpdesk.
    SecretId;
    /// A notification: one mail to one recipient about one conversation.
    NotificationId;
    /// An invitation to become an operator of a helpdesk.
    InvitationId;
    /// Bytes in pieces: a file, or a mail as it came.
    BlobId;
    /// A file of a message or private note.
    AttachmentId;
    /// A mail that came in.
    MailId;
    /// A mailbox that mail is fetched from.
    MailboxId;
    /// An entry of the audit log or of another list that is only appended to.
    EntryId;
}
