//! What somebody can do who proved nothing: open one new conversation, and nothing after that.
//!
//! The conversation belongs to the contact of the address that was given, and is marked unverified for
//! good. It is never put into another one, the contact keeps their own name, and what comes back says
//! nothing that the sender did not know: neither an id nor whether the address was known.

use super::events::{self, Actor, Kind, New};
use super::text::{self, Body};
use super::{Author, Channel, Conversation, Message, Status, store};
use crate::app::App;
use crate::attachments::blobs::Written;
use crate::attachments::{self, Arrived};
use crate::contacts::{self, Contact};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::ids::{AttachmentId, ContactId, ConversationId, HelpdeskId, MessageId};
use db::Tx;
use mail::Address;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// A text that was sent before within this time is not sent again.
const REPEATED_WITHIN_MS: i64 = DAY_MS;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How long it is remembered what was sent.
const KEPT_MS: i64 = 3 * DAY_MS;

/// An answer in one of the form's own fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The field's label.
    pub label: String,
    /// What was chosen.
    pub value: String,
}

/// A form as it was sent, checked.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The address that was given.
    pub email: Address,
    /// The name that was typed; may be empty.
    pub name: String,
    /// The subject that was typed; may be empty.
    pub subject: String,
    /// The text.
    pub body: Body,
    /// What was chosen in the form's own fields.
    pub answers: Vec<Answer>,
    /// Whether files come with it.
    pub has_files: bool,
    /// The form's token: good for one conversation.
    pub token: String,
    /// Whether it goes into spam at once.
    pub is_spam: bool,
    /// Whether it waits until the address was confirmed, if it was not before.
    pub waits_for_confirmation: bool,
    /// How many conversations this address may open within a day.
    pub most_a_day: i64,
}

impl Sent {
    fn sender_hash(&self, helpdesk_id: HelpdeskId) -> [u8; 32] {
        hash(&[helpdesk_id.0.as_bytes(), self.email.as_str().as_bytes()])
    }

    fn text_hash(&self, helpdesk_id: HelpdeskId) -> [u8; 32] {
        let mut parts: Vec<&[u8]> = vec![
            helpdesk_id.0.as_bytes(),
            self.email.as_str().as_bytes(),
            self.subject.as_bytes(),
            self.body.as_str().as_bytes(),
        ];
        for answer in &self.answers {
            parts.extend([answer.label.as_bytes(), answer.value.as_bytes()]);
        }
        hash(&parts)
    }
}

/// A file of a form, whose bytes have come in.
#[derive(Clone, Debug)]
pub struct SentFile {
    /// The id it gets.
    pub id: AttachmentId,
    /// The name that its sender gave it.
    pub name: String,
    /// Its bytes.
    pub blob: Arc<Written>,
}

/// What became of a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It opened this conversation.
    Opened(ConversationId),
    /// It opened one that waits until the address of this contact is confirmed.
    Waits(ConversationId, ContactId),
    /// The same text of the same sender had come in before: it stands in the inbox once.
    Repeated,
    /// The address has opened as many conversations as it may.
    TooMany,
}

/// What becomes of a form before its files are read, as far as it is known; nothing when it may well open a
/// conversation. Writes nothing.
///
/// # Errors
/// `form_used` when the token was used for another text, or when the database refuses.
pub async fn sent_before(app: &App, helpdesk_id: HelpdeskId, sent: &Sent) -> Result<Option<Outcome>> {
    let (submission, now) = (submission(helpdesk_id, sent, app.now_ms()), app.now_ms());
    // Without files it is told in the transaction, and costs nobody more.
    let most_a_day = sent.has_files.then_some(sent.most_a_day);
    let text_hash = submission.text_hash;
    let (used_for, is_too_much) = app
        .db()
        .read(async move |tx: &mut Tx| {
            let used_for = store::text_of_token(tx, helpdesk_id, submission.token_hash).await?;
            let mut is_too_much = false;
            if let Some(most) = most_a_day {
                let sent = store::count_by_sender(tx, helpdesk_id, &submission, now - DAY_MS, most).await?;
                is_too_much = sent >= most;
            }
            Ok::<_, db::Error>((used_for, is_too_much))
        })
        .await?;
    if let Some(used_for) = used_for {
        return used(&text_hash, &used_for).map(Some);
    }
    Ok(is_too_much.then_some(Outcome::TooMany))
}

fn submission(helpdesk_id: HelpdeskId, sent: &Sent, now: i64) -> store::Submission {
    store::Submission {
        token_hash: hash(&[sent.token.as_bytes()]),
        text_hash: sent.text_hash(helpdesk_id),
        sender_hash: sent.sender_hash(helpdesk_id),
        created_at: now,
    }
}

/// A form with what opening a conversation needs that a transaction must not make.
#[derive(Clone, Debug)]
pub struct Opening {
    sent: Sent,
    submission: store::Submission,
    new_contact: Contact,
    conversation_id: ConversationId,
    message_id: MessageId,
}

impl Opening {
    /// For one form.
    pub fn new(app: &App, helpdesk_id: HelpdeskId, sent: Sent) -> Self {
        Self {
            submission: submission(helpdesk_id, &sent, app.now_ms()),
            new_contact: Contact {
                helpdesk_id,
                id: app.new_id(),
                email: sent.email.as_str().to_owned(),
                name: None,
                proved_at: None,
            },
            conversation_id: app.new_id(),
            message_id: app.new_id(),
            sent,
        }
    }
}

