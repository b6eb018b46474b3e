//! What was written in a conversation, for rooms that react to it: search reads it to index it, and
//! again to show it to a member.

use super::by_operator::Entry;
use super::{Conversation, store};
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

/// Those of some conversations that stand in the member's helpdesk, each with whose it is, in any order.
pub(crate) async fn shown(
    tx: &mut Tx,
    member: &Member,
    ids: &[ConversationId],
) -> Result<Vec<(Conversation, Contact)>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(store::AT_ONCE) {
        found.extend(store::with_contacts(tx, member.helpdesk_id, some).await?);
    }
    Ok(found)
}

/// A message or note, for looking through.
pub(crate) struct Text {
    pub(crate) entry: i64,
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) is_note: bool,
}

/// What was written in the newest entries of a conversation that was [`shown`], newest first.
pub(crate) async fn newest_texts(
    tx: &mut Tx,
    conversation: &Conversation,
    most: i64,
) -> Result<Vec<Text>, Error> {
    let start = (conversation.entry_count + 1 - most).max(1);
    let mut texts = store::texts(tx, conversation.helpdesk_id, conversation.id, start).await?;
    texts.sort_by_key(|text| std::cmp::Reverse(text.entry));
    Ok(texts)
}
