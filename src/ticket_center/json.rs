//! The shapes that callers get. A domain type never serialises itself.

use crate::attachments;
use crate::clock::iso8601;
use crate::contacts::Contact;
use crate::conversations::by_contact::Opened;
use crate::conversations::{self, Page};
use crate::helpdesks::{self, Appearance};
use crate::ids::{AttachmentId, ContactId, ConversationId, MessageId};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation {
    id: ConversationId,
    subject: String,
    preview: String,
    status: &'static str,
    channel: &'static str,
    unread_count: i64,
    created_at: String,
    last_message_at: String,
}

impl From<conversations::Conversation> for Conversation {
    fn from(conversation: conversations::Conversation) -> Self {
        Self {
            id: conversation.id,
            status: conversation.status.name(),
            channel: conversation.channel.name(),
            unread_count: conversation.contact_unread,
            created_at: iso8601(conversation.created_at),
            last_message_at: iso8601(conversation.last_message_at),
            subject: conversation.subject,
            preview: conversation.preview,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message {
    id: MessageId,
    author: &'static str,
    author_name: String,
    body: String,
    /// Sanitised HTML of a mail; plain messages have none.
    html: Option<String>,
    attachments: Vec<Attachment>,
    created_at: String,
}

/// A message; its files are fetched below this address.
pub(super) fn message(base_url: &str, message: conversations::Message) -> Message {
    let files = message.attachments.into_iter();
    Message {
        id: message.id,
        author: message.author.name(),
        author_name: message.author_name,
        body: message.body,
        html: None,
        attachments: files.map(|file| attachment(base_url, file)).collect(),
        created_at: iso8601(message.created_at),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    id: AttachmentId,
    name: String,
    size: i64,
    content_type: String,
    url: String,
}

pub(super) fn attachment(base_url: &str, file: attachments::Attachment) -> Attachment {
    Attachment {
        id: file.id,
        name: file.name,
        size: file.size,
        content_type: file.content_type,
        url: format!("{base_url}/api/messaging/ticket-center/attachments/{}", file.id),
    }
}

/// The answer when there is nothing to tell.
#[derive(Serialize)]
pub(super) struct Nothing {}

/// An upload that waits to be sent.
#[derive(Serialize)]
pub(super) struct Uploaded {
    pub(super) attachment: Attachment,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verified<'a> {
    pub(super) contact: ContactJson,
    #[serde(flatten)]
    pub(super) list: List,
    pub(super) token: String,
    pub(super) expires_at: String,
    pub(super) helpdesk: HelpdeskJson,
    pub(super) live: String,
    pub(super) strings: Option<&'a BTreeMap<String, String>>,
    pub(super) direction: &'static str,
}

#[derive(Serialize)]
pub(super) struct ContactJson {
    id: ContactId,
    email: String,
    name: Option<String>,
}

impl From<&Contact> for ContactJson {
    fn from(contact: &Contact) -> Self {
        Self {
            id: contact.id,
            email: contact.email.clone(),
            name: contact.name.clone(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HelpdeskJson {
    name: String,
    messaging: bool,
    /// How many bytes a file can have.
    attachment_bytes: u32,
    appearance: Appearance,
}

pub(super) fn helpdesk(helpdesk: &helpdesks::Helpdesk, attachment_bytes: u32) -> HelpdeskJson {
    HelpdeskJson {
        name: helpdesk.name.clone(),
        messaging: helpdesk.messaging,
        attachment_bytes,
        appearance: helpdesk.appearance.clone(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    conversations: Vec<Conversation>,
    next_cursor: Option<String>,
}

impl From<Page<conversations::Conversation>> for List {
    fn from(page: Page<conversations::Conversation>) -> Self {
        Self {
            conversations: page.items.into_iter().map(Conversation::from).collect(),
            next_cursor: page.next.map(conversations::Cursor::encode),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Messages {
    conversation: Conversation,
    messages: Vec<Message>,
    next_cursor: Option<String>,
}

pub(super) fn messages(base_url: &str, opened: Opened) -> Messages {
    let messages = opened.messages.into_iter();
    Messages {
        conversation: opened.conversation.into(),
        messages: messages.map(|one| message(base_url, one)).collect(),
        next_cursor: opened.older.map(|position| position.to_string()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    pub(super) conversation_id: ConversationId,
    pub(super) conversation: Conversation,
    pub(super) message: Message,
}

#[derive(Serialize)]
pub(super) struct One {
    pub(super) conversation: Conversation,
}

/// What the live stream carries: a changed conversation, and the message that changed it.
#[derive(Serialize)]
pub(super) struct Change {
    pub(super) conversation: Conversation,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message>,
}
