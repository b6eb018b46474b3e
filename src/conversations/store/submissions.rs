//! Forms that were sent: what was chosen in them, and what keeps them from being sent twice.

use crate::conversations::Conversation;
use crate::conversations::by_visitor::Answer;
use crate::ids::{ContactId, ConversationId, HelpdeskId};
use db::{Error, Tx};

/// A form that was sent, as hashes.
#[derive(Clone, Copy, Debug)]
pub(in crate::conversations) struct Submission {
    pub(in crate::conversations) token_hash: [u8; 32],
    pub(in crate::conversations) text_hash: [u8; 32],
    pub(in crate::conversations) sender_hash: [u8; 32],
    pub(in crate::conversations) created_at: i64,
}

/// Notes a submission. False when its token was used before.
pub(in crate::conversations) async fn insert_submission(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    new: &Submission,
) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "INSERT INTO form_submissions (helpdesk_id, token_hash, text_hash, sender_hash, created_at)
             VALUES ($1, $2, $3, $4, $5) ON CONFLICT (helpdesk_id, token_hash) DO NOTHING",
            &[
                &helpdesk_id,
                &new.token_hash,
                &new.text_hash,
                &new.sender_hash,
                &new.created_at,
            ],
        )
        .await?;
    Ok(inserted == 1)
}

/// For which text a token was used.
pub(in crate::conversations) async fn text_of_token(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    token_hash: [u8; 32],
) -> Result<Option<Vec<u8>>, Error> {
    tx.first(
        "SELECT text_hash FROM form_submissions WHERE helpdesk_id = $1 AND token_hash = $2",
        &[&helpdesk_id, &token_hash],
        |row| row.get(0),
    )
    .await
}

/// Whether the same text of the same sender came in since a time.
pub(in crate::conversations) async fn has_text(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    of: &Submission,
    since_ms: i64,
) -> Result<bool, Error> {
    let found: Option<i64> = tx
        .first(
            "SELECT created_at FROM form_submissions
             WHERE helpdesk_id = $1 AND text_hash = $2 AND created_at > $3 ORDER BY created_at LIMIT 1",
            &[&helpdesk_id, &of.text_hash, &since_ms],
            |row| row.get(0),
        )
        .await?;
    Ok(found.is_some())
}

/// How many forms a sender has sent since a time, counted up to a limit.
pub(in crate::conversations) async fn count_by_sender(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    of: &Submission,
    since_ms: i64,
    limit: i64,
) -> Result<i64, Error> {
    let count = tx
        .first(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM form_submissions
             WHERE helpdesk_id = $1 AND sender_hash = $2 AND created_at > $3 LIMIT $4) AS counted",
            &[&helpdesk_id, &of.sender_hash, &since_ms, &limit],
            |row| row.get(0),
        )
        .await?;
    Ok(count.unwrap_or(0))
}

/// Conversations of a contact that wait for their address to be confirmed.
pub(in crate::conversations) async fn waiting_of(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    contact_id: ContactId,
    most: i64,
) -> Result<Vec<ConversationId>, Error> {
    tx.all(
        "SELECT id FROM conversations WHERE helpdesk_id = $1 AND contact_id = $2 AND status = 'waiting'
         ORDER BY id LIMIT $3",
        &[&helpdesk_id, &contact_id, &most],
        |row| row.get(0),
    )
    .await
}

pub(in crate::conversations) async fn delete_submissions_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM form_submissions WHERE helpdesk_id = $1 AND created_at < $2",
        &[&helpdesk_id, &before_ms],
    )
    .await?;
    Ok(())
}

pub(in crate::conversations) async fn insert_answers(
    tx: &mut Tx,
    of: &Conversation,
    answers: &[Answer],
) -> Result<(), Error> {
    for (position, answer) in (1_i64..).zip(answers) {
        tx.execute(
            "INSERT INTO conversation_answers (helpdesk_id, conversation_id, position, label, value)
             VALUES ($1, $2, $3, $4, $5)",
            &[&of.helpdesk_id, &of.id, &position, &answer.label, &answer.value],
        )
        .await?;
    }
    Ok(())
}

pub(in crate::conversations) async fn answers(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Vec<Answer>, Error> {
    tx.all(
        "SELECT label, value FROM conversation_answers WHERE helpdesk_id = $1 AND conversation_id = $2
         ORDER BY position",
        &[&helpdesk_id, &id],
        |row| {
            Ok(Answer {
                label: row.get(0)?,
                value: row.get(1)?,
            })
        },
    )
    .await
}
