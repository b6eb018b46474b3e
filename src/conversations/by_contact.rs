//! What a verified contact can do: open a conversation, write, read, close. Nothing else.

use super::counts::Standing;
use super::events::{self, Actor, Kind, New};
use super::idempotency::{self, Earlier};
use super::text::{self, Body, Content};
use super::{Author, Channel, Conversation, Cursor, Message, Page, Status, access, not_found, store};
use crate::app::App;
use crate::attachments::{self, Uploader};
use crate::contacts::VerifiedContact;
use crate::error::Result;
use crate::ids::{AttachmentId, ConversationId, HelpdeskId, MessageId};
use db::Tx;

pub use super::idempotency::Key;

/// Conversations on one page.
pub const CONVERSATIONS: i64 = 50;
/// Messages on one page.
pub const MESSAGES: i64 = 100;

/// A message that was written, and its conversation after it.
#[derive(Clone, Debug)]
pub struct Written {
    /// The conversation.
    pub conversation: Conversation,
    /// The message.
    pub message: Message,
}

/// Opens a conversation with its first message. A key that was used before answers what it made.
///
/// # Errors
/// When the key was used for something else, or the database refuses.
pub async fn start(
    app: &App,
    contact: &VerifiedContact,
    channel: Channel,
    subject: Option<&str>,
    content: impl Into<Content>,
    key: Option<Key>,
) -> Result<Written> {
    let now = app.now_ms();
    let Content { body, files } = content.into();
    let given = subject.map(text::subject).filter(|subject| !subject.is_empty());
    let message = Message {
        id: app.new_id(),
        position: 1,
        entry: 1,
        author: Author::Visitor,
        operator_id: None,
        author_name: contact.contact().display_name().to_owned(),
        body: body.as_str().to_owned(),
        attachments: Vec::new(),
        created_at: now,
    };
    let conversation = Conversation {
        helpdesk_id: contact.helpdesk_id(),
        id: app.new_id(),
        contact_id: contact.id(),
        channel,
        unverified: false,
        sender_name: String::new(),
        subject: given.unwrap_or_else(|| body.derived_subject()),
        status: Status::Open,
        assignee_id: None,
        assignee_unread: false,
        preview: body.preview(),
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
    let contact = contact.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            if let Some(key) = &key {
                let made = Earlier {
                    conversation_id: conversation.id,
                    position: 1,
                };
                if let Some(earlier) =
                    idempotency::take(tx, conversation.helpdesk_id, contact.id().0, key, &made, now).await?
                {
                    return written(tx, &contact, earlier.conversation_id, earlier.position).await;
                }
            }
            store::insert(tx, &conversation).await?;
            store::insert_message(tx, &conversation, &message).await?;
            let uploader = Some(Uploader::Contact(contact.id()));
            let message = with_files(tx, &conversation, message.clone(), uploader, &files).await?;
            let opened = New {
                kind: Kind::Opened,
                position: Some(1),
                entry: None,
                detail: "",
            };
            events::append(
                tx,
                None,
                &conversation,
                Actor::Contact(contact.contact()),
                now,
                &[opened],
            )
            .await?;
            Ok(Written {
                conversation: conversation.clone(),
                message,
            })
        })
        .await
}

/// Writes into an own conversation; a closed one is open again afterwards.
///
/// # Errors
/// When it is not the contact's conversation, the key was used for something else, a file is not there, or
/// the database refuses.
pub async fn reply(
    app: &App,
    contact: &VerifiedContact,
    id: ConversationId,
    content: impl Into<Content>,
    key: Option<Key>,
) -> Result<Written> {
    let (now, content) = (app.now_ms(), content.into());
    let message_id: MessageId = app.new_id();
    let contact = contact.clone();
    app.db()
        .write(async move |tx: &mut Tx| {
            // Locks the row, so that positions are given out one after another.
            let before = store::lock_own(tx, contact.helpdesk_id(), id, contact.id()).await?;
            let before = before.ok_or_else(not_found)?;
            if let Some(key) = &key {
                let made = Earlier {
                    conversation_id: id,
                    position: before.message_count + 1,
                };
                if let Some(earlier) =
                    idempotency::take(tx, contact.helpdesk_id(), contact.id().0, key, &made, now).await?
                {
                    return written(tx, &contact, earlier.conversation_id, earlier.position).await;
                }
            }
            let actor = Actor::Contact(contact.contact());
            write(
                tx,
                before,
                actor,
                message_id,
                (&content.body, &content.files),
                "",
                now,
            )
            .await
        })
        .await
}

