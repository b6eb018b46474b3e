//! Mail of another sender: it was kept apart from the conversation whose token it showed, and an operator
//! takes it in. From then on that sender takes part by mail; they read nothing by it.

use super::mails::Place;
use super::{Reason, store};
use crate::app::App;
use crate::attachments;
use crate::audit::Entry;
use crate::conversations::text::Body;
use crate::conversations::{by_mail, copies};
use crate::error::{Error, Kind, Result};
use crate::ids::{AttachmentId, ConversationId, MailId};
use crate::operators::Member;
use db::Tx;

/// Files of a mail that are taken along: as many as a mail may have parts.
const MOST_FILES: usize = 1_000;

/// Copies the first message of the conversation that was kept apart into the one that it answers, lets its
/// sender take part there, and closes the one that was kept apart. Returns where it goes on. Doing it again
/// changes nothing.
///
/// # Errors
/// When the mail was not kept apart, one of the conversations is gone, or the database refuses.
pub async fn accept(app: &App, member: &Member, id: MailId) -> Result<ConversationId> {
    let (helpdesk_id, now, message_id) = (member.helpdesk_id, app.now_ms(), app.new_id());
    let file_ids: Vec<AttachmentId> = (0..MOST_FILES).map(|_| app.new_id()).collect();
    let entry = Entry::new(app, helpdesk_id, &member.by(), "other sender accepted");
    let member = member.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            let mail = store::find(tx, helpdesk_id, id).await?.ok_or_else(not_apart)?;
            let (Some(apart), Some(other)) = (mail.conversation_id, mail.other_conversation_id) else {
                return Err(not_apart());
            };
            if mail.reason == Some(Reason::AnswerOfParticipant) {
                return Ok(apart);
            }
            if mail.reason != Some(Reason::OtherSender) {
                return Err(not_apart());
            }
            // In the order of their age, as all who lock several.
            let first = by_mail::lock(tx, helpdesk_id, apart.min(other)).await?;
            let second = by_mail::lock(tx, helpdesk_id, apart.max(other)).await?;
            let (Some(first), Some(second)) = (first, second) else {
                return Err(not_apart());
            };
            let (kept, target) = if first.id == apart {
                (first, second)
            } else {
                (second, first)
            };
            let message = by_mail::first_message(tx, &kept).await?.ok_or_else(not_apart)?;
            let body = Body::of_mail(&message.body).ok_or_else(not_apart)?;
            by_mail::let_take_part(tx, &target, kept.contact_id, member.operator.id, now).await?;
            let author = mail::Address::parse(&mail.author_email).ok();
            let name = by_mail::Answering::Person(&message.author_name);
            let placed = by_mail::reply(tx, target, name, message_id, &body, now).await?;
            by_mail::close(tx, kept, &member, now).await?;
            let at = (placed.conversation_id, placed.entry);
            copies::remember(tx, helpdesk_id, at, author.as_slice()).await?;
            let place = Place {
                conversation_id: placed.conversation_id,
                entry: placed.entry,
                other: apart,
            };
            store::place(tx, helpdesk_id, id, place, Reason::AnswerOfParticipant).await?;
            let to = (placed.conversation_id, placed.entry);
            attachments::copy(tx, helpdesk_id, (apart, 1), to, &file_ids).await?;
            entry.write(tx, &mail.author_email).await?;
            Ok(placed.conversation_id)
        })
        .await
}

fn not_apart() -> Error {
    Error::new(
        Kind::Conflict,
        "not_apart",
        "This mail was not kept apart from another conversation, or has been dealt with",
    )
}
