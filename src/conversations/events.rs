//! Events: what happened, numbered per helpdesk in the order of commits.
//!
//! The number comes from the helpdesk's counter row, taken as late as possible in the transaction:
//! whoever takes the next one waits for this commit, so a reader that has seen number n has seen
//! everything below n.

use super::Conversation;
use super::counts::{self, Standing};
use crate::attachments::Uploader;
use crate::contacts::Contact;
use crate::ids::{ContactId, ConversationId, HelpdeskId, OperatorId};
use crate::operators::Member;
use db::{Error, Tx};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A contact opened a conversation with its first message.
    Opened,
    /// A contact wrote.
    VisitorMessage,
    /// An operator wrote.
    OperatorMessage,
    /// An operator wrote a private note.
    Note,
    /// The conversation was assigned, or nobody's again.
    Assigned,
    /// It was closed.
    Closed,
    /// It was reopened.
    Reopened,
    /// The contact read it.
    SeenByContact,
    /// An operator took back what nobody had read.
    Withdrawn,
    /// An operator put it into spam.
    Spam,
    /// An operator took it out of spam.
    NotSpam,
    /// Whoever reads the mail of its sender's address confirmed it: it waits no more.
    Confirmed,
    /// An operator let it in, though nobody confirmed the address.
    Admitted,
}

const ALL: [Kind; 13] = [
    Kind::Opened,
    Kind::VisitorMessage,
    Kind::OperatorMessage,
    Kind::Note,
    Kind::Assigned,
    Kind::Closed,
    Kind::Reopened,
    Kind::SeenByContact,
    Kind::Withdrawn,
    Kind::Spam,
    Kind::NotSpam,
    Kind::Confirmed,
    Kind::Admitted,
];

impl Kind {
    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::VisitorMessage => "visitor_message",
            Self::OperatorMessage => "operator_message",
            Self::Note => "note",
            Self::Assigned => "assigned",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::SeenByContact => "seen_by_contact",
            Self::Withdrawn => "withdrawn",
            Self::Spam => "spam",
            Self::NotSpam => "not_spam",
            Self::Confirmed => "confirmed",
            Self::Admitted => "admitted",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// True when the contact may know of it. Notes and assignments stay inside, and so does what operators
    /// hold for spam; what is none after all stands in the contact's list again.
    pub fn is_public(self) -> bool {
        !matches!(self, Self::Note | Self::Assigned | Self::Spam)
    }
}

/// An event as it is read back.
#[derive(Clone, Debug)]
pub struct Event {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// Its number; the cursor of every live screen.
    pub number: i64,
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Whose conversation it is.
    pub contact_id: ContactId,
    /// What happened.
    pub kind: Kind,
    /// Which message, when one was written.
    pub position: Option<i64>,
    /// Where operators see it in the conversation, if they do.
    pub entry: Option<i64>,
    /// Which operator did it, if one did.
    pub operator_id: Option<OperatorId>,
    /// Who did it.
    pub actor_name: String,
    /// For an assignment: the name of the assignee, empty for nobody. For an operator's message:
    /// [`INSTANTLY`] when it is to be mailed at once.
    pub detail: String,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

impl Event {
    /// True for an answer that is to be mailed without a hold.
    pub fn goes_instantly(&self) -> bool {
        self.kind == Kind::OperatorMessage && self.detail == INSTANTLY
    }
}

/// The detail of an answer that is to be mailed at once, together with what waits before it.
pub const INSTANTLY: &str = "instantly";

/// Who did it.
#[derive(Clone, Copy)]
pub(super) enum Actor<'a> {
    Contact(&'a Contact),
    /// Somebody who proved nothing, by the name they gave.
    Sender {
        name: &'a str,
    },
    /// The machine of such a somebody: what it writes reopens nothing.
    Machine {
        name: &'a str,
    },
    Operator(&'a Member),
    /// Whoever removed an operator, or the program itself.
    Remover {
        id: Option<OperatorId>,
        name: &'a str,
    },
}

impl Actor<'_> {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Contact(contact) => contact.display_name(),
            Self::Operator(member) => &member.operator.name,
            Self::Sender { name } | Self::Machine { name } | Self::Remover { name, .. } => name,
        }
    }

    pub(super) fn operator_id(&self) -> Option<OperatorId> {
        match self {
            Self::Contact(_) | Self::Sender { .. } | Self::Machine { .. } => None,
            Self::Operator(member) => Some(member.operator.id),
            Self::Remover { id, .. } => *id,
        }
    }

    /// As whom they upload files for a conversation.
    pub(super) fn uploader(&self, id: ConversationId) -> Option<Uploader> {
        match self {
            Self::Contact(contact) => Some(Uploader::Contact(contact.id)),
            Self::Operator(member) => Some(Uploader::Operator(member.operator.id, id)),
            Self::Sender { .. } | Self::Machine { .. } | Self::Remover { .. } => None,
        }
    }
}

/// What is to be written; the number comes last.
pub(super) struct New<'a> {
    pub(super) kind: Kind,
    pub(super) position: Option<i64>,
    pub(super) entry: Option<i64>,
    pub(super) detail: &'a str,
}

/// Appends events of one conversation, in this order, and counts it where it stands after them
/// (`from` is where it stood before, if it existed). Call it last in the transaction.
pub(super) async fn append(
    tx: &mut Tx,
    from: Option<Standing>,
    conversation: &Conversation,
    actor: Actor<'_>,
    now_ms: i64,
    events: &[New<'_>],
) -> Result<(), Error> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let last = super::store::take_numbers(tx, conversation.helpdesk_id, count).await?;
    for (number, new) in (last - count + 1..).zip(events) {
        let event = Event {
            helpdesk_id: conversation.helpdesk_id,
            number,
            conversation_id: conversation.id,
            contact_id: conversation.contact_id,
            kind: new.kind,
            position: new.position,
            entry: new.entry,
            operator_id: actor.operator_id(),
            actor_name: actor.name().to_owned(),
            detail: new.detail.to_owned(),
            created_at: now_ms,
        };
        super::store::insert_event(tx, &event).await?;
    }
    // Under the counter, so that two transactions never want each other's numbers.
    counts::moved(tx, conversation.helpdesk_id, from, Standing::of(conversation)).await?;
    tx.hint(conversation.helpdesk_id.0);
    Ok(())
}
