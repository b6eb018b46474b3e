//! Acknowledgements: whoever opens a conversation by mail may be told at once that it has come in, where a
//! helpdesk wants that (RFC 3834).
//!
//! A machine that answers mail is a weapon and half of a loop. So nothing that a sender wrote goes back; each
//! mailbox is told rarely, and one that nobody proved to be the author's more rarely; and when very many
//! mails are acknowledged within an hour, it stops by itself. That a person wrote the mail, and that it opened
//! a conversation, is found out by the channel that took it ([`acknowledge`]).

use super::{Automatic, Says, store};
use crate::app::App;
use crate::audit::{By, Entry};
use crate::contacts;
use crate::conversations::unread;
use crate::conversations::{Channel, Conversation, Status};
use crate::error::{Error, Result};
use crate::ids::{ConversationId, HelpdeskId, NotificationId};
use crate::operators::members::Changer;
use db::Tx;

/// The subject where a helpdesk has not written its own.
pub const USUAL_SUBJECT: &str = "We have received your mail";
/// The text where a helpdesk has not written its own.
pub const USUAL_TEXT: &str = "Thank you for writing to us.\n\nYour mail has arrived, and one of us will answer it as soon as possible.";
/// Characters of a subject.
pub const LONGEST_SUBJECT: usize = 150;
/// Characters of a text.
pub const LONGEST_TEXT: usize = 4_000;
/// When so many have gone out within an hour, none does for the next hour.
pub const MOST_IN_AN_HOUR: i64 = 300;

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// To one mailbox within a day, of which one within an hour. A mailbox that was not proved to be the
/// author's is told once within a day: anybody may have written in its name.
const MOST_IN_A_DAY: i64 = 4;

/// Whether and how a helpdesk acknowledges mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acknowledging {
    /// Whether it does; it does not unless somebody said so.
    pub is_on: bool,
    /// The subject; the usual one when empty.
    pub subject: String,
    /// The text; the usual one when empty.
    pub text: String,
    /// Until when none goes out, because very many did; 0, or a time that may be past.
    pub paused_until: i64,
}

/// The words of an acknowledgement, all of them the helpdesk's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

impl Acknowledging {
    /// What is sent.
    pub fn words(&self) -> Acknowledgement {
        let own = |own: &str, usual: &str| match own.is_empty() {
            true => usual.to_owned(),
            false => own.to_owned(),
        };
        Acknowledgement {
            subject: own(&self.subject, USUAL_SUBJECT),
            text: own(&self.text, USUAL_TEXT),
        }
    }
}

/// Whether and how a helpdesk acknowledges mail.
///
/// # Errors
/// When the database cannot be read.
pub async fn acknowledging(app: &App, helpdesk_id: HelpdeskId) -> Result<Acknowledging> {
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::acknowledging(tx, helpdesk_id).await)
        .await?;
    Ok(found.unwrap_or_default())
}

