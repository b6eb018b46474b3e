//! Mail that comes in. (A stand-in with the face of the pipeline, until that is merged.)

pub mod imap;
mod store;

use crate::app::App;
use crate::error::Result;
use crate::ids::{HelpdeskId, MailId};
use db::Tx;
use sha2::{Digest, Sha256};

/// By which way a mail came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// By SMTP.
    Smtp,
    /// Out of a mailbox, by IMAP.
    Imap,
    /// By HTTP.
    Api,
    /// By a command.
    Command,
}

/// The sender of the envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sender {
    /// There is no envelope any more.
    Unknown,
    /// `<>`, as bounces have it.
    Null,
    /// An address.
    Address(String),
}

/// A mail as it was received.
#[derive(Debug)]
pub struct Received {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The way it came.
    pub door: Door,
    /// Who sent it.
    pub sender: Sender,
    /// To whom.
    pub recipients: Vec<String>,
    /// Who handed it over.
    pub client: String,
    /// All of it.
    pub raw: Vec<u8>,
}

/// A mail that can be filed.
#[derive(Debug)]
pub struct Prepared {
    received: Received,
    id: MailId,
    hash: [u8; 32],
}

/// Stores what is long.
///
/// # Errors
/// When the database refuses.
#[expect(clippy::unused_async, reason = "the pipeline waits here")]
pub async fn prepare(app: &App, received: Received) -> Result<Prepared> {
    Ok(Prepared {
        id: app.new_id(),
        hash: Sha256::digest(&received.raw).into(),
        received,
    })
}

/// Files it in the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn file(tx: &mut Tx, prepared: &Prepared) -> std::result::Result<MailId, db::Error> {
    store::insert(tx, prepared).await?;
    Ok(prepared.id)
}
