//! How a conversation is obtained: by a verified contact who owns it, or by a member of its
//! helpdesk. What the caller may not see is not found.

use super::{Conversation, store};
use crate::contacts::VerifiedContact;
use crate::ids::ConversationId;
use crate::operators::Member;
use db::{Error, Tx};

/// The contact's own conversation.
pub(super) async fn for_contact(
    tx: &mut Tx,
    contact: &VerifiedContact,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    let found = store::find(tx, contact.helpdesk_id(), id).await?;
    let theirs = |conversation: &Conversation| {
        conversation.contact_id == contact.id() && !conversation.status.is_hidden()
    };
    Ok(found.filter(theirs))
}

/// A conversation of the member's helpdesk.
pub(super) async fn for_member(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
) -> Result<Option<Conversation>, Error> {
    store::find(tx, member.helpdesk_id, id).await
}
