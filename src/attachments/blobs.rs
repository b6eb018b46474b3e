//! Bytes of any length in the database, in pieces.
//!
//! They stand in the database and not beside it, so that a backup has them, every node sees them, and what
//! refers to them is written in the same transaction. All but the last piece are written as they come;
//! the last one, and with it the whole, counts from [`keep`] on.

use super::store;
use crate::app::App;
use crate::error::Error;
use crate::ids::{BlobId, HelpdeskId};
use db::Tx;

/// Length of all pieces but the last, in bytes.
pub const PIECE: usize = 256 * 1024;
/// What nothing refers to is forgotten after this time.
const UNUSED_MS: i64 = 24 * 60 * 60 * 1000;
/// Blobs forgotten in one transaction.
const AT_ONCE: i64 = 100;

/// Takes bytes as they come, and holds one piece of them in memory.
pub struct Writer {
    app: App,
    helpdesk_id: HelpdeskId,
    id: BlobId,
    pieces: i64,
    size: i64,
    rest: Vec<u8>,
}

/// Bytes that were written but for their last piece.
#[derive(Debug)]
pub struct Written {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The id.
    pub id: BlobId,
    /// Length in bytes.
    pub size: i64,
    pieces: i64,
    rest: Vec<u8>,
    created_at: i64,
}

impl Writer {
    /// Begins a blob.
    pub fn new(app: &App, helpdesk_id: HelpdeskId) -> Self {
        Self {
            app: app.clone(),
            helpdesk_id,
            id: app.new_id(),
            pieces: 0,
            size: 0,
            rest: Vec::new(),
        }
    }

    /// How many bytes were taken.
    pub fn size(&self) -> i64 {
        self.size
    }

    /// Takes bytes; those that fill a piece are durable afterwards.
    ///
    /// # Errors
    /// When the database refuses. The blob is of no use then.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            if self.rest.len() == PIECE {
                self.put().await?;
            }
            let room = PIECE - self.rest.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.rest.extend_from_slice(now);
            self.size = self
                .size
                .saturating_add(i64::try_from(now.len()).unwrap_or(i64::MAX));
            bytes = later;
        }
        Ok(())
    }

    async fn put(&mut self) -> Result<(), Error> {
        let (helpdesk_id, id, number, now) = (self.helpdesk_id, self.id, self.pieces, self.app.now_ms());
        let bytes = std::mem::take(&mut self.rest);
        self.app
            .db()
            .write(async move |tx: &mut Tx| {
                if number == 0 {
                    store::insert_blob(tx, helpdesk_id, id, 0, false, now).await?;
                }
                store::insert_piece(tx, helpdesk_id, id, number, &bytes).await
            })
            .await?;
        self.pieces += 1;
        Ok(())
    }

    /// Ends the blob. It is forgotten unless [`keep`] follows within a day.
    pub fn finish(self) -> Written {
        Written {
            helpdesk_id: self.helpdesk_id,
            id: self.id,
            size: self.size,
            pieces: self.pieces,
            rest: self.rest,
            created_at: self.app.now_ms(),
        }
    }
}

/// Takes bytes that are there already.
///
/// # Errors
/// When the database refuses.
pub async fn write(app: &App, helpdesk_id: HelpdeskId, bytes: &[u8]) -> Result<Written, Error> {
    let mut writer = Writer::new(app, helpdesk_id);
    writer.write(bytes).await?;
    Ok(writer.finish())
}

/// Writes the last piece, in the transaction that refers to the blob.
///
/// # Errors
/// When the database refuses.
pub async fn keep(tx: &mut Tx, written: &Written) -> Result<(), db::Error> {
    let (helpdesk_id, id) = (written.helpdesk_id, written.id);
    if written.pieces == 0 {
        store::insert_blob(tx, helpdesk_id, id, written.size, true, written.created_at).await?;
    } else {
        store::keep_blob(tx, helpdesk_id, id, written.size).await?;
    }
    store::insert_piece(tx, helpdesk_id, id, written.pieces, &written.rest).await
}

/// All bytes of a blob; `None` when there is no such blob.
///
/// # Errors
/// When the database cannot be read.
pub async fn read(app: &App, helpdesk_id: HelpdeskId, id: BlobId) -> Result<Option<Vec<u8>>, Error> {
    let Some(mut bytes) = piece(app, helpdesk_id, id, 0).await? else {
        return Ok(None);
    };
    let (mut number, mut is_whole) = (1, bytes.len() == PIECE);
    while is_whole {
        let Some(next) = piece(app, helpdesk_id, id, number).await? else {
            break;
        };
        is_whole = next.len() == PIECE;
        bytes.extend_from_slice(&next);
        number += 1;
    }
    Ok(Some(bytes))
}

/// One piece, from 0 on; `None` after the last one.
///
/// # Errors
/// When the database cannot be read.
pub async fn piece(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: BlobId,
    number: i64,
) -> Result<Option<Vec<u8>>, Error> {
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::piece(tx, helpdesk_id, id, number).await)
        .await?)
}

/// Forgets a blob in the transaction that forgets what referred to it.
///
/// # Errors
/// When the database refuses.
pub async fn delete(tx: &mut Tx, helpdesk_id: HelpdeskId, id: BlobId) -> Result<(), db::Error> {
    store::delete_blob(tx, helpdesk_id, id).await
}

/// Forgets the bytes of a helpdesk to which nothing refers: uploads that broke off.
///
/// # Errors
/// When the database refuses.
pub async fn forget_unused(app: &App, helpdesk_id: HelpdeskId) -> Result<(), Error> {
    let before = app.now_ms() - UNUSED_MS;
    loop {
        let forgotten = app
            .db()
            .write(async move |tx: &mut Tx| store::delete_unused(tx, helpdesk_id, before, AT_ONCE).await)
            .await?;
        if forgotten < AT_ONCE {
            return Ok(());
        }
    }
}