/// Appends a message of either side to a locked conversation, and reopens it if it was closed. The
/// detail is that of the message's event.
pub(super) async fn write(
    tx: &mut Tx,
    before: Conversation,
    actor: Actor<'_>,
    message_id: MessageId,
    (body, files): (&Body, &[AttachmentId]),
    detail: &str,
    now: i64,
) -> Result<Written> {
    let is_machine = matches!(actor, Actor::Machine { .. });
    let by_contact = is_machine || matches!(actor, Actor::Contact(_) | Actor::Sender { .. });
    let from = Standing::of(&before);
    let reopens = by_contact && !is_machine && before.status == Status::Closed;
    let position = before.message_count + 1;
    let reopened_entry = before.entry_count + 1;
    let entry = if reopens {
        reopened_entry + 1
    } else {
        reopened_entry
    };
    let message = Message {
        id: message_id,
        position,
        entry,
        author: if by_contact {
            Author::Visitor
        } else {
            Author::Operator
        },
        operator_id: actor.operator_id(),
        author_name: actor.name().to_owned(),
        body: body.as_str().to_owned(),
        attachments: Vec::new(),
        created_at: now,
    };
    let assignee_id = if reopens {
        store::remaining_assignee(tx, &before).await?
    } else {
        before.assignee_id
    };
    let conversation = Conversation {
        assignee_id,
        status: if reopens { Status::Open } else { before.status },
        closed_at: if reopens { None } else { before.closed_at },
        // Whoever answers has read what they answer.
        assignee_unread: if by_contact {
            assignee_id.is_some()
        } else {
            before.assignee_unread && actor.operator_id() != before.assignee_id
        },
        preview: body.preview(),
        last_author: message.author,
        last_author_name: message.author_name.clone(),
        last_operator_id: message.operator_id,
        // A clock that was set back must not move a conversation down its lists.
        last_message_at: now.max(before.last_message_at),
        message_count: position,
        entry_count: entry,
        last_visitor_entry: if by_contact {
            entry
        } else {
            before.last_visitor_entry
        },
        // Writing is not reading: what operators wrote meanwhile stays unread until it is shown.
        contact_unread: before.contact_unread + i64::from(!by_contact),
        ..before
    };
    store::update(tx, &conversation).await?;
    store::insert_message(tx, &conversation, &message).await?;
    let uploader = actor.uploader(conversation.id);
    let message = with_files(tx, &conversation, message, uploader, files).await?;
    let kind = if by_contact {
        Kind::VisitorMessage
    } else {
        Kind::OperatorMessage
    };
    let written = New {
        kind,
        position: Some(position),
        entry: None,
        detail,
    };
    let reopened = New {
        kind: Kind::Reopened,
        position: None,
        entry: Some(reopened_entry),
        detail: "",
    };
    if reopens {
        events::append(tx, Some(from), &conversation, actor, now, &[reopened, written]).await?;
    } else {
        events::append(tx, Some(from), &conversation, actor, now, &[written]).await?;
    }
    Ok(Written {
        conversation,
        message,
    })
}

/// Gives a message its files, in the transaction that writes it.
async fn with_files(
    tx: &mut Tx,
    conversation: &Conversation,
    mut message: Message,
    uploader: Option<Uploader>,
    files: &[AttachmentId],
) -> Result<Message> {
    let place = (conversation.id, message.entry);
    if let Some(uploader) = uploader {
        message.attachments =
            attachments::attach(tx, conversation.helpdesk_id, uploader, files, place, true).await?;
    }
    Ok(message)
}

async fn written(
    tx: &mut Tx,
    contact: &VerifiedContact,
    id: ConversationId,
    position: i64,
) -> Result<Written> {
    let conversation = access::for_contact(tx, contact, id)
        .await?
        .ok_or_else(not_found)?;
    let message = store::message(tx, contact.helpdesk_id(), id, position)
        .await?
        .ok_or_else(not_found)?;
    Ok(Written {
        conversation,
        message,
    })
}

/// The contact's conversations of every channel, open and closed, latest message first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    app: &App,
    contact: &VerifiedContact,
    before: Option<Cursor>,
) -> Result<Page<Conversation>> {
    Ok(overview(app, contact, before).await?.0)
}

/// The list, and the number of the last event that the contact may know of, where their live stream
/// begins. Both from one snapshot, so that nothing falls between them.
///
/// # Errors
/// When the database cannot be read.
pub async fn overview(
    app: &App,
    contact: &VerifiedContact,
    before: Option<Cursor>,
) -> Result<(Page<Conversation>, i64)> {
    let (helpdesk_id, contact_id) = (contact.helpdesk_id(), contact.id());
    let (mut items, live) = app
        .db()
        .read(async move |tx: &mut Tx| {
            let items = store::by_contact(tx, helpdesk_id, contact_id, before, CONVERSATIONS + 1).await?;
            let live = store::last_public_number(tx, helpdesk_id, contact_id).await?;
            Ok::<_, db::Error>((items, live))
        })
        .await?;
    let next = super::cut_page(&mut items, CONVERSATIONS);
    Ok((Page { items, next }, live))
}

/// A conversation with one page of its messages.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The conversation.
    pub conversation: Conversation,
    /// Messages, oldest first.
    pub messages: Vec<Message>,
    /// The position before which the next older page ends, or `None` when there is none.
    pub older: Option<i64>,
}

