//! What an operator can do in a helpdesk they are a member of.

use super::by_contact::{Written, set_status, write};
use super::by_visitor::Answer;
use super::copies;
use super::counts::{self, Standing};
use super::drafts::Draft;
use super::events::{self, Actor, Event, Kind, New};
use super::idempotency::{self, Earlier};
use super::text::{Body, Content};
use super::{Conversation, Message, PrivateNote, Status, access, not_found, spam, store};
use crate::app::App;
use crate::attachments::{self, Attachment, Uploader};
use crate::contacts::{self, Contact};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::ids::{AttachmentId, ConversationId, MessageId, NoteId, OperatorId};
use crate::operators::Member;
use db::Tx;

pub use super::idempotency::Key;

/// The code of the refusal when another operator answered first.
pub const ANSWERED_MEANWHILE: &str = "answered_meanwhile";
/// Entries of a conversation shown at once.
pub const ENTRIES: i64 = 200;

/// How far back [`has_answered`] looks.
const LOOKED_BACK: i64 = 500;

/// Whether an operator has answered somebody among the latest things that happened.
///
/// # Errors
/// When the database cannot be read.
pub async fn has_answered(app: &App, member: &Member) -> Result<bool> {
    let helpdesk_id = member.helpdesk_id;
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::answered_lately(tx, helpdesk_id, LOOKED_BACK).await)
        .await?)
}

/// Something that stands in a conversation.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A message.
    Message(Message),
    /// A private note.
    Note(PrivateNote),
    /// Something that happened.
    Event(Event),
}

impl Entry {
    /// Its number in the conversation.
    pub fn number(&self) -> i64 {
        match self {
            Self::Message(message) => message.entry,
            Self::Note(note) => note.entry,
            Self::Event(event) => event.entry.unwrap_or_default(),
        }
    }
}

/// A conversation with everything an operator sees in it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The conversation.
    pub conversation: Conversation,
    /// Whose it is.
    pub contact: Contact,
    /// Who looks after it.
    pub assignee_name: Option<String>,
    /// Messages, notes and events, oldest first.
    pub entries: Vec<Entry>,
    /// The entry before which the next older page ends, or `None` when there is none.
    pub older: Option<i64>,
    /// Up to which entry this operator had seen it before.
    pub seen_entry: i64,
    /// What this operator typed and has not sent.
    pub draft: Option<Draft>,
    /// The files that wait beside it.
    pub in_box: Vec<Attachment>,
    /// What its sender chose in a form's own fields.
    pub answers: Vec<Answer>,
}

/// A conversation and its latest entries, or those before one. Marks nothing.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database cannot be read.
pub async fn show(app: &App, member: &Member, id: ConversationId, before: Option<i64>) -> Result<Opened> {
    let member = member.clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let conversation = access::for_member(tx, &member, id).await?.ok_or_else(not_found)?;
            let contact = contacts::store::by_id(tx, member.helpdesk_id, conversation.contact_id)
                .await?
                .ok_or_else(not_found)?;
            let assignee_name = match conversation.assignee_id {
                Some(assignee_id) => store::operator_name(tx, assignee_id).await?,
                None => None,
            };
            let seen_entry = store::seen_entry(tx, member.helpdesk_id, member.operator.id, id)
                .await?
                .unwrap_or(0);
            let draft = store::draft(tx, &member, id).await?;
            let in_box = attachments::in_box(tx, member.helpdesk_id, member.operator.id, id).await?;
            let answers = if conversation.unverified {
                store::answers(tx, member.helpdesk_id, id).await?
            } else {
                Vec::new()
            };
            let end = before.unwrap_or(i64::MAX).clamp(1, conversation.entry_count + 1);
            let start = (end - ENTRIES).max(1);
            let mut entries = store::entries(tx, member.helpdesk_id, id, start, end).await?;
            entries.sort_by_key(Entry::number);
            let older = (start > 1).then_some(start);
            Ok(Opened {
                conversation,
                contact,
                assignee_name,
                entries,
                older,
                seen_entry,
                draft,
                in_box,
                answers,
            })
        })
        .await
}

/// When the mail about an answer goes out, if the contact does not read it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailing {
    /// After the helpdesk's hold.
    Held,
    /// At once, together with what waits before it ("Send Instantly").
    Instantly,
}

impl Mailing {
    pub(super) fn detail(self) -> &'static str {
        match self {
            Self::Held => "",
            Self::Instantly => events::INSTANTLY,
        }
    }
}

