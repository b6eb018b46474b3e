//! Bytes that come in from outside: written as they come, counted, and forgotten at once when they break off
//! or are refused after all. A process that dies meanwhile leaves pieces that housekeeping forgets.

use super::{blobs, sizes};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::{BlobId, HelpdeskId};
use bytes::Bytes;
use db::Tx;
use futures_util::{Stream, StreamExt};
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use uuid::Uuid;

/// Bytes that came in whole, and to which nothing refers yet.
pub struct Received {
    /// What was written.
    pub blob: Arc<blobs::Written>,
    /// Forgets it, unless something refers to it by then.
    pub unkept: Unkept,
}

/// Takes the bytes of one file.
///
/// # Errors
/// `attachment_too_large`, or when they break off or the database refuses. Nothing is kept then.
pub async fn receive(
    app: &App,
    helpdesk_id: HelpdeskId,
    limit: i64,
    bytes: impl Stream<Item = Result<Bytes>>,
) -> Result<Received> {
    let mut writer = blobs::Writer::new(app, helpdesk_id);
    let unkept = Unkept {
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
    Ok(Received {
        blob: Arc::new(writer.finish()),
        unkept,
    })
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

/// Bytes to which nothing refers yet: forgotten when this is dropped before something does.
pub struct Unkept {
    app: App,
    helpdesk_id: HelpdeskId,
    blob_id: Option<BlobId>,
}

impl Unkept {
    /// What refers to the bytes has been committed.
    pub fn kept(mut self) {
        self.blob_id = None;
    }
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

/// Whose uploads are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A contact or an operator.
    Uploader(Uuid),
    /// Whoever sends forms to a helpdesk from one network.
    Network(HelpdeskId, IpAddr),
    /// All who send forms to a helpdesk.
    Strangers(HelpdeskId),
}

impl Sender {
    /// Uploads under way at once.
    fn most(self) -> usize {
        match self {
            Self::Uploader(_) | Self::Network(..) => 4,
            Self::Strangers(_) => 32,
        }
    }
}

#[derive(Default)]
struct Places(Mutex<HashMap<Sender, usize>>);

/// One of the uploads that somebody may have under way.
pub struct Place {
    places: Arc<Places>,
    sender: Sender,
}

impl Place {
    /// Takes a place until it is dropped.
    ///
    /// # Errors
    /// `rate_limited` when there is none.
    pub fn take(app: &App, sender: Sender) -> Result<Self> {
        let places = app.room(|_| Places::default());
        let mut taken = places.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(sender).or_insert(0);
        if *count >= sender.most() {
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
        Ok(Self { places, sender })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.sender) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.sender);
            }
        }
    }
}
