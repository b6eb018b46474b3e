//! Files that belong to messages and private notes, and the bytes of mails as they came.
//!
//! A file is uploaded first and waits; it belongs to a message from the transaction on that writes the
//! message. Who may read one is not this room's to know: it is asked by the ids of what it belongs to.

pub mod blobs;
mod kinds;
mod pictures;
pub mod receiving;
mod sizes;
mod store;
mod upload;

pub use upload::upload;

use crate::app::App;
use crate::error::Error;
use crate::ids::{AttachmentId, BlobId, ContactId, ConversationId, HelpdeskId, OperatorId};
use bytes::Bytes;
use db::Tx;
use futures_util::Stream;
use futures_util::stream;
use mail::parsed::safe_file_name;
use uuid::Uuid;

/// Files of one message.
pub const MOST: usize = 10;
/// A file of a contact that was not sent is forgotten after this time.
const WAITING_MS: i64 = 24 * 60 * 60 * 1000;
/// One in an operator's box stays as long as somebody may come back to a draft.
const IN_A_BOX_MS: i64 = 7 * WAITING_MS;
/// Files forgotten in one transaction.
const AT_ONCE: i64 = 50;

/// Who uploads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uploader {
    /// A contact whose identity was proved.
    Contact(ContactId),
    /// An operator, into the box of a conversation.
    Operator(OperatorId, ConversationId),
}

impl Uploader {
    fn id(self) -> Uuid {
        match self {
            Self::Contact(id) => id.0,
            Self::Operator(id, _) => id.0,
        }
    }

    fn conversation_id(self) -> Option<ConversationId> {
        match self {
            Self::Contact(_) => None,
            Self::Operator(_, id) => Some(id),
        }
    }
}

/// A file. Its bytes are read with [`bytes`].
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The id.
    pub id: AttachmentId,
    /// Where its bytes are.
    pub blob_id: BlobId,
    /// The conversation, once it is sent; also that of the box in which it waits.
    pub conversation_id: Option<ConversationId>,
    /// The message or note among all entries of the conversation; none while it waits.
    pub entry: Option<i64>,
    /// Its place among the files of the entry, from 0.
    pub position: i64,
    /// True for a file of a message, false for one of a private note.
    pub is_public: bool,
    /// The contact or operator who uploaded it; nobody for what came by mail.
    pub uploader_id: Option<Uuid>,
    /// A name that is safe to show and to save under.
    pub name: String,
    /// What it is, by its name and its first bytes; `application/octet-stream` for all that is not known.
    pub content_type: String,
    /// The id under which the HTML of a mail shows it; empty for none.
    pub content_id: String,
    /// Length in bytes.
    pub size: i64,
    /// Width and height of a picture that may be shown.
    pub picture: Option<(i64, i64)>,
    /// When it came, epoch milliseconds.
    pub created_at: i64,
}

impl Attachment {
    /// Its length as people say it: `84 KB`, `1.2 MB`.
    pub fn size_in_words(&self) -> String {
        sizes::in_words(self.size)
    }
}

/// A length as people say it.
pub fn size_in_words(bytes: u32) -> String {
    sizes::in_words(bytes.into())
}

/// Gives files that wait to the message or note that is written in this transaction, in this order.
///
/// # Errors
/// When there are too many, one is not a waiting file of this uploader, or the database refuses.
pub async fn attach(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    uploader: Uploader,
    ids: &[AttachmentId],
    (conversation_id, entry): (ConversationId, i64),
    is_public: bool,
) -> Result<Vec<Attachment>, Error> {
    refuse_too_many(ids.len())?;
    let mut attached = Vec::with_capacity(ids.len());
    for (position, id) in (0..).zip(ids) {
        let place = (conversation_id, entry, position);
        let given = store::files::attach(tx, helpdesk_id, *id, uploader.id(), place, is_public).await?;
        attached.push(given.ok_or_else(unknown)?);
    }
    Ok(attached)
}

/// Refuses more files than a message can have.
///
/// # Errors
/// `too_many_attachments`.
pub fn refuse_too_many(count: usize) -> Result<(), Error> {
    refuse_more_than(MOST, count)
}

/// Refuses more files than a message of this kind can have.
///
/// # Errors
/// `too_many_attachments`.
pub fn refuse_more_than(most: usize, count: usize) -> Result<(), Error> {
    if count <= most {
        return Ok(());
    }
    Err(Error::unprocessable(
        "too_many_attachments",
        format!("A message can have {most} files"),
    ))
}

/// The refusal for a file that is not there, or not for this caller: the same for both.
pub fn unknown() -> Error {
    Error::unprocessable(
        "unknown_attachment",
        "There is no such attachment, or it was sent already; upload the file again",
    )
}

/// The answer to whoever asks for a file that is not there, or not for them.
pub fn not_found() -> Error {
    Error::not_found("attachment_not_found", "Attachment not found")
}

/// A file that came with a mail or a form, for the message or private note that it became.
#[derive(Debug)]
pub struct Arrived<'a> {
    /// The id it gets.
    pub id: AttachmentId,
    /// Where it belongs.
    pub conversation_id: ConversationId,
    /// To which entry.
    pub entry: i64,
    /// Whether the contact may have it: not when it belongs to a note.
    pub is_public: bool,
    /// Its bytes.
    pub blob: &'a blobs::Written,
    /// Its name.
    pub name: &'a str,
    /// What its sender says it is: it names what has no name, and is not believed otherwise. May be empty.
    pub content_type: &'a str,
    /// By which the HTML of its mail names it; empty when it does not.
    pub content_id: &'a str,
    /// Epoch milliseconds.
    pub now: i64,
}

