//! Files that belong to messages and private notes, and the bytes of mails as they came.

pub mod blobs;
mod store;

use crate::ids::{AttachmentId, ConversationId, HelpdeskId};
use blobs::Written;
use db::Tx;

/// A file of a mail, for the message or private note that the mail became.
#[derive(Debug)]
pub struct OfMail<'a> {
    /// The id it gets.
    pub id: AttachmentId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// To which entry.
    pub entry: i64,
    /// Whether the contact may have it: not when it belongs to a note.
    pub is_public: bool,
    /// Its bytes.
    pub blob: &'a Written,
    /// A safe name.
    pub name: &'a str,
    /// What its sender says it is.
    pub content_type: &'a str,
    /// By which the HTML of the mail names it; empty when it does not.
    pub content_id: &'a str,
    /// Epoch milliseconds.
    pub now: i64,
}

/// Adds a file in the transaction that writes its message.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, helpdesk_id: HelpdeskId, file: &OfMail<'_>) -> Result<(), db::Error> {
    blobs::keep(tx, file.blob).await?;
    store::insert(tx, helpdesk_id, file).await
}

/// Adds the files of one entry to another as well, with the same bytes: what was kept apart is taken in.
///
/// # Errors
/// When the database refuses.
pub async fn copy(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    from: (ConversationId, i64),
    to: (ConversationId, i64),
    ids: &[AttachmentId],
) -> Result<(), db::Error> {
    store::copy(tx, helpdesk_id, from, to, ids).await
}
