//! Idempotency keys: a write that is sent again with the same key happens once.

use super::store;
use crate::error::{Error, Kind, Result};
use crate::ids::{ConversationId, HelpdeskId};
use db::Tx;
use uuid::Uuid;

/// A key of a contact or an operator, with a hash of everything that the request asked for.
#[derive(Clone, Debug)]
pub struct Key {
    /// The client's text.
    pub text: String,
    /// SHA-256 over the request.
    pub body_hash: [u8; 32],
}

/// What an earlier request with the same key made.
pub(super) struct Earlier {
    pub(super) conversation_id: ConversationId,
    pub(super) position: i64,
}

/// Takes the key of a contact or an operator for this transaction, or finds what it made before.
pub(super) async fn take(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    owner: Uuid,
    key: &Key,
    made: &Earlier,
    now_ms: i64,
) -> Result<Option<Earlier>> {
    if store::insert_key(tx, helpdesk_id, owner, key, made, now_ms).await? {
        return Ok(None);
    }
    match store::key(tx, helpdesk_id, owner, &key.text).await? {
        Some((earlier, body_hash)) if body_hash == key.body_hash => Ok(Some(earlier)),
        _ => Err(Error::new(
            Kind::Conflict,
            "idempotency_conflict",
            "This idempotencyKey was used for another message",
        )),
    }
}