/// Sets it, from the next mail on, and ends a pause. What is empty, or as usual, stays the usual.
///
/// # Errors
/// When subject or text are too long, or the database refuses.
pub async fn set_acknowledging(
    app: &App,
    helpdesk_id: HelpdeskId,
    changer: &Changer,
    (is_on, subject, text): (bool, &str, &str),
) -> Result<()> {
    let new = Acknowledging {
        is_on,
        subject: own(subject.trim(), USUAL_SUBJECT),
        text: own(text.replace("\r\n", "\n").trim(), USUAL_TEXT),
        paused_until: 0,
    };
    if new.subject.chars().count() > LONGEST_SUBJECT || new.subject.chars().any(char::is_control) {
        return Err(Error::unprocessable(
            "invalid_subject",
            format!("The subject is one line of at most {LONGEST_SUBJECT} characters"),
        ));
    }
    if new.text.chars().count() > LONGEST_TEXT || new.text.contains('\0') {
        return Err(Error::unprocessable(
            "invalid_text",
            format!("The text has at most {LONGEST_TEXT} characters"),
        ));
    }
    let entry = Entry::new(app, helpdesk_id, &changer.by(), "acknowledgements changed");
    app.db()
        .write(async move |tx: &mut Tx| {
            let before = store::acknowledging(tx, helpdesk_id).await?.unwrap_or_default();
            if before != new {
                store::put_acknowledging(tx, helpdesk_id, &new).await?;
                entry.write(tx, if new.is_on { "on" } else { "off" }).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

fn own(typed: &str, usual: &str) -> String {
    if typed == usual {
        String::new()
    } else {
        typed.to_owned()
    }
}

/// What an acknowledgement needs that a transaction must not make.
#[derive(Clone, Debug)]
pub struct Asked {
    id: NotificationId,
    paused: Entry,
    now: i64,
    /// Nothing leaves this installation: what would leave much later is not even written down.
    is_kept_back: bool,
}

impl Asked {
    /// For one mail of a helpdesk.
    pub fn new(app: &App, helpdesk_id: HelpdeskId) -> Self {
        Self {
            id: app.new_id(),
            paused: Entry::new(app, helpdesk_id, &By::console(), "acknowledgements paused"),
            now: app.now_ms(),
            is_kept_back: !app.config().mail_delivery,
        }
    }
}

/// Acknowledges the mail that opened this conversation, if its helpdesk wants that and the contact has not
/// been told too often. In the caller's transaction, which files the mail: both are there, or neither.
///
/// # Errors
/// When the database refuses.
pub async fn acknowledge(
    tx: &mut Tx,
    helpdesk_id: HelpdeskId,
    conversation_id: ConversationId,
    asked: &Asked,
) -> std::result::Result<(), db::Error> {
    if asked.is_kept_back {
        return Ok(());
    }
    let Some(settings) = store::lock_acknowledging(tx, helpdesk_id).await? else {
        return Ok(());
    };
    let conversation = unread::conversation(tx, helpdesk_id, conversation_id).await?;
    let is_wanted = |status: Status, channel: Channel| status == Status::Open && channel == Channel::Email;
    let Some(conversation) = conversation
        .filter(|found| is_wanted(found.status, found.channel) && settings.paused_until <= asked.now)
    else {
        return Ok(());
    };
    let contact_id = conversation.contact_id;
    let Some(contact) = contacts::store::by_id(tx, helpdesk_id, contact_id).await? else {
        return Ok(());
    };
    if store::refusal(tx, helpdesk_id, contact_id).await?.is_some() {
        return Ok(());
    }
    let mailbox = mailbox(&contact.email);
    let since = asked.now - DAY_MS;
    let told = store::acknowledged_at(tx, helpdesk_id, Some(&mailbox), since, MOST_IN_A_DAY).await?;
    if !may_be_told(&told, conversation.unverified, asked.now) {
        return Ok(());
    }
    let since = asked.now - HOUR_MS;
    let all = store::acknowledged_at(tx, helpdesk_id, None, since, MOST_IN_AN_HOUR).await?;
    if i64::try_from(all.len()).unwrap_or(i64::MAX) >= MOST_IN_AN_HOUR {
        store::pause_acknowledging(tx, helpdesk_id, asked.now + HOUR_MS).await?;
        let detail = format!("{MOST_IN_AN_HOUR} within an hour: none for the next hour");
        return asked.paused.write(tx, &detail).await;
    }
    let to = (conversation_id, contact_id);
    let does = Automatic::Acknowledges;
    store::insert_automatic(tx, helpdesk_id, (asked.id, does), to, &mailbox, asked.now).await
}

/// `told` is when the mailbox was told within the last day, the newest first.
fn may_be_told(told: &[i64], unverified: bool, now: i64) -> bool {
    let Some(latest) = told.first() else {
        return true;
    };
    let is_few = i64::try_from(told.len()).is_ok_and(|count| count < MOST_IN_A_DAY);
    !unverified && is_few && now - latest >= HOUR_MS
}

/// The mailbox behind an address, as it is counted: whatever somebody adds to it that changes nothing.
pub(super) fn mailbox(email: &str) -> String {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let base = local
        .split_once('+')
        .map_or(local, |(base, _)| if base.is_empty() { local } else { base });
    match domain {
        "gmail.com" | "googlemail.com" => format!("{}@gmail.com", base.replace('.', "")),
        _ => format!("{base}@{domain}"),
    }
}

/// What an acknowledgement that is due says, or why it is not needed any more.
pub(super) async fn says(
    tx: &mut Tx,
    conversation: &Conversation,
) -> Result<std::result::Result<Says, &'static str>> {
    let (helpdesk_id, id) = (conversation.helpdesk_id, conversation.id);
    let settings = store::acknowledging(tx, helpdesk_id).await?.unwrap_or_default();
    if !settings.is_on {
        return Ok(Err("Acknowledgements were switched off"));
    }
    if conversation.status != Status::Open {
        return Ok(Err("The conversation was closed before"));
    }
    if unread::is_answered(tx, helpdesk_id, id).await? {
        return Ok(Err("An operator answered before"));
    }
    Ok(Ok(Says::Received(settings.words())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_to_an_address_is_the_same_mailbox() {
        for (email, same) in [
            ("ann@x.example", "ann@x.example"),
            ("ann+7@x.example", "ann@x.example"),
            ("ann+7+8@x.example", "ann@x.example"),
            ("+7@x.example", "+7@x.example"),
            ("a.nn@x.example", "a.nn@x.example"),
            ("a.n.n+x@gmail.com", "ann@gmail.com"),
            ("ann@googlemail.com", "ann@gmail.com"),
        ] {
            assert_eq!(mailbox(email), same);
        }
    }

    #[test]
    fn a_mailbox_is_told_rarely_and_one_without_proof_once_a_day() {
        let (now, minute) = (100 * DAY_MS, 60 * 1000);
        let ago = |hours: &[i64]| -> Vec<i64> { hours.iter().map(|hours| now - hours * HOUR_MS).collect() };
        assert!(may_be_told(&[], true, now));
        assert!(!may_be_told(&ago(&[23]), true, now));
        assert!(may_be_told(&ago(&[1]), false, now));
        assert!(!may_be_told(&[now - 59 * minute], false, now));
        assert!(may_be_told(&ago(&[2, 5, 20]), false, now));
        assert!(!may_be_told(&ago(&[2, 5, 20, 23]), false, now));
    }
}
