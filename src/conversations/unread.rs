//! What one side has not read of what the other wrote, for the room that mails it.
//!
//! Reading and asking here contend on one row: the conversation's for its contact, the read mark's for
//! an operator. Whoever asks first is not overtaken by a reading that was acknowledged before, and a
//! reading that comes later waits until the asker has committed.

use super::{Author, Conversation, Message, store};
use crate::ids::{ConversationId, HelpdeskId, OperatorId};
use db::{Error, Tx};

/// A conversation, and messages that were not read, oldest first.
pub(crate) struct Unread {
    pub(crate) conversation: Conversation,
    pub(crate) messages: Vec<Message>,
    /// Who gets copies of them: the position of a message, and an address.
    pub(crate) copies: Vec<(i64, String)>,
}

/// What operators wrote from one position to another and the contact has not read, at most so many
/// messages. What others get a copy of stays among it: they can read it nowhere else.
/// `None` when there is no such conversation.
pub(crate) async fn by_contact(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    (from, to): (i64, i64),
    most: i64,
) -> Result<Option<Unread>, Error> {
    let Some(conversation) = store::lock(tx, helpdesk_id, id).await? else {
        return Ok(None);
    };
    let unread_from = from.max(conversation.contact_seen_position + 1);
    let copies = store::copies(tx, helpdesk_id, id, (from, to)).await?;
    let mut copied: Vec<i64> = copies.iter().map(|(position, _)| *position).collect();
    copied.dedup();
    let mut messages = Vec::new();
    for position in copied.into_iter().filter(|position| *position < unread_from) {
        messages.extend(store::message(tx, helpdesk_id, id, position).await?);
    }
    let unread = (unread_from, to);
    messages.extend(store::messages_of(tx, helpdesk_id, id, Author::Operator, unread, 0, most).await?);
    Ok(Some(Unread {
        conversation,
        messages,
        copies,
    }))
}

/// The messages before a position, oldest first, at most so many.
pub(crate) async fn before(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    position: i64,
    most: i64,
) -> Result<Vec<Message>, Error> {
    let mut messages = store::messages_before(tx, helpdesk_id, id, position, most).await?;
    messages.reverse();
    Ok(messages)
}

/// What the contact wrote from one position to another and this operator has not seen, at most so many
/// messages.
/// `None` when there is no such conversation.
pub(crate) async fn by_operator(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    id: ConversationId,
    (from, to): (i64, i64),
    most: i64,
) -> Result<Option<Unread>, Error> {
    let seen = store::hold_seen(tx, helpdesk_id, operator_id, id).await?;
    let Some(conversation) = store::find(tx, helpdesk_id, id).await? else {
        return Ok(None);
    };
    let messages = store::messages_of(tx, helpdesk_id, id, Author::Visitor, (from, to), seen, most).await?;
    Ok(Some(Unread {
        conversation,
        messages,
        copies: Vec::new(),
    }))
}

/// True when an operator has written something in the conversation.
pub(crate) async fn is_answered(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<bool, Error> {
    let all = (1, i64::MAX);
    let answers = store::messages_of(tx, helpdesk_id, id, Author::Operator, all, 0, 1).await?;
    Ok(!answers.is_empty())
}

/// True when the contact has read everything up to the end of this range, and nobody else is to get a copy
/// of anything in it.
pub(crate) async fn is_read_by_contact(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    (from, to): (i64, i64),
) -> Result<bool, Error> {
    let found = store::find(tx, helpdesk_id, id).await?;
    if found.is_some_and(|conversation| conversation.contact_seen_position < to) {
        return Ok(false);
    }
    Ok(store::copies(tx, helpdesk_id, id, (from, to)).await?.is_empty())
}

/// True when the operator has seen everything up to this position.
pub(crate) async fn is_read_by_operator(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    operator_id: OperatorId,
    id: ConversationId,
    position: i64,
) -> Result<bool, Error> {
    let seen = store::seen_entry(tx, helpdesk_id, operator_id, id).await?;
    let message = store::message(tx, helpdesk_id, id, position).await?;
    Ok(message.is_none_or(|message| message.entry <= seen.unwrap_or(0)))
}

/// A conversation, for reacting to it. It asks for nobody's permission.
pub(crate) async fn conversation(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    store::find(tx, helpdesk_id, id).await
}