/// An own conversation and its newest messages, or those before a position. Marks nothing.
///
/// # Errors
/// When it is not the contact's conversation, or the database cannot be read.
pub async fn show(
    app: &App,
    contact: &VerifiedContact,
    id: ConversationId,
    before: Option<i64>,
) -> Result<Opened> {
    let contact = contact.clone();
    app.db()
        .read(async move |tx: &mut Tx| {
            let conversation = access::for_contact(tx, &contact, id)
                .await?
                .ok_or_else(not_found)?;
            let end = before.unwrap_or(i64::MAX);
            let mut messages = store::messages_before(tx, contact.helpdesk_id(), id, end, MESSAGES).await?;
            messages.reverse();
            let older = messages
                .first()
                .map(|message| message.position)
                .filter(|position| *position > 1);
            Ok(Opened {
                conversation,
                messages,
                older,
            })
        })
        .await
}

/// An own conversation without its messages. Marks nothing.
///
/// # Errors
/// When it is not the contact's conversation, or the database cannot be read.
pub async fn find(app: &App, contact: &VerifiedContact, id: ConversationId) -> Result<Conversation> {
    let contact = contact.clone();
    app.db()
        .read(async move |tx: &mut Tx| access::for_contact(tx, &contact, id).await?.ok_or_else(not_found))
        .await
}

/// Marks an own conversation as read up to what was seen of it; answers it as it is afterwards.
///
/// # Errors
/// When it is not the contact's conversation, or the database refuses.
pub async fn mark_read(app: &App, contact: &VerifiedContact, seen: &Conversation) -> Result<Conversation> {
    // Own messages alone are nothing to be seen.
    if seen.contact_unread == 0 {
        return Ok(seen.clone());
    }
    let (now, contact, id, position) = (app.now_ms(), contact.clone(), seen.id, seen.message_count);
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock_own(tx, contact.helpdesk_id(), id, contact.id()).await?;
            let before = before.ok_or_else(not_found)?;
            if before.contact_seen_position >= position {
                return Ok(before);
            }
            let unread =
                store::count_operator_messages_after(tx, contact.helpdesk_id(), id, position).await?;
            let from = Standing::of(&before);
            let conversation = Conversation {
                contact_seen_position: position,
                contact_unread: unread,
                contact_seen_at: Some(now),
                ..before
            };
            store::update(tx, &conversation).await?;
            let seen = New {
                kind: Kind::SeenByContact,
                position: Some(position),
                entry: None,
                detail: "",
            };
            events::append(
                tx,
                Some(from),
                &conversation,
                Actor::Contact(contact.contact()),
                now,
                &[seen],
            )
            .await?;
            Ok(conversation)
        })
        .await
}

/// Closes an own conversation; closing a closed one changes nothing.
///
/// # Errors
/// When it is not the contact's conversation, or the database refuses.
pub async fn close(app: &App, contact: &VerifiedContact, id: ConversationId) -> Result<Conversation> {
    let found = find(app, contact, id).await?;
    if found.status == Status::Closed {
        return Ok(found);
    }
    let (now, contact) = (app.now_ms(), contact.clone());
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::lock_own(tx, contact.helpdesk_id(), id, contact.id()).await?;
            let before = before.ok_or_else(not_found)?;
            set_status(tx, before, Actor::Contact(contact.contact()), Status::Closed, now).await
        })
        .await
}

/// Closes or reopens a locked conversation; what it is already, it stays without an event.
pub(super) async fn set_status(
    tx: &mut Tx,
    before: Conversation,
    actor: Actor<'_>,
    status: Status,
    now: i64,
) -> Result<Conversation> {
    if before.status == status {
        return Ok(before);
    }
    let (from, entry) = (Standing::of(&before), before.entry_count + 1);
    let closed_at = (status == Status::Closed).then_some(now);
    let assignee_id = if status == Status::Open {
        store::remaining_assignee(tx, &before).await?
    } else {
        before.assignee_id
    };
    let conversation = Conversation {
        status,
        assignee_id,
        assignee_unread: before.assignee_unread && assignee_id.is_some(),
        closed_at,
        entry_count: entry,
        ..before
    };
    store::update(tx, &conversation).await?;
    let kind = if status == Status::Closed {
        Kind::Closed
    } else {
        Kind::Reopened
    };
    let event = New {
        kind,
        position: None,
        entry: Some(entry),
        detail: "",
    };
    events::append(tx, Some(from), &conversation, actor, now, &[event]).await?;
    Ok(conversation)
}

/// How long an idempotency key is remembered.
const KEYS_KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Forgets idempotency keys of a helpdesk that nobody will send again.
///
/// # Errors
/// When the database refuses.
pub async fn forget_old_keys(app: &App, helpdesk_id: HelpdeskId) -> Result<()> {
    let before = app.now_ms() - KEYS_KEPT_MS;
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::delete_keys_before(tx, helpdesk_id, before).await)
        .await?)
}
