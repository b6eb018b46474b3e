//! Uploads: bytes that come in are written as they come, counted, and forgotten at once when the upload
//! breaks off. A process that dies meanwhile leaves pieces that housekeeping forgets.

use super::{Attachment, Uploader, blobs, kinds, pictures, sizes, store};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::{BlobId, HelpdeskId};
use bytes::Bytes;
use db::Tx;
use futures_util::{Stream, StreamExt};
use mail::parsed::safe_file_name;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use uuid::Uuid;

/// Files of one uploader that wait: several messages full.
const MOST_WAITING: usize = 40;
/// Files of a helpdesk that wait.
const MOST_WAITING_IN_ALL: i64 = 2_000;
/// Bytes of a helpdesk that wait, in files of the largest size.
const MOST_BYTES_WAITING: i64 = 100;
/// Uploads of one uploader at once.
const MOST_AT_ONCE: usize = 4;

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
    let _place = Place::take(app, uploader.id())?;
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
    let mut writer = blobs::Writer::new(app, helpdesk_id);
    let mut unkept = Unkept {
        app: app.clone(),
        helpdesk_id,
        blob_id: Some(writer.id()),
    };
    let mut bytes = pin!(bytes);
    while let Some(next) = bytes.next().await {
        let next = next?;
        let size = i64::try_from(next.len()).unwrap_or(i64::MAX);
        if writer.size().saturating_add(size) > limit {
            return Err(too_large(limit));
        }
        writer.write(&next).await?;
    }
    let written = writer.finish();
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
    unkept.blob_id = None;
    Ok(file)
}

/// The refusal of a file with too many bytes.
fn too_large(limit: i64) -> Error {
    Error::new(
        Kind::TooLarge,
        "attachment_too_large",
        format!(
            "This file is too large; a file can have {}",
            sizes::in_words(limit)
        ),
    )
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
    /// each find the last place free; there are only [`MOST_AT_ONCE`] of one uploader.
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

/// Bytes to which nothing refers yet: forgotten when the upload ends before something does.
struct Unkept {
    app: App,
    helpdesk_id: HelpdeskId,
    blob_id: Option<BlobId>,
}

impl Drop for Unkept {
    fn drop(&mut self) {
        let Some(blob_id) = self.blob_id else { return };
        let (db, helpdesk_id) = (self.app.db().clone(), self.helpdesk_id);
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let forgotten = db
                .write(async move |tx: &mut Tx| blobs::delete(tx, helpdesk_id, blob_id).await)
                .await;
            // Also what a broken connection kept after all ends here; else housekeeping forgets it.
            if let Err(error) = forgotten {
                tracing::debug!(%error, "the bytes of an upload that broke off stay for now");
            }
        });
    }
}

#[derive(Default)]
struct Places(Mutex<HashMap<Uuid, usize>>);

/// One of the uploads that somebody may have under way.
struct Place {
    places: Arc<Places>,
    uploader_id: Uuid,
}

impl Place {
    fn take(app: &App, uploader_id: Uuid) -> Result<Self> {
        let places = app.room(|_| Places::default());
        let mut taken = places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(uploader_id).or_insert(0);
        if *count >= MOST_AT_ONCE {
            return Err(Error::new(
                Kind::TooMany {
                    retry_after_seconds: 2,
                },
                "rate_limited",
                "Too many uploads at once; wait until one has ended",
            ));
        }
        *count += 1;
        drop(taken);
        Ok(Self { places, uploader_id })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.uploader_id) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.uploader_id);
            }
        }
    }
}
