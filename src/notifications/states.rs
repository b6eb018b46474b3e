//! In which state the mail of each answer is.

use super::following::catch_up_with;
use super::{Automatic, Refusal, State, store};
use crate::app::App;
use crate::conversations::{self, unread};
use crate::error::Result;
use crate::ids::{ConversationId, NotificationId};
use crate::operators::Member;
use db::Tx;

/// Mails of a conversation that are looked at.
const MOST: i64 = 500;

/// A mail to the contact of a conversation.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The id.
    pub id: NotificationId,
    /// What it is doing.
    pub state: State,
    /// From which message …
    pub first_position: i64,
    /// … to which it covers what operators wrote.
    pub last_position: i64,
    /// When it is looked at next; `None` when it has ended.
    pub due_at: Option<i64>,
    /// When the hold, or the back-off, ends or ended.
    pub held_until: i64,
    /// Attempts so far.
    pub attempt: i64,
    /// When it ended, if it has.
    pub ended_at: Option<i64>,
    /// What the relay said, or why it ended.
    pub words: String,
    /// Who cancelled it, if somebody did.
    pub changed_by: String,
    /// What it does if a machine wrote it by itself: it carries no answer then.
    pub automatic: Option<Automatic>,
}

/// The mail state of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageState {
    /// The contact has read it, by mail or not.
    Seen,
    /// A mail with it goes out at this time, unless it is read before.
    Waiting {
        /// Epoch milliseconds.
        due_at: i64,
    },
    /// A mail with it is being sent.
    Sending,
    /// A mail with it was taken over by the relay.
    Sent {
        /// Epoch milliseconds.
        at: i64,
    },
    /// An attempt failed for now; the next one is at this time.
    Retrying {
        /// Epoch milliseconds.
        due_at: i64,
        /// What the relay said.
        words: String,
    },
    /// The relay refused it for good.
    Failed {
        /// What it said.
        words: String,
    },
    /// It came back.
    Bounced {
        /// What the report says.
        words: String,
    },
    /// Nobody can tell whether it was taken over.
    Uncertain {
        /// What happened.
        words: String,
    },
    /// It was taken back.
    Cancelled {
        /// By whom; empty when it lost its reason.
        by: String,
    },
    /// Nothing is sent to this contact.
    Unreachable {
        /// Why.
        words: String,
    },
}

/// All mails to the contact of a conversation, and what the contact has read.
#[derive(Clone, Debug)]
pub struct Mails {
    /// Up to which message the contact has read the conversation.
    pub seen_position: i64,
    /// Why the contact gets no mails at present, if so.
    pub refusal: Option<Refusal>,
    /// The mails with what operators wrote, newest first.
    pub mails: Vec<Mail>,
    /// The mail that told the contact at once that theirs has come in, if there was one.
    pub acknowledgement: Option<Mail>,
}

impl Mails {
    /// The mail that waits to be sent, with its time: the one that "send now" and "cancel" are about.
    pub fn waiting(&self) -> Option<&Mail> {
        self.mails.iter().find(|mail| mail.state == State::Held)
    }

    /// The state of the answer at this position. `None` for one that no mail covers, because it was
    /// written before there were any.
    pub fn of(&self, position: i64) -> Option<MessageState> {
        if position <= self.seen_position {
            return Some(MessageState::Seen);
        }
        let covers = |mail: &&Mail| (mail.first_position..=mail.last_position).contains(&position);
        let mail = self.mails.iter().find(covers)?;
        Some(self.state(mail))
    }

    /// What a mail is doing, or what became of it.
    pub fn state(&self, mail: &Mail) -> MessageState {
        let words = mail.words.clone();
        match (mail.state, &self.refusal) {
            (State::Held | State::Retrying, Some(refusal)) => MessageState::Unreachable {
                words: refusal.sentence(),
            },
            (State::Held, None) => MessageState::Waiting {
                due_at: mail.held_until,
            },
            (State::Retrying, None) => MessageState::Retrying {
                due_at: mail.held_until,
                words,
            },
            (State::Sending, _) => MessageState::Sending,
            (State::Accepted, _) => MessageState::Sent {
                at: mail.ended_at.unwrap_or(mail.held_until),
            },
            (State::Failed, _) => MessageState::Failed { words },
            (State::Bounced, _) => MessageState::Bounced { words },
            (State::Uncertain, _) => MessageState::Uncertain { words },
            (State::Cancelled, _) => MessageState::Cancelled {
                by: mail.changed_by.clone(),
            },
            (State::Seen, _) => MessageState::Seen,
            (State::Unreachable, _) => MessageState::Unreachable { words },
        }
    }
}

/// The mails to the contact of a conversation.
///
/// # Errors
/// When there is no such conversation in the member's helpdesk, or the database cannot be read.
pub async fn states(app: &App, member: &Member, id: ConversationId) -> Result<Mails> {
    // What was written a moment ago has its row, too; a page must be shown even if it has not.
    if let Err(error) = catch_up_with(app, member.helpdesk_id).await {
        tracing::warn!(%error, "the rows of notifications could not be kept in step");
    }
    let helpdesk_id = member.helpdesk_id;
    app.db()
        .read(async move |tx: &mut Tx| {
            let conversation = unread::conversation(tx, helpdesk_id, id)
                .await?
                .ok_or_else(conversations::not_found)?;
            let mails = store::mails(tx, helpdesk_id, id, conversation.contact_id.0, MOST).await?;
            let (automatic, mails): (Vec<Mail>, Vec<Mail>) =
                mails.into_iter().partition(|mail| mail.automatic.is_some());
            let acknowledges = |mail: &Mail| mail.automatic == Some(Automatic::Acknowledges);
            Ok(Mails {
                seen_position: conversation.contact_seen_position,
                refusal: store::refusal(tx, helpdesk_id, conversation.contact_id).await?,
                mails,
                acknowledgement: automatic.into_iter().find(acknowledges),
            })
        })
        .await
}
