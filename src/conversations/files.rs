//! Who may have a file: whoever may see what it came with.

use super::access;
use crate::app::App;
use crate::attachments::{self, Attachment, Uploader, not_found};
use crate::contacts::VerifiedContact;
use crate::error::Result;
use crate::ids::{AttachmentId, ConversationId};
use crate::operators::Member;
use db::Tx;

/// A file of a message in one of the contact's own conversations.
///
/// # Errors
/// When it is none, or the database cannot be read.
pub async fn for_contact(app: &App, contact: &VerifiedContact, id: AttachmentId) -> Result<Attachment> {
    let contact = contact.clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let found = attachments::find(tx, contact.helpdesk_id(), id).await?;
            let sent = |file: &Attachment| file.is_public && file.entry.is_some();
            let file = found.filter(sent).ok_or_else(not_found)?;
            let conversation_id = file.conversation_id.ok_or_else(not_found)?;
            let own = access::for_contact(tx, &contact, conversation_id).await?;
            own.map(|_| file).ok_or_else(not_found)
        })
        .await
}

/// The box of a conversation into which this member may put files.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database cannot be read.
pub async fn box_of(app: &App, member: &Member, id: ConversationId) -> Result<Uploader> {
    let operator_id = member.operator.id;
    let member = member.clone();
    let found = app
        .db()
        .read(async move |tx: &mut Tx| access::for_member(tx, &member, id).await)
        .await?;
    let found = found.ok_or_else(super::not_found)?;
    Ok(Uploader::Operator(operator_id, found.id))
}

/// A file of a message or note of the member's helpdesk, or one that they have uploaded and not sent.
///
/// # Errors
/// When it is none, or the database cannot be read.
pub async fn for_member(app: &App, member: &Member, id: AttachmentId) -> Result<Attachment> {
    let member = member.clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let found = attachments::find(tx, member.helpdesk_id, id).await?;
            let file = found.ok_or_else(not_found)?;
            if file.entry.is_none() && file.uploader_id == Some(member.operator.id.0) {
                return Ok(file);
            }
            let (Some(conversation_id), Some(_)) = (file.conversation_id, file.entry) else {
                return Err(not_found());
            };
            let seen = access::for_member(tx, &member, conversation_id).await?;
            seen.map(|_| file).ok_or_else(not_found)
        })
        .await
}
