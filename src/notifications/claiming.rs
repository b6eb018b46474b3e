//! Claims: what is due is looked at once more, under the locks that reading takes, and is then either
//! marked as being sent, durably and before any socket is touched, or ends without a mail.

use super::store::{self, New, Notification};
use super::{Recipient, Says, State, automatic};
use crate::app::App;
use crate::attachments::Attachment;
use crate::contacts;
use crate::conversations::unread::{self, Unread};
use crate::conversations::{Author, Channel, Conversation, Message, Status};
use crate::error::{Error, Result};
use crate::ids::{ConversationId, HelpdeskId, MessageId, NotificationId};
use db::Tx;
use uuid::Uuid;

/// How long an attempt may take. Whoever has not reported by then is believed dead, and its mail to be
/// uncertain; a late report is still heard.
pub const LEASE_MS: i64 = 15 * 60 * 1000;
/// Messages in one mail; more go into the next.
const MOST_CARRIED: usize = 100;
/// Earlier mails that are named.
const MOST_EARLIER: i64 = 20;
/// Messages that are quoted, where a helpdesk quotes.
const MOST_QUOTED: i64 = 5;

/// A mail that this caller, and nobody else, is to send now. It must end in [`super::record`].
#[derive(Clone, Debug)]
pub struct Claimed {
    /// The id; the same on every attempt.
    pub id: NotificationId,
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// What it is about.
    pub conversation_id: ConversationId,
    /// To whom it goes.
    pub recipient: Recipient,
    /// Their name.
    pub name: String,
    /// Where it goes.
    pub address: String,
    /// The conversation's subject; empty when `content_free`, and for the contact of an unverified
    /// conversation, because senders write subjects.
    pub subject: String,
    /// What the recipient has not read, oldest first; empty where a machine writes by itself.
    pub messages: Vec<Carried>,
    /// Who else gets the same mail. All its messages are meant for the same people.
    pub copies: Vec<String>,
    /// What stands before those in the conversation, oldest first, when the helpdesk quotes it: nothing
    /// that was not proved to be the reader's own, or an operator's, and nothing at all beside copies.
    pub quoted: Vec<Carried>,
    /// Mails that this recipient was sent about the conversation before, oldest first.
    pub earlier: Vec<NotificationId>,
    /// True when the address was never proved to be the contact's: nothing that somebody wrote under
    /// that address may stand in the mail.
    pub content_free: bool,
    /// True when whoever opened the conversation proved nothing: nothing that they typed may stand in a
    /// mail to the contact.
    pub unverified: bool,
    /// What a machine says by itself; then the mail carries nothing else.
    pub says: Option<Says>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
    /// Tells this claim from any other of the same mail.
    pub fence: i64,
}

/// A message in a mail.
#[derive(Clone, Debug)]
pub struct Carried {
    /// The id.
    pub message_id: MessageId,
    /// Its number in the conversation.
    pub position: i64,
    /// Who wrote it.
    pub author: Author,
    /// Their name.
    pub author_name: String,
    /// Plain text.
    pub body: String,
    /// The files that came with it.
    pub files: Vec<Attachment>,
    /// When, epoch milliseconds.
    pub created_at: i64,
}

impl From<Message> for Carried {
    fn from(message: Message) -> Self {
        Self {
            message_id: message.id,
            position: message.position,
            author: message.author,
            author_name: message.author_name,
            body: message.body,
            files: message.attachments,
            created_at: message.created_at,
        }
    }
}

/// When the next notification is due: a time to call [`claim_due`] at. Earlier times may come up; a
/// hint of the topic [`super::TOPIC`] says so.
///
/// # Errors
/// When the database cannot be read.
pub async fn next_due(app: &App) -> Result<Option<i64>> {
    Ok(app
        .db()
        .read(async |tx: &mut Tx| store::next_due(tx).await)
        .await?)
}

