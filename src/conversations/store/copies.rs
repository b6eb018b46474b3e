//! Whom the mails of a conversation name, and who gets a copy of an answer.

use crate::ids::{ConversationId, HelpdeskId};
use db::{Error, Tx};

/// Addresses that are looked at, the latest; more are in conversations that somebody uses as a mailing list.
const MOST: i64 = 500;

/// The addresses with the entry of the mail that named each; those named latest first.
pub(in crate::conversations) async fn addressees(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Vec<(String, i64)>, Error> {
    let mut found: Vec<(String, i64)> = tx
        .all(
            "SELECT address, entry FROM addressees WHERE helpdesk_id = $1 AND conversation_id = $2
             ORDER BY entry DESC, address DESC LIMIT $3",
            &[&helpdesk_id, &id, &MOST],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .await?;
    // In the order of the index no database sorts; people read from the beginning of the alphabet.
    found.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    Ok(found)
}

pub(in crate::conversations) async fn insert_addressee(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    address: &str,
    entry: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO addressees (helpdesk_id, conversation_id, address, entry) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, conversation_id, entry, address) DO NOTHING",
        &[&helpdesk_id, &id, &address, &entry],
    )
    .await?;
    Ok(())
}

/// Who gets copies of the answers from one position to another, in their order.
pub(in crate::conversations) async fn copies(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    (from, to): (i64, i64),
) -> Result<Vec<(i64, String)>, Error> {
    tx.all(
        "SELECT position, address FROM message_copies WHERE helpdesk_id = $1 AND conversation_id = $2
         AND position >= $3 AND position <= $4 ORDER BY position, address",
        &[&helpdesk_id, &id, &from, &to],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
    .await
}

pub(in crate::conversations) async fn insert_copy(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
    address: &str,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO message_copies (helpdesk_id, conversation_id, position, address) VALUES ($1, $2, $3, $4)
         ON CONFLICT (helpdesk_id, conversation_id, position, address) DO NOTHING",
        &[&helpdesk_id, &id, &position, &address],
    )
    .await?;
    Ok(())
}

/// For an answer that is taken back.
pub(in crate::conversations) async fn delete_copies(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
) -> Result<(), Error> {
    tx.execute(
        "DELETE FROM message_copies WHERE helpdesk_id = $1 AND conversation_id = $2 AND position = $3",
        &[&helpdesk_id, &id, &position],
    )
    .await?;
    Ok(())
}
