//! Reports without a part for machines: qmail, old Exim and Exchange, providers' own words.

use super::{DIAGNOSTIC_CHARACTERS, Failure, MOST_RECIPIENTS, Outcome, TEXT_BYTES, address, enhanced};
use crate::one_line;
use crate::parsed::ParsedMail;

/// What the text says above the addresses, in lower case, and what it means.
const OPENINGS: &[(&str, Outcome)] = &[
    // qmail, and Yahoo in its words.
    (
        "i'm afraid i wasn't able to deliver your message",
        Outcome::Permanent,
    ),
    ("i wasn't able to deliver your message", Outcome::Permanent),
    (
        "sorry, we were unable to deliver your message",
        Outcome::Permanent,
    ),
    ("this is a permanent error; i've given up", Outcome::Permanent),
    // Exim.
    (
        "a message that you sent could not be delivered",
        Outcome::Permanent,
    ),
    (
        "a message that you sent has not yet been delivered",
        Outcome::Transient,
    ),
    (
        "a message that you have sent could not be delivered",
        Outcome::Permanent,
    ),
    // Postfix.
    (
        "i'm sorry to have to inform you that your message could not",
        Outcome::Permanent,
    ),
    ("your message could not be delivered for", Outcome::Transient),
    ("this is the mail system at host", Outcome::Permanent),
    // Gmail.
    ("message not delivered", Outcome::Permanent),
    ("address not found", Outcome::Permanent),
    ("your message wasn't delivered to", Outcome::Permanent),
    (
        "delivery to the following recipient failed permanently",
        Outcome::Permanent,
    ),
    ("delivery incomplete", Outcome::Transient),
    (
        "there was a temporary problem delivering your message",
        Outcome::Transient,
    ),
    // Exchange and Outlook.
    ("delivery has failed to these recipients", Outcome::Permanent),
    (
        "your message did not reach some or all of the intended recipients",
        Outcome::Permanent,
    ),
    ("the following recipient(s) cannot be reached", Outcome::Permanent),
    ("delivery to the following recipients failed", Outcome::Permanent),
    (
        "delivery to these recipients or groups is delayed",
        Outcome::Transient,
    ),
    // Sendmail and others.
    (
        "the following addresses had permanent fatal errors",
        Outcome::Permanent,
    ),
    (
        "the following addresses had transient non-fatal errors",
        Outcome::Transient,
    ),
    ("your message was not delivered", Outcome::Permanent),
    ("could not deliver your message", Outcome::Permanent),
    ("the following message could not be delivered", Outcome::Permanent),
    ("undelivered mail returned to sender", Outcome::Permanent),
    ("die folgende nachricht konnte nicht", Outcome::Permanent),
    ("die nachricht konnte nicht zugestellt werden", Outcome::Permanent),
    ("fehler bei der nachrichtenzustellung", Outcome::Permanent),
    ("votre message n'a pas pu être remis", Outcome::Permanent),
    ("échec de la remise", Outcome::Permanent),
    ("no se pudo entregar el mensaje", Outcome::Permanent),
    ("error de entrega a estos destinatarios", Outcome::Permanent),
];

/// Where the returned mail begins: addresses below are its own.
const RETURNED: &[&str] = &[
    "--- below this line is a copy",
    "------ this is a copy of the message",
    "--- original message ---",
    "----- original message -----",
    "return-path:",
    "received:",
    "--- forwarded message",
    "----- transcript of session follows",
    "original message headers",
    "diagnostic information for administrators",
];

/// Reads the recipients off the text, if it begins as a report does.
pub(super) fn failures(mail: &ParsedMail) -> Option<Vec<Failure>> {
    let text = mail
        .text
        .get(..mail.text.floor_char_boundary(TEXT_BYTES))
        .unwrap_or_default();
    let joined = text
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
        .replace('’', "'");
    // It stands near the beginning; a quoted report further down is somebody's complaint.
    let head = joined
        .get(..joined.floor_char_boundary(2_000))
        .unwrap_or_default();
    let (_, outcome) = OPENINGS.iter().find(|(opening, _)| head.contains(opening))?;
    let failed = mail.header("x-failed-recipients");
    let mut failures: Vec<Failure> = Vec::new();
    if let Some(failed) = &failed {
        let named = failed.split(',').filter_map(address);
        failures.extend(named.take(MOST_RECIPIENTS).map(|recipient| Failure {
            recipient: Some(recipient),
            outcome: *outcome,
            status: None,
            diagnostic: String::new(),
        }));
    }
    let mut said = String::new();
    for line in text.lines().map(str::trim) {
        let lower = line.to_lowercase();
        if RETURNED.iter().any(|start| lower.starts_with(start)) {
            break;
        }
        // An address at the beginning of its line, or alone in it.
        let is_listed = line.starts_with('<')
            || line
                .split_ascii_whitespace()
                .next()
                .is_some_and(|word| word.contains('@'));
        if let Some(recipient) = address(line).filter(|_| is_listed) {
            let is_known = failures
                .iter()
                .any(|failure| failure.recipient.as_ref() == Some(&recipient));
            if !is_known && failed.is_none() && failures.len() < MOST_RECIPIENTS {
                failures.push(Failure {
                    recipient: Some(recipient),
                    outcome: *outcome,
                    status: None,
                    diagnostic: String::new(),
                });
            }
            let rest = line
                .split_once(['>', ' '])
                .map_or("", |(_, rest)| rest)
                .trim_matches([':', ' ', '>']);
            said.push_str(&format!(" {rest}"));
        } else if !failures.is_empty() && is_diagnostic(&lower) {
            said.push_str(&format!(" {line}"));
        }
    }
    if failures.is_empty() {
        failures.push(Failure {
            recipient: None,
            outcome: *outcome,
            status: None,
            diagnostic: String::new(),
        });
    }
    let status = enhanced(&said).or_else(|| enhanced(&joined));
    for failure in &mut failures {
        failure.diagnostic = one_line(&said, DIAGNOSTIC_CHARACTERS);
        if status.as_deref().is_some_and(|status| status.starts_with('4')) {
            failure.outcome = Outcome::Transient;
        }
        failure.status.clone_from(&status);
    }
    Some(failures)
}

/// Lines in which a server tells what another one said.
fn is_diagnostic(lower: &str) -> bool {
    [
        "550", "551", "552", "553", "554", "421", "450", "451", "452", "smtp", "user", "mailbox", "unknown",
        "said:", "quota", "no such", "remote", "sorry", "host",
    ]
    .iter()
    .any(|word| lower.contains(word))
}
