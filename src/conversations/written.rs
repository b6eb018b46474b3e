//! What was written in a conversation, for rooms that react to it: search reads it to index it, and
//! again to show it to a member.

use super::by_operator::Entry;
use super::{Conversation, access, store};
use crate::contacts::{self, Contact};
use crate::ids::{ConversationId, HelpdeskId};
use crate::operators::Member;
use db::{Error, Tx};

/// Entries read at once.
const STRETCH: i64 = 200;

/// A conversation, whose it is, and some of what stands in it, oldest first.
pub(crate) struct Written {
    pub(crate) conversation: Conversation,
    pub(crate) contact: Contact,
    pub(crate) entries: Vec<Entry>,
}

/// A conversation with what was written after an entry. `None` when there is no such conversation.
/// It is for the program's own use and asks for nobody's permission: what comes of it is shown only
/// through [`shown`].
pub(crate) async fn after(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
    entry: i64,
    most: usize,
) -> Result<Option<Written>, Error> {
    let Some(conversation) = store::find(tx, helpdesk_id, id).await? else {
        return Ok(None);
    };
    let Some(contact) = contacts::store::by_id(tx, helpdesk_id, conversation.contact_id).await? else {
        return Ok(None);
    };
    let (mut entries, mut start) = (Vec::new(), entry + 1);
    while start <= conversation.entry_count && entries.len() < most {
        let end = (start + STRETCH).min(conversation.entry_count + 1);
        entries.extend(store::entries(tx, helpdesk_id, id, start, end).await?);
        start = end;
    }
    entries.sort_by_key(Entry::number);
    Ok(Some(Written {
        conversation,
        contact,
        entries,
    }))
}

/// A conversation of a member's helpdesk with its newest entries.
pub(crate) async fn shown(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    most: i64,
) -> Result<Option<Written>, Error> {
    let Some(conversation) = access::for_member(tx, member, id).await? else {
        return Ok(None);
    };
    let Some(contact) = contacts::store::by_id(tx, member.helpdesk_id, conversation.contact_id).await? else {
        return Ok(None);
    };
    let end = conversation.entry_count + 1;
    let mut entries = store::entries(tx, member.helpdesk_id, id, (end - most).max(1), end).await?;
    entries.sort_by_key(Entry::number);
    Ok(Some(Written {
        conversation,
        contact,
        entries,
    }))
}