/// Adds a file in the transaction that writes its message.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &mut Tx, helpdesk_id: HelpdeskId, file: &Arrived<'_>) -> Result<(), db::Error> {
    blobs::keep(tx, file.blob).await?;
    let name = safe_file_name(file.name, file.content_type);
    let kind = kinds::of(&name, file.blob.head());
    let (conversation_id, entry) = (file.conversation_id, file.entry);
    let added = Attachment {
        helpdesk_id,
        id: file.id,
        blob_id: file.blob.id,
        conversation_id: Some(conversation_id),
        entry: Some(entry),
        position: store::files::count(tx, helpdesk_id, conversation_id, entry).await?,
        is_public: file.is_public,
        uploader_id: None,
        name,
        content_type: kind.to_owned(),
        content_id: file.content_id.to_owned(),
        size: file.blob.size,
        picture: pictures::size(kind, file.blob.head()),
        created_at: file.now,
    };
    store::files::insert(tx, &added).await
}

/// Adds the files of one entry to another as well, with the same bytes: what was kept apart is taken in.
///
/// # Errors
/// When the database refuses.
pub async fn copy(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (from, from_entry): (ConversationId, i64),
    (to, to_entry): (ConversationId, i64),
    ids: &[AttachmentId],
) -> Result<(), db::Error> {
    let files = of_entries(tx, helpdesk_id, from, (from_entry, from_entry + 1)).await?;
    // As many as there are ids for.
    for (file, id) in files.into_iter().zip(ids) {
        let copied = Attachment {
            id: *id,
            conversation_id: Some(to),
            entry: Some(to_entry),
            ..file
        };
        store::files::insert(tx, &copied).await?;
    }
    Ok(())
}

/// The files of some entries of a conversation, from one to before another, in their order.
///
/// # Errors
/// When the database cannot be read.
pub async fn of_entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
    (start, end): (i64, i64),
) -> Result<Vec<Attachment>, db::Error> {
    store::files::of_entries(tx, helpdesk_id, conversation_id, start, end).await
}

/// A file by its id. Whether the caller may see it is theirs to find out, by what it belongs to.
///
/// # Errors
/// When the database cannot be read.
pub async fn find(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: AttachmentId,
) -> Result<Option<Attachment>, db::Error> {
    store::files::find(tx, helpdesk_id, id).await
}

/// The files in an operator's box, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn in_box(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    conversation_id: ConversationId,
) -> Result<Vec<Attachment>, db::Error> {
    let mut waiting = store::files::waiting(tx, helpdesk_id, operator_id.0).await?;
    waiting.retain(|file| file.conversation_id == Some(conversation_id));
    Ok(waiting)
}

/// Forgets a file of this uploader that was not sent. One that is not there is gone already.
///
/// # Errors
/// When the database refuses.
pub async fn remove(
    app: &App,
    helpdesk_id: HelpdeskId,
    uploader: Uuid,
    id: AttachmentId,
) -> Result<(), Error> {
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| {
            let found = store::files::find(tx, helpdesk_id, id).await?;
            let theirs = |file: &Attachment| file.entry.is_none() && file.uploader_id == Some(uploader);
            match found.filter(theirs) {
                Some(file) => forget(tx, &file).await,
                None => Ok(()),
            }
        })
        .await?)
}

/// Puts the files of an entry that is taken back into the box of whoever wrote it.
///
/// # Errors
/// When the database refuses.
pub async fn put_back(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    (conversation_id, entry): (ConversationId, i64),
    now_ms: i64,
) -> Result<(), db::Error> {
    store::files::put_back(tx, helpdesk_id, operator_id, (conversation_id, entry), now_ms).await
}

/// Forgets the files of a helpdesk that were uploaded and never sent.
///
/// # Errors
/// When the database refuses.
pub async fn forget_waiting(app: &App, helpdesk_id: HelpdeskId) -> Result<(), Error> {
    let now = app.now_ms();
    loop {
        let forgotten = app
            .db()
            .write(async move |tx: &mut Tx| {
                let before = (now - WAITING_MS, now - IN_A_BOX_MS);
                let old = store::files::waiting_before(tx, helpdesk_id, before, AT_ONCE).await?;
                for file in &old {
                    forget(tx, file).await?;
                }
                Ok::<_, db::Error>(old.len())
            })
            .await?;
        if i64::try_from(forgotten).unwrap_or(i64::MAX) < AT_ONCE {
            return Ok(());
        }
    }
}

async fn forget(tx: &mut Tx, file: &Attachment) -> Result<(), db::Error> {
    if store::files::delete_waiting(tx, file.helpdesk_id, file.id).await? {
        blobs::delete(tx, file.helpdesk_id, file.blob_id).await?;
    }
    Ok(())
}

/// The bytes of a file, piece by piece. A file that is forgotten meanwhile breaks off.
pub fn bytes(app: &App, file: &Attachment) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let (app, helpdesk_id, blob_id) = (app.clone(), file.helpdesk_id, file.blob_id);
    stream::try_unfold((app, 0, file.size), move |(app, number, left)| async move {
        if left <= 0 {
            return Ok(None);
        }
        let piece = blobs::piece(&app, helpdesk_id, blob_id, number).await?;
        let piece = piece.ok_or_else(not_found)?;
        let length = i64::try_from(piece.len()).unwrap_or(i64::MAX);
        Ok(Some((Bytes::from(piece), (app, number + 1, left - length))))
    })
}
