//! What the doors have in common: a mail is taken whole, kept as it came, and acknowledged after that.

use super::{TOPIC, store};
use crate::app::App;
use crate::attachments::blobs::{self, Writer, Written};
use crate::error::{Error, Result};
use crate::ids::{HelpdeskId, MailId};
use db::Tx;

/// Through which door a mail came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Door {
    /// The SMTP listener.
    Smtp,
    /// A mailbox.
    Imap,
    /// `POST /api/v1/mail`.
    Api,
    /// `helpdesky mail deliver`.
    Command,
}

impl Door {
    /// All doors.
    pub const ALL: [Self; 4] = [Self::Smtp, Self::Imap, Self::Api, Self::Command];

    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Api => "api",
            Self::Command => "command",
        }
    }

    /// The door of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|door| door.name() == name)
    }
}

/// The envelope's sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The envelope is lost.
    Unknown,
    /// `<>`: nobody is to be told of anything.
    Null,
    /// An address.
    Address(String),
}

impl Sender {
    pub(super) fn stored(&self) -> Option<&str> {
        match self {
            Self::Unknown => None,
            Self::Null => Some(""),
            Self::Address(address) => Some(address),
        }
    }

    pub(super) fn from_stored(stored: Option<String>) -> Self {
        match stored {
            None => Self::Unknown,
            Some(address) if address.is_empty() => Self::Null,
            Some(address) => Self::Address(address),
        }
    }
}

/// A mail as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Whose mail it is.
    pub helpdesk_id: HelpdeskId,
    /// Through which door it came.
    pub door: Door,
    /// The envelope's sender.
    pub sender: Sender,
    /// The envelope's recipients in this helpdesk, if they are known.
    pub recipients: Vec<String>,
    /// Who handed it in: a network address, a mailbox's name.
    pub client: String,
    /// The mail itself.
    pub raw: Vec<u8>,
}

/// A mail whose bytes are kept but for their last piece; it counts from [`file`] on.
#[derive(Debug)]
pub struct Prepared {
    pub(super) helpdesk_id: HelpdeskId,
    pub(super) id: MailId,
    pub(super) door: Door,
    pub(super) sender: Sender,
    pub(super) recipients: String,
    pub(super) client: String,
    pub(super) blob: Written,
    pub(super) now: i64,
}

/// A mail that comes in pieces.
pub struct Taking {
    app: App,
    id: MailId,
    writer: Writer,
}

impl Taking {
    /// Begins a mail of a helpdesk.
    pub fn new(app: &App, helpdesk_id: HelpdeskId) -> Self {
        Self {
            app: app.clone(),
            id: app.new_id(),
            writer: Writer::new(app, helpdesk_id),
        }
    }

    /// Takes bytes.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.writer.write(bytes).await
    }

    /// The mail is whole.
    pub fn finish(self, door: Door, sender: &Sender, recipients: &[String], client: &str) -> Prepared {
        let blob = self.writer.finish();
        let plain = |text: &str| text.chars().filter(|c| !c.is_control()).collect::<String>();
        Prepared {
            helpdesk_id: blob.helpdesk_id,
            id: self.id,
            door,
            sender: match sender {
                Sender::Address(address) => Sender::Address(plain(address)),
                other => other.clone(),
            },
            recipients: recipients
                .iter()
                .map(|recipient| plain(recipient))
                .collect::<Vec<_>>()
                .join("\n"),
            client: plain(client).chars().take(300).collect(),
            blob,
            now: self.app.now_ms(),
        }
    }
}

/// Keeps what is long of a mail. It is durable, and may be acknowledged, once [`file`] was called and its
/// transaction has committed.
///
/// # Errors
/// `mail_too_long` when it is longer than the setting `mail_bytes`, and when the database refuses.
pub async fn prepare(app: &App, received: Received) -> Result<Prepared> {
    let most = app.config().mail_in.most_bytes;
    if u64::try_from(received.raw.len()).unwrap_or(u64::MAX) > most {
        return Err(too_long(most));
    }
    let mut taking = Taking::new(app, received.helpdesk_id);
    taking.write(&received.raw).await?;
    Ok(taking.finish(
        received.door,
        &received.sender,
        &received.recipients,
        &received.client,
    ))
}

/// The refusal of a mail that is too long.
pub fn too_long(most: u64) -> Error {
    Error::new(
        crate::error::Kind::TooLarge,
        "mail_too_long",
        format!("The mail is longer than {most} bytes, which the setting mail_bytes allows"),
    )
}

/// Writes the mail down, to be read soon.
///
/// # Errors
/// When the database refuses.
pub async fn file(tx: &mut Tx, prepared: &Prepared) -> std::result::Result<MailId, db::Error> {
    blobs::keep(tx, &prepared.blob).await?;
    store::insert(tx, prepared).await?;
    tx.hint(TOPIC);
    Ok(prepared.id)
}

/// Takes a mail: it is durable when this returns.
///
/// # Errors
/// As [`prepare`].
pub async fn receive(app: &App, received: Received) -> Result<MailId> {
    let prepared = prepare(app, received).await?;
    keep(app, prepared).await
}

/// Makes a prepared mail durable.
///
/// # Errors
/// When the database refuses.
pub async fn keep(app: &App, prepared: Prepared) -> Result<MailId> {
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| file(tx, &prepared).await)
        .await?)
}
