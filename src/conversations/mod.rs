//! The core: conversations of a contact with the operators, their messages, private notes, events.
//!
//! Each operation is one transaction that ends in its event. A conversation is loaded through
//! [`access`] only; a private note is its own kind, which a contact's loader cannot reach.

pub mod access;
pub mod by_contact;
pub mod by_mail;
pub mod by_operator;
pub mod by_visitor;
pub mod copies;
pub mod counts;
pub mod drafts;
pub mod events;
pub mod files;
mod idempotency;
pub mod inbox;
pub mod leaving;
pub mod live;
pub mod spam;
mod store;
pub mod text;
pub(crate) mod unread;
pub mod viewers;
pub mod waiting;
pub mod withdrawal;
pub(crate) mod written;

use crate::attachments::Attachment;
use crate::contacts::Contact;
use crate::ids::{ContactId, ConversationId, HelpdeskId, MessageId, NoteId, OperatorId};

/// Open, closed until somebody writes again, or kept where only operators can find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Waiting for somebody.
    Open,
    /// Done.
    Closed,
    /// Kept out of everything until an operator says that it is none.
    Spam,
    /// Kept out of everything until its sender confirms their address, or an operator lets it in.
    Waiting,
}

impl Status {
    /// The name under which it is stored and answered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Spam => "spam",
            Self::Waiting => "waiting",
        }
    }

    /// True for what only operators can find, each in a list of its own.
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Spam | Self::Waiting)
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Closed, Self::Spam, Self::Waiting]
            .into_iter()
            .find(|status| status.name() == name)
    }
}

/// Through which door a conversation came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The embedded, signed-in portal.
    TicketCenter,
    /// The public form.
    ContactForm,
    /// Mail.
    Email,
    /// The launcher.
    Widget,
}

impl Channel {
    /// The name under which it is stored and answered.
    pub fn name(self) -> &'static str {
        match self {
            Self::TicketCenter => "ticket_center",
            Self::ContactForm => "contact_form",
            Self::Email => "email",
            Self::Widget => "widget",
        }
    }

    /// The channel of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::TicketCenter, Self::ContactForm, Self::Email, Self::Widget]
            .into_iter()
            .find(|channel| channel.name() == name)
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// The contact.
    Visitor,
    /// An operator.
    Operator,
}

impl Author {
    /// The name under which it is stored and answered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::Operator => "operator",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::Visitor, Self::Operator]
            .into_iter()
            .find(|author| author.name() == name)
    }
}

/// A conversation as both sides may know it. Nothing here moves when a private note is written,
/// except [`Conversation::entry_count`], which contacts never see.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The id.
    pub id: ConversationId,
    /// Whose conversation it is.
    pub contact_id: ContactId,
    /// How it came in.
    pub channel: Channel,
    /// True when whoever opened it did not prove that the address is theirs.
    pub unverified: bool,
    /// The name that an unverified sender typed; may be empty.
    pub sender_name: String,
    /// One line.
    pub subject: String,
    /// Open or closed.
    pub status: Status,
    /// The operator who looks after it.
    pub assignee_id: Option<OperatorId>,
    /// True when the contact wrote something that this operator has not seen.
    pub assignee_unread: bool,
    /// The beginning of the latest message, on one line.
    pub preview: String,
    /// Who wrote the latest message.
    pub last_author: Author,
    /// Their name.
    pub last_author_name: String,
    /// Which operator, if one did.
    pub last_operator_id: Option<OperatorId>,
    /// When, epoch milliseconds.
    pub last_message_at: i64,
    /// How many messages there are.
    pub message_count: i64,
    /// How many messages, private notes and shown events there are.
    pub entry_count: i64,
    /// The entry of the latest message of the contact.
    pub last_visitor_entry: i64,
    /// How many messages of operators the contact has not seen.
    pub contact_unread: i64,
    /// Up to which message the contact has seen it.
    pub contact_seen_position: i64,
    /// When the contact last saw something new.
    pub contact_seen_at: Option<i64>,
    /// When it was opened.
    pub created_at: i64,
    /// When it was closed, if it is.
    pub closed_at: Option<i64>,
}

/// A message, public to both sides.
#[derive(Clone, Debug)]
pub struct Message {
    /// The id.
    pub id: MessageId,
    /// Its number in the conversation, from 1.
    pub position: i64,
    /// Its number among everything an operator sees.
    pub entry: i64,
    /// Who wrote it.
    pub author: Author,
    /// Which operator, if one did.
    pub operator_id: Option<OperatorId>,
    /// The writer's name at that time.
    pub author_name: String,
    /// Plain text, unchanged.
    pub body: String,
    /// The files that came with it.
    pub attachments: Vec<Attachment>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

impl Conversation {
    /// True when it was opened by a form, by somebody who need not have the address that they typed. Who wrote
    /// by mail at least reads what is answered.
    pub fn is_anonymous(&self) -> bool {
        self.unverified && self.channel != Channel::Email
    }

    /// Under which name operators know the other side: a sender who proved nothing is called what they
    /// typed, and the contact keeps their own name.
    pub fn correspondent<'a>(&'a self, contact: &'a Contact) -> &'a str {
        if self.unverified && !self.sender_name.is_empty() {
            &self.sender_name
        } else {
            contact.display_name()
        }
    }
}

/// A private note: for operators only.
#[derive(Clone, Debug)]
pub struct PrivateNote {
    /// The id.
    pub id: NoteId,
    /// Its number among everything an operator sees.
    pub entry: i64,
    /// Who wrote it.
    pub operator_id: OperatorId,
    /// Their name at that time.
    pub author_name: String,
    /// Plain text.
    pub body: String,
    /// The files that came with it.
    pub attachments: Vec<Attachment>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

/// One page of a list, and where the next one begins.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The entries, in the order of the list.
    pub items: Vec<T>,
    /// The cursor of the next page, or `None` at the end.
    pub next: Option<Cursor>,
}

/// A place in a list of conversations: the last one shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its time.
    pub last_message_at: i64,
    /// Its id.
    pub id: ConversationId,
}

impl Cursor {
    /// A short text that means this place.
    pub fn encode(self) -> String {
        use base64::Engine;
        let bytes = [
            self.last_message_at.to_be_bytes().as_slice(),
            self.id.0.as_bytes(),
        ]
        .concat();
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads [`Cursor::encode`]'s text.
    pub fn decode(text: &str) -> Option<Self> {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .ok()?;
        let (time, id) = bytes.split_first_chunk::<8>()?;
        let last_message_at = i64::from_be_bytes(*time);
        let id = uuid::Uuid::from_slice(id).ok()?;
        (last_message_at >= 0).then_some(Self {
            last_message_at,
            id: ConversationId(id),
        })
    }
}

/// The refusal for a conversation that is not there, or not for this caller: the same for both.
pub fn not_found() -> crate::error::Error {
    crate::error::Error::not_found("conversation_not_found", "Conversation not found")
}

/// What has a place in a list of conversations.
trait Placed {
    fn place(&self) -> Cursor;
}

impl Placed for Conversation {
    fn place(&self) -> Cursor {
        Cursor {
            last_message_at: self.last_message_at,
            id: self.id,
        }
    }
}

impl Placed for inbox::Row {
    fn place(&self) -> Cursor {
        self.conversation.place()
    }
}

/// Cuts a list that was read one longer than a page, and says where the next page begins.
fn cut_page<T: Placed>(items: &mut Vec<T>, page: i64) -> Option<Cursor> {
    let page = usize::try_from(page).unwrap_or(usize::MAX);
    if items.len() <= page {
        return None;
    }
    items.truncate(page);
    items.last().map(Placed::place)
}
