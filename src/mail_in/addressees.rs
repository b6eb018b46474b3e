//! Whom a mail names besides us: its other recipients and its author.

use super::store::Claimed;
use crate::app::App;
use mail::parsed::ParsedMail;
use mail::{Address, Mailbox};

/// Headers in which servers note the address of ours to which a mail was delivered, or by which it was forwarded.
const OURS: &[&str] = &[
    "delivered-to",
    "x-delivered-to",
    "x-original-to",
    "x-forwarded-to",
    "x-forwarded-for",
    "envelope-to",
    "x-envelope-to",
    "resent-to",
];

/// The addresses in From, To and Cc, each once: without those by which mail comes in here, as far as that can be
/// told, and without those that not every server can write to.
pub(super) fn of(app: &App, claimed: &Claimed, mail: &ParsedMail) -> Vec<Address> {
    let noted: Vec<String> = OURS
        .iter()
        .flat_map(|name| mail.all(name))
        .flat_map(|header| addresses_in(&header.text()))
        .chain(claimed.recipients.lines().map(str::to_ascii_lowercase))
        .collect();
    let (domain, from) = (
        app.config().mail_in.domain.as_deref(),
        app.config().mail_from.as_deref(),
    );
    let is_ours = |address: &Address| {
        let (_, of) = address.as_str().rsplit_once('@').unwrap_or_default();
        domain.is_some_and(|own| of.eq_ignore_ascii_case(own))
            || from.is_some_and(|own| own.eq_ignore_ascii_case(address.as_str()))
            || noted.iter().any(|noted| noted == address.as_str())
    };
    let is_known = mail.recipients().iter().any(|one| is_ours(&one.address));
    // Written to one address, and not to one that is known: that one led here.
    let to = mail.to.as_slice();
    let to = if is_known || to.len() > 1 { to } else { &[] };
    let mut found: Vec<Address> = Vec::new();
    let named = mail.from.one().into_iter().chain(to).chain(&mail.cc);
    for address in named.map(|correspondent| &correspondent.address) {
        let is_mailable = Mailbox::new("", address.as_str()).is_ok_and(|mailbox| !mailbox.needs_smtputf8());
        if is_mailable && !is_ours(address) && !found.contains(address) {
            found.push(address.clone());
        }
    }
    found
}

/// The words of a header that are addresses: servers write them bare, in brackets, or several.
fn addresses_in(value: &str) -> Vec<String> {
    let marks = |c: char| c.is_whitespace() || "<>,;()\"".contains(c);
    let words = value.split(marks).filter(|word| word.contains('@'));
    words.map(str::to_ascii_lowercase).collect()
}