/// Answers the contact. The conversation stays open or closed as it is. A key that was used before
/// answers what it made. How the answer is to be mailed is written down in its event, with it.
///
/// # Errors
/// When there is no such conversation in the helpdesk, the key was used for something else, or the
/// database refuses.
pub async fn reply(
    app: &App,
    member: &Member,
    id: ConversationId,
    content: impl Into<Content>,
    key: Option<Key>,
    mailing: Mailing,
) -> Result<Written> {
    let answer = (content.into(), mailing, Vec::new());
    reply_unless_answered(app, member, id, answer, key, i64::MAX).await
}

/// As [`reply`], unless another operator has answered after the entry `seen`: then nothing is
/// written and the error is `answered_meanwhile`, so that nobody gets two answers to one question. Those
/// who are named get a copy of the mail that carries it, whether the contact reads it before or not.
///
/// # Errors
/// As [`reply`], when somebody else has answered, and when somebody is named to whom no mail of the
/// conversation was written.
pub async fn reply_unless_answered(
    app: &App,
    member: &Member,
    id: ConversationId,
    (content, mailing, copies): (Content, Mailing, Vec<String>),
    key: Option<Key>,
    seen: i64,
) -> Result<Written> {
    let (now, message_id): (i64, MessageId) = (app.now_ms(), app.new_id());
    let member = member.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            spam::refuse(&before)?;
            let position = before.message_count + 1;
            if let Some(earlier) = made_before(tx, &member, id, key.as_ref(), position, now).await? {
                let message =
                    store::message(tx, member.helpdesk_id, earlier.conversation_id, earlier.position)
                        .await?
                        .ok_or_else(taken_back)?;
                return Ok(Written {
                    conversation: before,
                    message,
                });
            }
            if before.entry_count > seen && store::messages_of_others_after(tx, &member, id, seen).await? > 0
            {
                return Err(Error::new(
                    ErrorKind::Conflict,
                    ANSWERED_MEANWHILE,
                    "Somebody else answered while you wrote",
                ));
            }
            let actor = Actor::Operator(&member);
            let written = write(
                tx,
                before,
                actor,
                message_id,
                (&content.body, &content.files),
                mailing.detail(),
                now,
            )
            .await?;
            copies::give(tx, member.helpdesk_id, (id, position), &copies).await?;
            // Who answers has read what they answered.
            store::mark_seen(tx, &member, id, written.message.entry).await?;
            store::delete_draft(tx, &member, id).await?;
            Ok(written)
        })
        .await
}

fn taken_back() -> Error {
    Error::new(
        ErrorKind::Conflict,
        "taken_back",
        "This answer was taken back after it was sent",
    )
}

/// Writes a private note, which moves nothing that the contact can see. A key that was used before
/// answers what it made.
///
/// # Errors
/// When there is no such conversation in the helpdesk, the key was used for something else, or the
/// database refuses.
pub async fn note(
    app: &App,
    member: &Member,
    id: ConversationId,
    content: impl Into<Content>,
    key: Option<Key>,
) -> Result<PrivateNote> {
    let (now, note_id) = (app.now_ms(), app.new_id());
    let Content { body, files } = content.into();
    let member = member.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            let entry = before.entry_count + 1;
            if let Some(earlier) = made_before(tx, &member, id, key.as_ref(), entry, now).await? {
                return note_at(tx, &member, id, earlier.position).await;
            }
            let note = write_note(tx, before, &member, note_id, (&body, &files), now).await?;
            store::delete_draft(tx, &member, id).await?;
            Ok(note)
        })
        .await
}

/// Appends a private note to a locked conversation.
pub(super) async fn write_note(
    tx: &mut Tx,
    before: Conversation,
    member: &Member,
    note_id: NoteId,
    (body, files): (&Body, &[AttachmentId]),
    now: i64,
) -> Result<PrivateNote> {
    let (from, entry) = (Standing::of(&before), before.entry_count + 1);
    let conversation = Conversation {
        entry_count: entry,
        ..before
    };
    let mut note = PrivateNote {
        id: note_id,
        entry,
        operator_id: member.operator.id,
        author_name: member.operator.name.clone(),
        body: body.as_str().to_owned(),
        attachments: Vec::new(),
        created_at: now,
    };
    store::update(tx, &conversation).await?;
    store::insert_note(tx, &conversation, &note).await?;
    let uploader = Uploader::Operator(member.operator.id, conversation.id);
    let place = (conversation.id, entry);
    note.attachments = attachments::attach(tx, member.helpdesk_id, uploader, files, place, false).await?;
    let event = New {
        kind: Kind::Note,
        position: None,
        entry: None,
        detail: "",
    };
    let actor = Actor::Operator(member);
    events::append(tx, Some(from), &conversation, actor, now, &[event]).await?;
    Ok(note)
}

