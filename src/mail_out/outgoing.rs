//! What a mail is made from: one recipient, and the messages of one conversation that they have not
//! read.

use crate::attachments::Attachment;
use crate::ids::{ContactId, ConversationId, HelpdeskId, MessageId, OperatorId};
use uuid::Uuid;

/// A mail that is due.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The notification; gives the Message-ID, the same on every attempt.
    pub id: Uuid,
    /// Whose mail it is.
    pub helpdesk_id: HelpdeskId,
    /// What it is about.
    pub conversation_id: ConversationId,
    /// Who gets it.
    pub recipient: Recipient,
    /// Their name; may be empty.
    pub name: String,
    /// Their address.
    pub address: String,
    /// Who else gets the same mail, with nothing in it that only the recipient may use.
    pub copies: Vec<String>,
    /// The conversation's subject; may be empty.
    pub subject: String,
    /// Every message that they have not read, oldest first.
    pub messages: Vec<Carried>,
    /// What was written before those and is quoted, oldest first.
    pub quoted: Vec<Carried>,
    /// The notifications that were sent before to the same recipient in this conversation, oldest
    /// first.
    pub earlier: Vec<Uuid>,
    /// The Message-IDs of the mails of the conversation that came in, oldest first, as their senders wrote
    /// them, and when each came, epoch milliseconds.
    pub answers: Vec<(i64, String)>,
    /// True when the recipient never proved the address: then nothing that anybody wrote is in it.
    pub content_free: bool,
    /// True when whoever opened the conversation proved nothing: to the contact only what operators wrote
    /// is carried, and they are told why they get it.
    pub unverified: bool,
    /// The words that tell the contact that their mail has come in; then the mail carries nothing else.
    pub acknowledgement: Option<Acknowledgement>,
    /// The link by which whoever reads the address confirms it; then the mail carries nothing else.
    pub confirm_url: Option<String>,
    /// How the recipient stops such mail, if they can.
    pub unsubscribe_url: Option<String>,
}

/// What a mail says that a machine writes at once in answer to another: the helpdesk's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Who gets a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The conversation's contact.
    Contact {
        /// Who.
        contact_id: ContactId,
    },
    /// An operator.
    Operator {
        /// Who.
        operator_id: OperatorId,
    },
}

/// A message in a mail.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Which.
    pub message_id: MessageId,
    /// Its place in the conversation.
    pub position: i64,
    /// Who wrote it.
    pub author: String,
    /// Its text.
    pub body: String,
    /// The files that came with it.
    pub files: Vec<Attachment>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}
