//! Small facts beside a conversation: what an operator has seen, which idempotency keys were used.

use crate::conversations::idempotency::{Earlier, Key};
use crate::ids::{ConversationId, HelpdeskId, OperatorId};
use crate::operators::Member;
use db::{Error, Tx};
use uuid::Uuid;

pub(in crate::conversations) async fn seen_entry(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    id: ConversationId,
) -> Result<Option<i64>, Error> {
    tx.first(
        "SELECT seen_entry FROM operator_reads WHERE helpdesk_id = $1 AND operator_id = $2 AND conversation_id = $3",
        &[&helpdesk_id, &operator_id, &id],
        |row| row.get(0),
    )
    .await
}

pub(in crate::conversations) async fn mark_seen(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    entry: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO operator_reads (helpdesk_id, operator_id, conversation_id, seen_entry) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, operator_id, conversation_id) DO UPDATE SET seen_entry = $4
         WHERE operator_reads.seen_entry < $4",
        &[&member.helpdesk_id, &member.operator.id, &id, &entry],
    )
    .await?;
    Ok(())
}

/// Up to where an operator has seen a conversation, with the mark held until the end of the
/// transaction; one that sees nothing is made when there is none.
pub(in crate::conversations) async fn hold_seen(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    id: ConversationId,
) -> Result<i64, Error> {
    let seen = tx
        .first(
            "INSERT INTO operator_reads (helpdesk_id, operator_id, conversation_id, seen_entry)
             VALUES ($1, $2, $3, 0)
             ON CONFLICT (helpdesk_id, operator_id, conversation_id) DO UPDATE
             SET seen_entry = operator_reads.seen_entry
             RETURNING seen_entry",
            &[&helpdesk_id, &operator_id, &id],
            |row| row.get(0),
        )
        .await?;
    Ok(seen.unwrap_or(0))
}

/// The owner is a contact or an operator; the column is named after those who send most of them.
pub(in crate::conversations) async fn insert_key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    owner: Uuid,
    key: &Key,
    made: &Earlier,
    now_ms: i64,
) -> Result<bool, Error> {
    let inserted = tx
        .execute(
            "INSERT INTO idempotency_keys (helpdesk_id, contact_id, key, body_hash, conversation_id, position,
                 created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (helpdesk_id, contact_id, key) DO NOTHING",
            &[&helpdesk_id, &owner, &key.text, &key.body_hash, &made.conversation_id, &made.position, &now_ms],
        )
        .await?;
    Ok(inserted == 1)
}

pub(in crate::conversations) async fn key(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    owner: Uuid,
    key: &str,
) -> Result<Option<(Earlier, Vec<u8>)>, Error> {
    tx.first(
        "SELECT conversation_id, position, body_hash FROM idempotency_keys
         WHERE helpdesk_id = $1 AND contact_id = $2 AND key = $3",
        &[&helpdesk_id, &owner, &key],
        |row| {
            Ok((
                Earlier {
                    conversation_id: row.get(0)?,
                    position: row.get(1)?,
                },
                row.get(2)?,
            ))
        },
    )
    .await
}

pub(in crate::conversations) async fn delete_keys_before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    before_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM idempotency_keys WHERE helpdesk_id = $1 AND created_at < $2",
        &[&helpdesk_id, &before_ms],
    )
    .await?;
    Ok(())
}