/// Opens a conversation with what was sent and its files, unless it came in before. In the caller's transaction,
/// which may queue what follows from it; whoever sends one form again and again is better turned away by
/// [`sent_before`], which keeps nobody else from writing.
///
/// # Errors
/// `form_used` when the token was used for another text, or when the database refuses.
pub async fn open(tx: &mut Tx, opening: &Opening, files: &[SentFile]) -> Result<Outcome> {
    let Opening { sent, submission, .. } = opening;
    let (helpdesk_id, now) = (opening.new_contact.helpdesk_id, submission.created_at);
    if let Some(outcome) = earlier(tx, helpdesk_id, submission, sent).await? {
        return Ok(outcome);
    }
    // Takes the contact's row, as confirming does.
    let contact = contacts::store::find_or_insert(tx, &opening.new_contact, now).await?;
    let waits = sent.waits_for_confirmation
        && !sent.is_spam
        && !contacts::store::is_confirmed(tx, helpdesk_id, contact.id).await?;
    let status = match (sent.is_spam, waits) {
        (true, _) => Status::Spam,
        (false, true) => Status::Waiting,
        (false, false) => Status::Open,
    };
    let ids = (opening.conversation_id, opening.message_id);
    let (conversation, message) = opened(sent, &contact, ids, status, now);
    store::insert(tx, &conversation).await?;
    store::insert_message(tx, &conversation, &message).await?;
    store::insert_answers(tx, &conversation, &sent.answers).await?;
    attach(tx, &conversation, &message, files).await?;
    let event = New {
        kind: Kind::Opened,
        position: Some(1),
        entry: None,
        detail: "",
    };
    let actor = Actor::Sender {
        name: &message.author_name,
    };
    events::append(tx, None, &conversation, actor, now, &[event]).await?;
    Ok(match status {
        Status::Waiting => Outcome::Waits(conversation.id, contact.id),
        _ => Outcome::Opened(conversation.id),
    })
}

/// Notes the submission, and says what became of it when it opens nothing.
async fn earlier(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    submission: &store::Submission,
    sent: &Sent,
) -> Result<Option<Outcome>> {
    let (now, most_a_day) = (submission.created_at, sent.most_a_day);
    // The same text with files may be the one whose files were forgotten before.
    let is_repeated =
        !sent.has_files && store::has_text(tx, helpdesk_id, submission, now - REPEATED_WITHIN_MS).await?;
    if !is_repeated
        && store::count_by_sender(tx, helpdesk_id, submission, now - DAY_MS, most_a_day).await? >= most_a_day
    {
        return Ok(Some(Outcome::TooMany));
    }
    if store::insert_submission(tx, helpdesk_id, submission).await? {
        return Ok(is_repeated.then_some(Outcome::Repeated));
    }
    let used_for = store::text_of_token(tx, helpdesk_id, submission.token_hash).await?;
    used(&submission.text_hash, used_for.as_deref().unwrap_or_default()).map(Some)
}

/// Gives the message its files. Whoever may see its text may have them.
async fn attach(
    tx: &mut Tx,
    conversation: &Conversation,
    message: &Message,
    files: &[SentFile],
) -> Result<()> {
    for file in files {
        let arrived = Arrived {
            id: file.id,
            conversation_id: conversation.id,
            entry: message.entry,
            is_public: true,
            blob: &file.blob,
            name: &file.name,
            content_type: "",
            content_id: "",
            now: message.created_at,
        };
        attachments::add(tx, conversation.helpdesk_id, &arrived).await?;
    }
    Ok(())
}

/// What becomes of a form whose token was used already, for this text.
fn used(text_hash: &[u8; 32], used_for: &[u8]) -> Result<Outcome> {
    if used_for == text_hash {
        return Ok(Outcome::Repeated);
    }
    Err(Error::new(
        ErrorKind::Conflict,
        "form_used",
        "This form was sent already; load it again to send another message",
    ))
}

fn opened(
    sent: &Sent,
    contact: &Contact,
    (conversation_id, message_id): (ConversationId, MessageId),
    status: Status,
    now: i64,
) -> (Conversation, Message) {
    let given = text::subject(&sent.subject);
    let author_name = if sent.name.is_empty() {
        sent.email.local_part().to_owned()
    } else {
        sent.name.clone()
    };
    let message = Message {
        id: message_id,
        position: 1,
        entry: 1,
        author: Author::Visitor,
        operator_id: None,
        author_name,
        body: sent.body.as_str().to_owned(),
        attachments: Vec::new(),
        created_at: now,
    };
    let conversation = Conversation {
        helpdesk_id: contact.helpdesk_id,
        id: conversation_id,
        contact_id: contact.id,
        channel: Channel::ContactForm,
        unverified: true,
        sender_name: sent.name.clone(),
        subject: if given.is_empty() {
            sent.body.derived_subject()
        } else {
            given
        },
        status,
        assignee_id: None,
        assignee_unread: false,
        preview: sent.body.preview(),
        last_author: Author::Visitor,
        last_author_name: message.author_name.clone(),
        last_operator_id: None,
        last_message_at: now,
        message_count: 1,
        entry_count: 1,
        last_visitor_entry: 1,
        contact_unread: 0,
        contact_seen_position: 1,
        contact_seen_at: None,
        created_at: now,
        closed_at: None,
    };
    (conversation, message)
}

/// Lengths first, so that no two different lists of parts hash alike.
fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// Forgets what was sent long ago.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let before = app.now_ms() - KEPT_MS;
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::delete_submissions_before(tx, helpdesk_id, before).await)
        .await?)
}
