//! Copies of answers: who is offered for one, and who got one.

use crate::app::App;
use crate::conversations::Channel;
use crate::conversations::by_operator::{Entry as Stored, Opened};
use crate::conversations::copies::{self, Copies};
use crate::dashboard::access::Reader;
use crate::dashboard::pages::inbox::{Entry, Message};
use crate::error::Result;
use crate::mail_in::imap;
use crate::mail_in::mails::Listed;
use crate::mail_out::settings;
use crate::notifications;

/// What is known of copies in a conversation, and whether those to whom the contact wrote last are chosen by
/// themselves. The addresses that mail comes in by are left out: a copy to one of them would come back.
pub(super) async fn read(app: &App, reader: &Reader, opened: &Opened) -> Result<(Copies, bool)> {
    let helpdesk_id = reader.member.helpdesk_id;
    if opened.conversation.channel != Channel::Email {
        return Ok((Copies::default(), false));
    }
    let mut found = copies::of_conversation(app, &reader.member, opened.conversation.id).await?;
    if found.named.is_empty() {
        return Ok((found, false));
    }
    let from = settings::of(app, helpdesk_id).await?.from_address;
    let mailboxes = imap::list(app, helpdesk_id).await?;
    let is_ours = |address: &str| {
        let is = |own: &str| own.eq_ignore_ascii_case(address);
        from.as_deref().is_some_and(is) || mailboxes.iter().any(|mailbox| is(&mailbox.user))
    };
    found.addressees.retain(|one| !is_ours(&one.address));
    found.named.retain(|(address, _)| !is_ours(address));
    Ok((found, notifications::keeps_copies(app, helpdesk_id).await?))
}

/// Who is offered, and whether they are chosen: as they were, or as the helpdesk wants it.
pub(super) fn offered(of: &Copies, chosen: Option<&[String]>, keeps: bool) -> Vec<(String, bool)> {
    let is_chosen = |address: &String, is_latest: bool| match chosen {
        Some(chosen) => chosen.contains(address),
        None => keeps && is_latest,
    };
    of.addressees
        .iter()
        .map(|one| (one.address.clone(), is_chosen(&one.address, one.is_latest)))
        .collect()
}

/// Writes on each mail whom else it names, and on each answer who else got it.
pub(super) fn tell(entries: &mut [Entry], opened: &Opened, letters: &[Listed], copies: &Copies) {
    for entry in entries {
        match entry {
            Entry::Contact(shown) => shown.copies = named(shown, letters, copies),
            Entry::Operator(shown) => shown.copies = given(shown, opened, copies),
            _ => {}
        }
    }
}

fn named(shown: &Message, letters: &[Listed], copies: &Copies) -> Vec<String> {
    let letter = letters.iter().find(|letter| letter.entry == Some(shown.id));
    let is_author = |address: &str| letter.is_some_and(|letter| letter.author_email == address);
    let of = copies
        .named
        .iter()
        .filter(|(address, entry)| *entry == shown.id && !is_author(address));
    of.map(|(address, _)| address.clone()).collect()
}

fn given(shown: &Message, opened: &Opened, copies: &Copies) -> Vec<String> {
    let position = opened.entries.iter().find_map(|stored| match stored {
        Stored::Message(message) if message.entry == shown.id => Some(message.position),
        _ => None,
    });
    let of = copies.given.iter().filter(|(of, _)| Some(*of) == position);
    of.map(|(_, address)| address.clone()).collect()
}
