//! What mails have in common that a machine writes by itself: they carry no message, go to the contact, are due at
//! once, and say nothing that a sender typed.

use super::claiming::{Look, Mail};
use super::store::{self, Notification};
use super::{Acknowledgement, Recipient, State, acknowledging, confirming};
use crate::contacts;
use crate::conversations::unread::{self, Unread};
use crate::error::Result;
use db::Tx;

/// What was kept back for longer says nothing that its reader needs.
const LATEST_MS: i64 = 24 * 60 * 60 * 1000;

/// What such a mail does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Automatic {
    /// It says that a mail has come in.
    Acknowledges,
    /// It asks whoever reads the address to confirm it.
    Confirms,
}

impl Automatic {
    /// From what is stored: the mailbox it is counted for, and whether it asks to confirm.
    pub(super) fn of(mailbox: Option<&str>, confirming: bool) -> Option<Self> {
        let does = if confirming {
            Self::Confirms
        } else {
            Self::Acknowledges
        };
        mailbox.map(|_| does)
    }
}

/// What such a mail says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// That the contact's mail has come in, in these words.
    Received(Acknowledgement),
    /// That the address is to be confirmed.
    Confirm,
}

/// What is to become of such a mail that is due.
pub(super) async fn look(tx: &mut Tx, row: &Notification, does: Automatic, now: i64) -> Result<Look> {
    let cancelled = |why: &str| Ok(Look::End(State::Cancelled, why.to_owned()));
    let helpdesk_id = row.thread.helpdesk_id;
    let Recipient::Contact { contact_id } = row.thread.recipient else {
        return cancelled("Operators get no such mails");
    };
    if now - row.created_at > LATEST_MS {
        return cancelled("It would have come too late");
    }
    // Under the lock that answering takes.
    let unread = unread::by_contact(tx, helpdesk_id, row.thread.conversation_id, (1, 0), 0).await?;
    let Some(Unread { conversation, .. }) = unread else {
        return cancelled("The conversation is gone");
    };
    let says = match does {
        Automatic::Acknowledges => acknowledging::says(tx, &conversation).await?,
        Automatic::Confirms => confirming::says(tx, &conversation).await?,
    };
    let says = match says {
        Ok(says) => says,
        Err(why) => return cancelled(why),
    };
    if let Some(refusal) = store::refusal(tx, helpdesk_id, contact_id).await? {
        return Ok(Look::End(State::Unreachable, refusal.sentence()));
    }
    let Some(contact) = contacts::store::by_id(tx, helpdesk_id, contact_id).await? else {
        return cancelled("The contact is gone");
    };
    Ok(Look::Send(Box::new(Mail {
        // Whoever wrote in somebody's name typed the name, too.
        name: String::new(),
        address: contact.email,
        unread: Unread {
            conversation,
            messages: Vec::new(),
            copies: Vec::new(),
        },
        content_free: true,
        says: Some(says),
    })))
}