/// Claims up to so many mails that are due, those due longest first. Each is `sending` from the moment
/// this returns; what was due and needs no mail any more has ended as `seen`, `unreachable` or
/// `cancelled`, and attempts whose lease ended are `uncertain`.
///
/// # Errors
/// When the database refuses before anything was claimed.
pub async fn claim_due(app: &App, limit: usize) -> Result<Vec<Claimed>> {
    let mut claimed = Vec::new();
    if next_due(app).await?.is_none_or(|due_at| due_at > app.now_ms()) {
        return Ok(claimed);
    }
    while claimed.len() < limit {
        match take_one(app).await {
            Ok(Taken::Claimed(one)) => claimed.push(*one),
            Ok(Taken::NotNow) => {}
            Ok(Taken::Nothing) => break,
            // What is claimed must be sent.
            Err(error) if !claimed.is_empty() => {
                tracing::warn!(%error, "claiming notifications broke off");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(claimed)
}

/// Gives up what this node had claimed when it stopped: nobody will report on it, so it is `uncertain`
/// now instead of at the end of its lease. For the start, before the first claim. How many mails those
/// were.
///
/// # Errors
/// When the database refuses.
pub async fn give_up_claims(app: &App) -> Result<u64> {
    let Some(node_id) = app.node_id() else {
        return Ok(0);
    };
    let now = app.now_ms();
    Ok(app
        .db()
        .write(async move |tx: &mut Tx| store::end_leases(tx, node_id, now).await)
        .await?)
}

enum Taken {
    Claimed(Box<Claimed>),
    /// One was due and is not to be sent, or not yet.
    NotNow,
    Nothing,
}

async fn take_one(app: &App) -> Result<Taken> {
    let (now, rest_id, node_id) = (app.now_ms(), app.new_id(), app.node_id());
    app.db()
        .write(async move |tx: &mut Tx| {
            let Some(row) = store::take_due(tx, now, now + LEASE_MS).await? else {
                return Ok::<_, Error>(Taken::Nothing);
            };
            match look(tx, &row, now).await? {
                Look::Send(mail) => {
                    let claimed = begin(tx, &row, *mail, (rest_id, node_id), now).await?;
                    Ok(Taken::Claimed(Box::new(claimed)))
                }
                Look::Wait(until) => {
                    store::put_off(tx, &row, until.max(now) + 1).await?;
                    Ok(Taken::NotNow)
                }
                Look::End(state, words) => {
                    store::end(tx, &row, state, (&words, ""), now).await?;
                    Ok(Taken::NotNow)
                }
            }
        })
        .await
}

/// What is to become of a row that is due.
pub(super) enum Look {
    Send(Box<Mail>),
    Wait(i64),
    End(State, String),
}

pub(super) struct Mail {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) unread: Unread,
    pub(super) content_free: bool,
    pub(super) says: Option<Says>,
}

async fn look(tx: &mut Tx, row: &Notification, now: i64) -> Result<Look> {
    if row.state == State::Sending {
        let words = "Helpdesky stopped while this mail was being sent".to_owned();
        return Ok(Look::End(State::Uncertain, words));
    }
    if let Some(does) = row.automatic {
        return automatic::look(tx, row, does, now).await;
    }
    let Some(unread) = unread(tx, row).await? else {
        return Ok(Look::End(State::Cancelled, "The conversation is gone".to_owned()));
    };
    match unread.conversation.status {
        Status::Spam => {
            let words = "The conversation is in spam".to_owned();
            return Ok(Look::End(State::Cancelled, words));
        }
        Status::Waiting => {
            let words = "The conversation waits for its sender".to_owned();
            return Ok(Look::End(State::Cancelled, words));
        }
        Status::Open | Status::Closed => {}
    }
    // Under the lock that reading takes, which all mails of this thread share.
    if let Some(until) = store::blocked_until(tx, row).await? {
        return Ok(Look::Wait(until.max(now)));
    }
    // What was written since and not followed yet is taken along, but is no reason by itself: it has a
    // time of its own.
    let is_covered = |message: &Message| message.position <= row.last_position;
    if !unread.messages.iter().any(is_covered) {
        return Ok(Look::End(State::Seen, String::new()));
    }
    match row.thread.recipient {
        Recipient::Contact { contact_id } => {
            let helpdesk_id = row.thread.helpdesk_id;
            if let Some(refusal) = store::refusal(tx, helpdesk_id, contact_id).await? {
                return Ok(Look::End(State::Unreachable, refusal.sentence()));
            }
            let Some(contact) = contacts::store::by_id(tx, helpdesk_id, contact_id).await? else {
                return Ok(Look::End(State::Cancelled, "The contact is gone".to_owned()));
            };
            let unverified = unread.conversation.is_anonymous();
            // Who wrote by mail wrote from the address. Who wrote by a form can read the answer nowhere
            // else: it travels, and nothing that the sender typed travels with it.
            let may_read = unread.conversation.channel == Channel::Email || unverified;
            Ok(Look::Send(Box::new(Mail {
                name: if unverified {
                    String::new()
                } else {
                    contact.display_name().to_owned()
                },
                content_free: contact.proved_at.is_none() && !may_read,
                address: contact.email,
                unread,
                says: None,
            })))
        }
        Recipient::Operator { operator_id } => {
            let operator = store::operator(tx, row.thread.helpdesk_id, operator_id).await?;
            let is_theirs = unread
                .conversation
                .assignee_id
                .is_none_or(|assignee_id| assignee_id == operator_id);
            match operator.filter(|_| is_theirs) {
                Some(operator) => Ok(Look::Send(Box::new(Mail {
                    name: operator.name,
                    address: operator.email,
                    unread,
                    content_free: false,
                    says: None,
                }))),
                None => Ok(Look::End(
                    State::Cancelled,
                    "Not for this operator any more".to_owned(),
                )),
            }
        }
    }
}

/// What the recipient has not read. A held row takes along what was written meanwhile; one that was
/// tried before stays what it was, because later messages have a row of their own.
async fn unread(tx: &mut Tx, row: &Notification) -> Result<Option<Unread>> {
    let to = if row.state == State::Held {
        i64::MAX
    } else {
        row.last_position
    };
    let range = (row.first_position, to);
    let most = i64::try_from(MOST_CARRIED + 1).unwrap_or(i64::MAX);
    let (helpdesk_id, id) = (row.thread.helpdesk_id, row.thread.conversation_id);
    Ok(match row.thread.recipient {
        Recipient::Contact { .. } => unread::by_contact(tx, helpdesk_id, id, range, most).await?,
        Recipient::Operator { operator_id } => {
            unread::by_operator(tx, helpdesk_id, operator_id, id, range, most).await?
        }
    })
}

async fn begin(
    tx: &mut Tx,
    row: &Notification,
    mail: Mail,
    (rest_id, node_id): (NotificationId, Option<Uuid>),
    now: i64,
) -> Result<Claimed> {
    let (conversation, mut messages) = (mail.unread.conversation, mail.unread.messages);
    let copies = copies_of(&mail.unread.copies, messages.first());
    // What others are to get goes without what they are not to get.
    let same = messages
        .iter()
        .take_while(|message| copies_of(&mail.unread.copies, Some(message)) == copies)
        .count();
    let most = same.min(MOST_CARRIED);
    let rest = messages.get(most).map(|message| message.position);
    messages.truncate(most);
    let carried_to = messages.last().map_or(row.last_position, |last| last.position);
    let last_position = match rest {
        Some(_) => carried_to,
        None => carried_to.max(row.last_position),
    };
    store::begin_attempt(tx, row, last_position, node_id, (now, now + LEASE_MS)).await?;
    if let Some(first_position) = rest.filter(|_| row.state == State::Held) {
        let new = New {
            thread: row.thread,
            id: rest_id,
            first_position,
            last_position: first_position.max(row.last_position),
            held_until: now,
            now_ms: now,
        };
        store::insert(tx, &new).await?;
    }
    let quoted = match messages.first() {
        Some(first) if !mail.content_free && copies.is_empty() => {
            quoted(tx, row, &conversation, first.position).await?
        }
        _ => Vec::new(),
    };
    let unverified = conversation.is_anonymous();
    Ok(Claimed {
        copies,
        quoted,
        id: row.id,
        helpdesk_id: row.thread.helpdesk_id,
        conversation_id: row.thread.conversation_id,
        recipient: row.thread.recipient,
        name: mail.name,
        address: mail.address,
        subject: if mail.content_free || (unverified && !row.thread.recipient.is_operator()) {
            String::new()
        } else {
            conversation.subject
        },
        messages: messages.into_iter().map(Carried::from).collect(),
        earlier: store::earlier(tx, &row.thread, MOST_EARLIER).await?,
        content_free: mail.content_free,
        unverified,
        says: mail.says,
        attempt: u32::try_from(row.attempt + 1).unwrap_or(u32::MAX),
        fence: row.fence + 1,
    })
}

/// Who gets a copy of this message.
fn copies_of(all: &[(i64, String)], message: Option<&Message>) -> Vec<String> {
    let is_of = |position: i64| message.is_some_and(|message| message.position == position);
    let of = all.iter().filter(|(position, _)| is_of(*position));
    of.map(|(_, address)| address.clone()).collect()
}

async fn quoted(
    tx: &mut Tx,
    row: &Notification,
    conversation: &Conversation,
    position: i64,
) -> Result<Vec<Carried>> {
    let helpdesk_id = row.thread.helpdesk_id;
    if !store::quotes_history(tx, helpdesk_id).await? {
        return Ok(Vec::new());
    }
    let before = unread::before(tx, helpdesk_id, conversation.id, position, MOST_QUOTED).await?;
    // Whoever wrote under an address that they did not prove must not have their words sent to it.
    let may_read = |message: &Message| {
        !conversation.unverified || row.thread.recipient.is_operator() || message.author == Author::Operator
    };
    Ok(before.into_iter().filter(may_read).map(Carried::from).collect())
}
