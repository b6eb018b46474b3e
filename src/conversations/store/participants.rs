//! Who takes part in a conversation besides its contact.

use crate::ids::{ContactId, ConversationId, HelpdeskId, OperatorId};
use db::{Error, Tx};

pub(in crate::conversations) async fn is_participant(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    contact_id: ContactId,
) -> Result<bool, Error> {
    let found = tx
        .first(
            "SELECT created_at FROM participants
             WHERE helpdesk_id = $1 AND conversation_id = $2 AND contact_id = $3",
            &[&helpdesk_id, &id, &contact_id],
            |row| row.get::<i64>(0),
        )
        .await?;
    Ok(found.is_some())
}

pub(in crate::conversations) async fn insert_participant(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    (contact_id, by): (ContactId, OperatorId),
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO participants (helpdesk_id, conversation_id, contact_id, operator_id, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (helpdesk_id, conversation_id, contact_id) DO NOTHING",
        &[&helpdesk_id, &id, &contact_id, &by, &now_ms],
    )
    .await?;
    Ok(())
}
