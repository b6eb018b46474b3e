//! Notifications: mails that tell somebody of what they have not read. Each is a row, held for a
//! while, claimed when it is due, and kept with what became of it.
//!
//! The room reads events that were committed ([`follow`]) and is never called by the core. It decides
//! what is held, when it is claimed, what it carries and in which state each mail is; how a mail looks
//! and travels is a channel's business, which claims ([`claim_due`]) and reports ([`record`]).
//!
//! One rule holds it together: of one recipient's mails about one conversation, each message is
//! covered by one row, and one row at a time waits or is being sent. Acknowledgements are rows beside
//! them, and so are mails that ask to confirm an address: they carry no message, are due at once, and nothing
//! waits for them.

mod acknowledging;
mod automatic;
mod bounces;
mod claiming;
mod confirming;
mod following;
mod outbox;
mod recording;
mod refusals;
mod settings;
mod states;
mod steering;
mod store;

pub use acknowledging::{
    Acknowledgement, Acknowledging, Asked, LONGEST_SUBJECT, LONGEST_TEXT, MOST_IN_AN_HOUR, USUAL_SUBJECT,
    USUAL_TEXT, acknowledge, acknowledging, set_acknowledging,
};
pub use automatic::{Automatic, Says};
pub use bounces::{Sent, bounced, sent_about};
pub use claiming::{Carried, Claimed, LEASE_MS, claim_due, give_up_claims, next_due};
pub use confirming::{
    Asking, LINK_MS, MOST_CONFIRMATIONS_IN_AN_HOUR, ask_to_confirm, confirmation_token, confirms,
};
pub use following::catch_up;
pub(crate) use following::follow;
pub use outbox::{Filter, Listed, PAGE, Page, cancel_waiting, drop_it, forget_old, outbox, retry};
pub use recording::{GIVES_UP_AFTER_MS, Outcome, record};
pub use refusals::{
    Refusal, forgive, mark_bad, recipient_of, refusal, subscribe_again, unsubscribe, unsubscribe_token,
};
pub use settings::{
    DEFAULT_HOLD_SECONDS, Holds, LONGEST_HOLD_SECONDS, holds, is_switched_on, keeps_copies, quotes_history,
    set_holds, set_keeps_copies, set_quotes_history, switch,
};
pub use states::{Mail, Mails, MessageState, states};
pub use steering::{cancel, restore, send_now};

use crate::ids::{ContactId, OperatorId};
use crate::operators::members::Changer;
use uuid::Uuid;

/// The topic of the hint that is sent when a notification may be due earlier than was known: fixed,
/// and no helpdesk's. Who delivers looks at [`next_due`] again.
pub const TOPIC: Uuid = Uuid::from_u128(0x6e6f_7469_6679_8000_8000_0000_0000_0001);

/// To whom a mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Recipient {
    /// The contact of the conversation, about what operators wrote.
    Contact {
        /// Which contact.
        contact_id: ContactId,
    },
    /// An operator, about what the contact wrote.
    Operator {
        /// Which operator.
        operator_id: OperatorId,
    },
}

impl Recipient {
    fn of(to_operator: bool, id: Uuid) -> Self {
        if to_operator {
            let operator_id = OperatorId(id);
            return Self::Operator { operator_id };
        }
        let contact_id = ContactId(id);
        Self::Contact { contact_id }
    }

    /// True for operators.
    pub fn is_operator(&self) -> bool {
        matches!(self, Self::Operator { .. })
    }

    fn id(&self) -> Uuid {
        match self {
            Self::Contact { contact_id } => contact_id.0,
            Self::Operator { operator_id } => operator_id.0,
        }
    }
}

/// What a mail is doing, or what became of it.
///
/// `held` → `sending` → `accepted`, `failed`, `uncertain` or `retrying`; `retrying` → `sending`.
/// Instead of `sending`, a claim may find that nothing is to be sent: `seen`, `unreachable`,
/// `cancelled`. What was `accepted` or is `uncertain` may come back: `bounced`. An operator may cancel what
/// is held, drop what is held, retrying, failed, bounced, uncertain or unreachable (→ `cancelled`), and retry
/// what failed, bounced or is uncertain, unreachable or retrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Waiting for the end of the hold.
    Held,
    /// Claimed: an attempt may be under way.
    Sending,
    /// An attempt failed for now; another follows.
    Retrying,
    /// The relay took it over.
    Accepted,
    /// The relay refused it for good, or attempts went on for too long.
    Failed,
    /// It was taken over, and a report came back that it was not delivered.
    Bounced,
    /// The attempt broke off where nobody can tell whether the relay had taken it over.
    Uncertain,
    /// Somebody took it back, or it lost its reason before it was sent.
    Cancelled,
    /// Everything was read before the claim, so that nothing was sent.
    Seen,
    /// The contact has unsubscribed or their address is known to be bad, so that nothing was sent.
    Unreachable,
}

impl State {
    /// All states, those that wait first.
    pub const ALL: [Self; 10] = [
        Self::Held,
        Self::Sending,
        Self::Retrying,
        Self::Accepted,
        Self::Failed,
        Self::Bounced,
        Self::Uncertain,
        Self::Cancelled,
        Self::Seen,
        Self::Unreachable,
    ];

    /// The name under which it is stored and filtered.
    pub fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Retrying => "retrying",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
            Self::Bounced => "bounced",
            Self::Uncertain => "uncertain",
            Self::Cancelled => "cancelled",
            Self::Seen => "seen",
            Self::Unreachable => "unreachable",
        }
    }

    /// The state of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// How a row names who changed it.
fn name_of(changer: &Changer) -> String {
    match changer {
        Changer::Console => "the server’s administrator".to_owned(),
        Changer::Member(member) => member.operator.name.clone(),
    }
}
