//! SQL of files and their bytes.

use super::OfMail;
use crate::ids::{AttachmentId, BlobId, ConversationId, HelpdeskId};
use db::{Error, Tx};

pub(super) async fn insert_blob(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: BlobId,
    size: i64,
    is_kept: bool,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO blobs (helpdesk_id, id, size, is_kept, created_at) VALUES ($1, $2, $3, $4, $5)",
        &[&helpdesk_id, &id, &size, &is_kept, &now_ms],
    )
    .await?;
    Ok(())
}

/// Fails when the blob was forgotten meanwhile, so that nothing refers to bytes that are not there.
pub(super) async fn keep_blob(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: BlobId,
    size: i64,
) -> Result<(), Error> {
    let kept = tx
        .execute(
            "UPDATE blobs SET is_kept = $4, size = $3 WHERE helpdesk_id = $1 AND id = $2",
            &[&helpdesk_id, &id, &size, &true],
        )
        .await?;
    match kept {
        1 => Ok(()),
        _ => Err(Error::Internal(
            "bytes that were written are not there any more".to_owned(),
        )),
    }
}

pub(super) async fn insert_piece(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    blob_id: BlobId,
    number: i64,
    bytes: &[u8],
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO blob_pieces (helpdesk_id, blob_id, number, bytes) VALUES ($1, $2, $3, $4)",
        &[&helpdesk_id, &blob_id, &number, &bytes],
    )
    .await?;
    Ok(())
}

pub(super) async fn piece(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    blob_id: BlobId,
    number: i64,
) -> Result<Option<Vec<u8>>, Error> {
    tx.first(
        "SELECT bytes FROM blob_pieces WHERE helpdesk_id = $1 AND blob_id = $2 AND number = $3",
        &[&helpdesk_id, &blob_id, &number],
        |row| row.get(0),
    )
    .await
}

pub(super) async fn delete_blob(tx: &mut Tx, helpdesk_id: HelpdeskId, id: BlobId) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM blobs WHERE helpdesk_id = $1 AND id = $2",
        &[&helpdesk_id, &id],
    )
    .await?;
    Ok(())
}

/// Forgets some of the oldest blobs to which nothing refers, and says how many.
pub(super) async fn delete_unused(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before: i64,
    most: i64,
) -> Result<i64, Error> {
    let unused: Vec<BlobId> = tx
        .all(
            "SELECT id FROM blobs WHERE helpdesk_id = $1 AND created_at < $2 AND NOT is_kept
             ORDER BY created_at LIMIT $3",
            &[&helpdesk_id, &before, &most],
            |row| row.get(0),
        )
        .await?;
    for id in &unused {
        delete_blob(tx, helpdesk_id, *id).await?;
    }
    Ok(i64::try_from(unused.len()).unwrap_or(i64::MAX))
}

pub(super) async fn insert(tx: &mut Tx, helpdesk_id: HelpdeskId, file: &OfMail<'_>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO attachments (helpdesk_id, id, blob_id, conversation_id, entry, is_public, name, content_type,
             content_id, size, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &helpdesk_id,
            &file.id,
            &file.blob.id,
            &file.conversation_id,
            &file.entry,
            &file.is_public,
            &file.name,
            &file.content_type,
            &file.content_id,
            &file.blob.size,
            &file.now,
        ],
    )
    .await?;
    Ok(())
}

/// As many as there are ids for.
pub(super) async fn copy(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (from, from_entry): (ConversationId, i64),
    (to, to_entry): (ConversationId, i64),
    ids: &[AttachmentId],
) -> Result<(), Error> {
    let files: Vec<AttachmentId> = tx
        .all(
            "SELECT id FROM attachments WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry = $3 ORDER BY id",
            &[&helpdesk_id, &from, &from_entry],
            |row| row.get(0),
        )
        .await?;
    for (file, id) in files.iter().zip(ids) {
        tx.execute(
            "INSERT INTO attachments (helpdesk_id, id, blob_id, conversation_id, entry, is_public, contact_id,
                 operator_id, name, content_type, content_id, size, created_at)
             SELECT helpdesk_id, $3, blob_id, $4, $5, is_public, contact_id, operator_id, name, content_type,
                 content_id, size, created_at
             FROM attachments WHERE helpdesk_id = $1 AND id = $2",
            &[&helpdesk_id, file, id, &to, &to_entry],
        )
        .await?;
    }
    Ok(())
}