/// Takes the key of a form in the transaction that does what the form asks for, so that it holds
/// across nodes, restarts, and browsers that hang up before the answer.
async fn made_before(
    tx: &mut Tx,
    member: &Member,
    id: ConversationId,
    key: Option<&Key>,
    position: i64,
    now: i64,
) -> Result<Option<Earlier>> {
    let Some(key) = key else { return Ok(None) };
    let made = Earlier {
        conversation_id: id,
        position,
    };
    idempotency::take(tx, member.helpdesk_id, member.operator.id.0, key, &made, now).await
}

async fn note_at(tx: &mut Tx, member: &Member, id: ConversationId, entry: i64) -> Result<PrivateNote> {
    let found = store::entries(tx, member.helpdesk_id, id, entry, entry + 1).await?;
    found
        .into_iter()
        .find_map(|entry| match entry {
            Entry::Note(note) => Some(note),
            Entry::Message(_) | Entry::Event(_) => None,
        })
        .ok_or_else(not_found)
}

/// Closes a conversation; closing a closed one changes nothing.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn close(app: &App, member: &Member, id: ConversationId) -> Result<Conversation> {
    change_status(app, member, id, Status::Closed).await
}

/// Opens a closed conversation again.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn reopen(app: &App, member: &Member, id: ConversationId) -> Result<Conversation> {
    change_status(app, member, id, Status::Open).await
}

async fn change_status(
    app: &App,
    member: &Member,
    id: ConversationId,
    status: Status,
) -> Result<Conversation> {
    let (now, member) = (app.now_ms(), member.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            spam::refuse(&before)?;
            set_status(tx, before, Actor::Operator(&member), status, now).await
        })
        .await
}

/// Gives a conversation to an operator of the same helpdesk, or to nobody.
///
/// # Errors
/// When there is no such conversation or operator in the helpdesk, or the database refuses.
pub async fn assign(
    app: &App,
    member: &Member,
    id: ConversationId,
    assignee_id: Option<OperatorId>,
) -> Result<Conversation> {
    let (now, member) = (app.now_ms(), member.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock(tx, member.helpdesk_id, id)
                .await?
                .ok_or_else(not_found)?;
            if before.assignee_id == assignee_id {
                return Ok(before);
            }
            let assignee_name = match assignee_id {
                Some(assignee_id) => {
                    // Who is being removed right now must not be given anything behind the back of
                    // what lets their conversations go.
                    store::hold_member(tx, member.helpdesk_id, assignee_id).await?;
                    store::member_name(tx, member.helpdesk_id, assignee_id)
                        .await?
                        .ok_or_else(|| {
                            Error::not_found("operator_not_found", "There is no such operator here")
                        })?
                }
                None => String::new(),
            };
            let seen_entry = match assignee_id {
                Some(assignee_id) => store::seen_entry(tx, member.helpdesk_id, assignee_id, id).await?,
                None => None,
            };
            let (from, entry) = (Standing::of(&before), before.entry_count + 1);
            let conversation = Conversation {
                assignee_id,
                assignee_unread: assignee_id.is_some() && before.last_visitor_entry > seen_entry.unwrap_or(0),
                entry_count: entry,
                ..before
            };
            store::update(tx, &conversation).await?;
            let event = New {
                kind: Kind::Assigned,
                position: None,
                entry: Some(entry),
                detail: &assignee_name,
            };
            events::append(
                tx,
                Some(from),
                &conversation,
                Actor::Operator(&member),
                now,
                &[event],
            )
            .await?;
            Ok(conversation)
        })
        .await
}

/// Remembers that this operator has seen a conversation up to an entry. Never goes back.
///
/// # Errors
/// When there is no such conversation in the helpdesk, or the database refuses.
pub async fn mark_seen(app: &App, member: &Member, id: ConversationId, entry: i64) -> Result<()> {
    let member = member.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            let found = access::for_member(tx, &member, id).await?.ok_or_else(not_found)?;
            store::mark_seen(tx, &member, id, entry.min(found.entry_count)).await?;
            if found.assignee_id == Some(member.operator.id) && found.assignee_unread {
                seen_by_assignee(tx, &member, id, entry).await?;
            }
            Ok(())
        })
        .await
}

/// Takes a conversation out of the unread ones of its assignee, unless more has come meanwhile.
async fn seen_by_assignee(tx: &mut Tx, member: &Member, id: ConversationId, entry: i64) -> Result<()> {
    let before = store::lock(tx, member.helpdesk_id, id)
        .await?
        .ok_or_else(not_found)?;
    let is_read = before.assignee_id == Some(member.operator.id) && entry >= before.last_visitor_entry;
    if !is_read || !before.assignee_unread {
        return Ok(());
    }
    let from = Standing::of(&before);
    let conversation = Conversation {
        assignee_unread: false,
        ..before
    };
    store::update(tx, &conversation).await?;
    Ok(counts::moved(tx, member.helpdesk_id, Some(from), Standing::of(&conversation)).await?)
}
