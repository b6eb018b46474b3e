//! SQL of files.

use crate::attachments::Attachment;
use crate::ids::{AttachmentId, ConversationId, HelpdeskId, OperatorId};
use db::{Error, Row, Tx};
use uuid::Uuid;

macro_rules! columns {
    () => {
        "helpdesk_id, id, blob_id, conversation_id, entry, position, is_public, uploader_id, name, content_type, \
         content_id, size, width, height, created_at"
    };
}

pub(in crate::attachments) async fn insert(tx: &mut Tx, new: &Attachment) -> Result<(), Error> {
    tx.execute(
        concat!(
            "INSERT INTO attachments (",
            columns!(),
            ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
        ),
        &[
            &new.helpdesk_id,
            &new.id,
            &new.blob_id,
            &new.conversation_id,
            &new.entry,
            &new.position,
            &new.is_public,
            &new.uploader_id,
            &new.name,
            &new.content_type,
            &new.content_id,
            &new.size,
            &new.picture.map(|(width, _)| width),
            &new.picture.map(|(_, height)| height),
            &new.created_at,
        ],
    )
    .await?;
    Ok(())
}

/// Gives a waiting file of an uploader to an entry; nothing when it is not one.
pub(in crate::attachments) async fn attach(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: AttachmentId,
    uploader_id: Uuid,
    (conversation_id, entry, position): (ConversationId, i64, i64),
    is_public: bool,
) -> Result<Option<Attachment>, Error> {
    tx.first(
        concat!(
            "UPDATE attachments SET conversation_id = $4, entry = $5, position = $6, is_public = $7
             WHERE helpdesk_id = $1 AND id = $2 AND uploader_id = $3 AND entry IS NULL
                 AND (conversation_id IS NULL OR conversation_id = $4)
             RETURNING ",
            columns!()
        ),
        &[
            &helpdesk_id,
            &id,
            &uploader_id,
            &conversation_id,
            &entry,
            &position,
            &is_public,
        ],
        read,
    )
    .await
}

pub(in crate::attachments) async fn put_back(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    (conversation_id, entry): (ConversationId, i64),
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "UPDATE attachments SET entry = NULL, is_public = $5, created_at = $4, uploader_id = $6
         WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry = $3",
        &[
            &helpdesk_id,
            &conversation_id,
            &entry,
            &now_ms,
            &false,
            &operator_id,
        ],
    )
    .await?;
    Ok(())
}

pub(in crate::attachments) async fn find(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: AttachmentId,
) -> Result<Option<Attachment>, Error> {
    tx.first(
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments WHERE helpdesk_id = $1 AND id = $2"
        ),
        &[&helpdesk_id, &id],
        read,
    )
    .await
}

pub(in crate::attachments) async fn of_entries(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
    start: i64,
    end: i64,
) -> Result<Vec<Attachment>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry >= $3 AND entry < $4
              ORDER BY entry, position"
        ),
        &[&helpdesk_id, &conversation_id, &start, &end],
        read,
    )
    .await
}

pub(in crate::attachments) async fn count(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
    entry: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM attachments WHERE helpdesk_id = $1 AND conversation_id = $2 AND entry = $3",
            &[&helpdesk_id, &conversation_id, &entry],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// What somebody uploaded and has not sent, oldest first.
pub(in crate::attachments) async fn waiting(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    uploader_id: Uuid,
) -> Result<Vec<Attachment>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments WHERE helpdesk_id = $1 AND uploader_id = $2 AND entry IS NULL
              ORDER BY position, created_at"
        ),
        &[&helpdesk_id, &uploader_id],
        read,
    )
    .await
}

/// How many files of a helpdesk wait, and how many bytes they have.
pub(in crate::attachments) async fn waiting_in(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
) -> Result<(i64, i64), Error> {
    let sums = tx
        .first(
            "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments
             WHERE helpdesk_id = $1 AND entry IS NULL",
            &[&helpdesk_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .await?;
    Ok(sums.unwrap_or_default())
}

/// Some of those that wait too long: those in no box before one time, those in a box before another.
pub(in crate::attachments) async fn waiting_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    (before, before_in_a_box): (i64, i64),
    most: i64,
) -> Result<Vec<Attachment>, Error> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM attachments WHERE helpdesk_id = $1 AND created_at < $2 AND entry IS NULL
                  AND (conversation_id IS NULL OR created_at < $3)
              ORDER BY created_at LIMIT $4"
        ),
        &[&helpdesk_id, &before, &before_in_a_box, &most],
        read,
    )
    .await
}

/// False when it was sent or forgotten meanwhile.
pub(in crate::attachments) async fn delete_waiting(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: AttachmentId,
) -> Result<bool, Error> {
    let deleted = tx
        .execute(
            "DELETE FROM attachments WHERE helpdesk_id = $1 AND id = $2 AND entry IS NULL",
            &[&helpdesk_id, &id],
        )
        .await?;
    Ok(deleted > 0)
}

fn read(row: &Row<'_>) -> Result<Attachment, Error> {
    let (width, height): (Option<i64>, Option<i64>) = (row.get(12)?, row.get(13)?);
    Ok(Attachment {
        helpdesk_id: row.get(0)?,
        id: row.get(1)?,
        blob_id: row.get(2)?,
        conversation_id: row.get(3)?,
        entry: row.get(4)?,
        position: row.get(5)?,
        is_public: row.get(6)?,
        uploader_id: row.get(7)?,
        name: row.get(8)?,
        content_type: row.get(9)?,
        content_id: row.get(10)?,
        size: row.get(11)?,
        picture: width.zip(height),
        created_at: row.get(14)?,
    })
}
