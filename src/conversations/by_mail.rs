//! What a mail can do, once the room that reads mail knows whose it is. Everything happens in the
//! caller's transaction, which settles the mail as well: a mail that stands in a conversation is settled.

use super::by_contact::write;
use super::by_operator::{Mailing, write_note};
use super::events::{self, Actor, Kind, New};
use super::text::{self, Body};
use super::{Author, Channel, Conversation, Message, Status, spam, store};
use crate::contacts::Contact;
use crate::error::Result;
use crate::ids::{ContactId, ConversationId, HelpdeskId, MessageId, NoteId, OperatorId};
use crate::operators::Member;
use db::Tx;

/// Where a mail stands afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// As which of its entries.
    pub entry: i64,
}

/// A mail that opens a conversation.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The id of the conversation.
    pub conversation_id: ConversationId,
    /// The id of its message.
    pub message_id: MessageId,
    /// The subject that was written; may be empty.
    pub subject: String,
    /// The name that the sender goes by in this mail; may be empty.
    pub sender_name: String,
    /// The text.
    pub body: Body,
    /// False when it was proved that the mail is its author's.
    pub unverified: bool,
    /// Whether it goes into spam at once.
    pub is_spam: bool,
    /// Epoch milliseconds.
    pub now: i64,
}

/// A conversation of the helpdesk, kept from others until the end of the transaction. Nobody's permission
/// is asked: the caller must know that the mail belongs here.
///
/// # Errors
/// When the database refuses.
pub async fn lock(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    id: ConversationId,
) -> std::result::Result<Option<Conversation>, db::Error> {
    store::lock(tx, helpdesk_id, id).await
}

/// Opens a conversation of a contact.
///
/// # Errors
/// When the database refuses.
pub async fn open(tx: &mut Tx, contact: &Contact, new: &Opening) -> Result<Placed> {
    let given = text::subject(&new.subject);
    let author_name = if new.sender_name.is_empty() {
        contact.display_name().to_owned()
    } else {
        new.sender_name.clone()
    };
    let message = Message {
        id: new.message_id,
        position: 1,
        entry: 1,
        author: Author::Visitor,
        operator_id: None,
        author_name: author_name.clone(),
        body: new.body.as_str().to_owned(),
        attachments: Vec::new(),
        created_at: new.now,
    };
    let conversation = Conversation {
        helpdesk_id: contact.helpdesk_id,
        id: new.conversation_id,
        contact_id: contact.id,
        channel: Channel::Email,
        unverified: new.unverified,
        sender_name: if new.unverified {
            new.sender_name.clone()
        } else {
            String::new()
        },
        subject: if given.is_empty() {
            new.body.derived_subject()
        } else {
            given
        },
        status: if new.is_spam { Status::Spam } else { Status::Open },
        assignee_id: None,
        assignee_unread: false,
        preview: new.body.preview(),
        last_author: Author::Visitor,
        last_author_name: author_name.clone(),
        last_operator_id: None,
        last_message_at: new.now,
        message_count: 1,
        entry_count: 1,
        last_visitor_entry: 1,
        contact_unread: 0,
        contact_seen_position: 1,
        contact_seen_at: None,
        created_at: new.now,
        closed_at: None,
    };
    store::insert(tx, &conversation).await?;
    store::insert_message(tx, &conversation, &message).await?;
    let opened = New {
        kind: Kind::Opened,
        position: Some(1),
        entry: None,
        detail: "",
    };
    let actor = Actor::Sender { name: &author_name };
    events::append(tx, None, &conversation, actor, new.now, &[opened]).await?;
    Ok(Placed {
        conversation_id: conversation.id,
        entry: 1,
    })
}

/// Who answers by mail, by the name they are shown under.
#[derive(Clone, Copy, Debug)]
pub enum Answering<'a> {
    /// A person.
    Person(&'a str),
    /// A person's machine, which says that they are away or that a mail has come in.
    Machine(&'a str),
}

/// Writes as the other side into a locked conversation. A closed one is open again afterwards if a person
/// wrote: that somebody is away gives nobody anything to do.
///
/// # Errors
/// When the database refuses.
pub async fn reply(
    tx: &mut Tx,
    before: Conversation,
    author: Answering<'_>,
    message_id: MessageId,
    body: &Body,
    now: i64,
) -> Result<Placed> {
    let actor = match author {
        Answering::Person(name) => Actor::Sender { name },
        Answering::Machine(name) => Actor::Machine { name },
    };
    let written = write(tx, before, actor, message_id, (body, &[]), "", now).await?;
    Ok(Placed {
        conversation_id: written.conversation.id,
        entry: written.message.entry,
    })
}

/// Answers as an operator in a locked conversation. They have read what they answer.
///
/// # Errors
/// When the conversation is in spam, or the database refuses.
pub async fn answer(
    tx: &mut Tx,
    before: Conversation,
    member: &Member,
    message_id: MessageId,
    body: &Body,
    now: i64,
) -> Result<Placed> {
    spam::refuse(&before)?;
    let (id, actor) = (before.id, Actor::Operator(member));
    let written = write(
        tx,
        before,
        actor,
        message_id,
        (body, &[]),
        Mailing::Held.detail(),
        now,
    )
    .await?;
    store::mark_seen(tx, member, id, written.message.entry).await?;
    Ok(Placed {
        conversation_id: id,
        entry: written.message.entry,
    })
}

/// Writes a private note as an operator into a locked conversation.
///
/// # Errors
/// When the database refuses.
pub async fn note(
    tx: &mut Tx,
    before: Conversation,
    member: &Member,
    note_id: NoteId,
    body: &Body,
    now: i64,
) -> Result<Placed> {
    let id = before.id;
    let note = write_note(tx, before, member, note_id, (body, &[]), now).await?;
    Ok(Placed {
        conversation_id: id,
        entry: note.entry,
    })
}

/// Whether a contact takes part in a conversation that is not theirs, because an operator said so.
///
/// # Errors
/// When the database cannot be read.
pub async fn takes_part(
    tx: &mut Tx,
    of: &Conversation,
    contact_id: ContactId,
) -> std::result::Result<bool, db::Error> {
    store::is_participant(tx, of.helpdesk_id, of.id, contact_id).await
}

/// Lets a contact take part in a conversation from now on: their answers by mail go there. They can read
/// nothing by it.
///
/// # Errors
/// When the database refuses.
pub async fn let_take_part(
    tx: &mut Tx,
    of: &Conversation,
    contact_id: ContactId,
    by: OperatorId,
    now: i64,
) -> std::result::Result<(), db::Error> {
    store::insert_participant(tx, of.helpdesk_id, of.id, (contact_id, by), now).await
}

/// The first message of a conversation, and the name of who wrote it.
///
/// # Errors
/// When the database cannot be read.
pub async fn first_message(
    tx: &mut Tx,
    of: &Conversation,
) -> std::result::Result<Option<Message>, db::Error> {
    store::message(tx, of.helpdesk_id, of.id, 1).await
}

/// Closes a locked conversation as an operator, because it goes on in another one.
///
/// # Errors
/// When the database refuses.
pub async fn close(tx: &mut Tx, before: Conversation, member: &Member, now: i64) -> Result<()> {
    super::by_contact::set_status(tx, before, Actor::Operator(member), Status::Closed, now).await?;
    Ok(())
}
