//! Uploads of files that wait until they are sent.

use super::receiving::{Place, Sender, receive};
use super::{Attachment, Uploader, blobs, kinds, pictures, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use bytes::Bytes;
use db::Tx;
use futures_util::Stream;
use mail::parsed::safe_file_name;

/// Files of one uploader that wait: several messages full.
const MOST_WAITING: usize = 40;
/// Files of a helpdesk that wait.
const MOST_WAITING_IN_ALL: i64 = 2_000;
/// Bytes of a helpdesk that wait, in files of the largest size.
const MOST_BYTES_WAITING: i64 = 100;

/// Takes a file. It waits until [`super::attach`] gives it to a message.
///
/// # Errors
/// When it is too large, breaks off, too many wait already, or the database refuses. Nothing is kept then.
pub async fn upload(
    app: &App,
    helpdesk_id: HelpdeskId,
    uploader: Uploader,
    name: &str,
    bytes: impl Stream<Item = Result<Bytes>>,
) -> Result<Attachment> {
    let _place = Place::take(app, Sender::Uploader(uploader.id()))?;
    let limit = i64::from(app.config().attachment_bytes);
    let room = Room {
        helpdesk_id,
        uploader,
        limit,
    };
    // Asked before the first byte is read, and again when it is known how many there were.
    app.db()
        .read(async move |tx: &mut Tx| room.look(tx, 0).await)
        .await?;
    let received = receive(app, helpdesk_id, limit, bytes).await?;
    let written = received.blob;
    let kind = kinds::of(name, written.head());
    let file = Attachment {
        helpdesk_id,
        id: app.new_id(),
        blob_id: written.id,
        conversation_id: uploader.conversation_id(),
        entry: None,
        position: 0,
        is_public: false,
        uploader_id: Some(uploader.id()),
        name: safe_file_name(name, kind),
        content_type: kind.to_owned(),
        content_id: String::new(),
        size: written.size,
        picture: pictures::size(kind, written.head()),
        created_at: app.now_ms(),
    };
    let file = app
        .db()
        .write(async move |tx: &mut Tx| {
            let position = room.look(tx, file.size).await?;
            let file = Attachment {
                position,
                ..file.clone()
            };
            blobs::keep(tx, &written).await?;
            store::files::insert(tx, &file).await?;
            Ok::<_, Error>(file)
        })
        .await?;
    received.unkept.kept();
    Ok(file)
}

/// How much may wait.
#[derive(Clone, Copy)]
struct Room {
    helpdesk_id: HelpdeskId,
    uploader: Uploader,
    limit: i64,
}

impl Room {
    /// Where one more file of this size stands among those of its uploader, if there is room. Uploads that end in the same moment may
    /// each find the last place free; there are only few of one uploader at once.
    async fn look(self, tx: &mut Tx, size: i64) -> Result<i64> {
        let theirs = store::files::waiting(tx, self.helpdesk_id, self.uploader.id()).await?;
        if theirs.len() >= MOST_WAITING {
            return Err(Error::unprocessable(
                "too_many_waiting",
                "Too many files wait to be sent; send or remove some first",
            ));
        }
        if let Some(conversation_id) = self.uploader.conversation_id() {
            let in_box = |file: &&Attachment| file.conversation_id == Some(conversation_id);
            super::refuse_too_many(theirs.iter().filter(in_box).count() + 1)?;
        }
        let (files, bytes) = store::files::waiting_in(tx, self.helpdesk_id).await?;
        let most = self.limit.saturating_mul(MOST_BYTES_WAITING);
        if files >= MOST_WAITING_IN_ALL || bytes.saturating_add(size) > most {
            return Err(Error::unprocessable(
                "too_much_waiting",
                "No more files can be uploaded for now: too many wait to be sent. Try again later",
            ));
        }
        Ok(theirs.iter().map(|file| file.position + 1).max().unwrap_or(0))
    }
}
