//! Reports about mail that was not delivered: the standard ones (RFC 3464) and what servers write
//! instead.
//!
//! Anybody can write such a report. It changes something only when it carries a token of ours that proves
//! itself.

mod informal;

use crate::parsed::{self, Attachment, ParsedMail};
use crate::{Address, one_line};

const DIAGNOSTIC_CHARACTERS: usize = 500;
const MOST_RECIPIENTS: usize = 100;
/// What is looked at of a part that is no report.
const TEXT_BYTES: usize = 64 * 1_024;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It will not be delivered (5.x.x).
    Permanent,
    /// It was given up for now, or is still being tried (4.x.x).
    Transient,
    /// It was delivered, or passed on to where no reports come from.
    Delivered,
}

/// What a report says about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Who was not reached; `None` when the report does not say.
    pub recipient: Option<Address>,
    /// What became of it.
    pub outcome: Outcome,
    /// Like `5.1.1` (RFC 3463).
    pub status: Option<String>,
    /// What the other server said, as one line; may be empty.
    pub diagnostic: String,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// One for each recipient; at least one.
    pub failures: Vec<Failure>,
    /// The Message-ID of the mail it is about, without angle brackets, if it came along.
    pub message_id: Option<String>,
    /// All ids that stand in what came along, the above first; a token of ours may be in any of them.
    pub ids: Vec<String>,
}

/// Reads a report; `None` when the mail is none. Whether a mail may be one at all is told by
/// [`crate::machine`].
pub fn report(mail: &ParsedMail) -> Option<Report> {
    let failures = match standard(mail) {
        Some(failures) => failures,
        None => informal::failures(mail)?,
    };
    let ids = ids(mail);
    Some(Report {
        failures,
        message_id: ids.first().cloned(),
        ids,
    })
}

/// The machine's part of a multipart/report.
fn standard(mail: &ParsedMail) -> Option<Vec<Failure>> {
    let is_status = |file: &&Attachment| {
        matches!(
            file.content_type.as_str(),
            "message/delivery-status" | "message/global-delivery-status"
        )
    };
    let status = mail.attachments.iter().find(is_status)?;
    let text = String::from_utf8_lossy(status.content.get(..TEXT_BYTES).unwrap_or(&status.content))
        .replace("\r\n", "\n");
    let failures: Vec<Failure> = text
        .split("\n\n")
        .filter_map(recipient)
        .take(MOST_RECIPIENTS)
        .collect();
    (!failures.is_empty()).then_some(failures)
}

/// One group of fields (RFC 3464, 2.3). The first group is about the mail and has no recipient.
fn recipient(group: &str) -> Option<Failure> {
    let (mut original, mut last) = (None, None);
    let (mut action, mut status, mut diagnostic) = (String::new(), None, String::new());
    for (name, value) in fields(group) {
        // `rfc822; user@example.com`, `smtp; 550 5.1.1 no such user`
        let typed = value
            .split_once(';')
            .map_or(value.as_str(), |(_, value)| value)
            .trim();
        match name.as_str() {
            "final-recipient" => last = address(typed),
            "original-recipient" => original = address(typed),
            "action" => action = value.trim().to_ascii_lowercase(),
            "status" => status = enhanced(&value),
            "diagnostic-code" => diagnostic = one_line(typed, DIAGNOSTIC_CHARACTERS),
            _ => {}
        }
    }
    let is_about_recipient = last.is_some() || original.is_some() || !action.is_empty();
    // Some servers write 5.0.0 into the field and the truth into the sentence.
    let precise =
        enhanced(&diagnostic).filter(|_| status.as_deref().is_none_or(|status| status.ends_with(".0.0")));
    let status = precise.or(status);
    let outcome = match (
        action.as_str(),
        status.as_deref().and_then(|status| status.chars().next()),
    ) {
        ("delivered" | "relayed" | "expanded", _) => Outcome::Delivered,
        ("delayed", _) | (_, Some('4')) => Outcome::Transient,
        (_, Some('2')) => Outcome::Delivered,
        _ => Outcome::Permanent,
    };
    is_about_recipient.then_some(Failure {
        recipient: last.or(original),
        outcome,
        status,
        diagnostic,
    })
}

/// Fields with their folded lines joined; names in lower case.
fn fields(group: &str) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = fields.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    fields
}

/// An address out of what stands around it.
fn address(text: &str) -> Option<Address> {
    let word = text
        .split(|c: char| c.is_whitespace() || "<>()[]\"',;".contains(c))
        .find(|word| word.contains('@'))?;
    Address::parse(word.trim_matches([':', '.'])).ok()
}

/// The first enhanced status code of a text: one digit, two numbers (RFC 3463, 2).
fn enhanced(text: &str) -> Option<String> {
    let words = text
        .split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|word| word.trim_matches('.'));
    let is_code = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        let [class, subject, detail] = parts.as_slice() else {
            return false;
        };
        matches!(*class, "2" | "4" | "5")
            && [subject, detail].iter().all(|part| (1..=3).contains(&part.len()))
    };
    words
        .filter(|word| word.len() <= 9)
        .find(is_code)
        .map(str::to_owned)
}

/// The ids of the mail that came back: as an attached mail, as its headers, or within the text.
fn ids(mail: &ParsedMail) -> Vec<String> {
    let mut ids = Vec::new();
    for file in &mail.attachments {
        if matches!(
            file.content_type.as_str(),
            "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers"
        ) {
            let head =
                String::from_utf8_lossy(file.content.get(..TEXT_BYTES).unwrap_or(&file.content)).into_owned();
            ids.extend(ids_in(&head));
        }
    }
    if ids.is_empty() {
        ids = ids_in(&mail.text);
    }
    ids.extend(mail.in_reply_to.iter().chain(&mail.references).cloned());
    ids.truncate(MOST_RECIPIENTS);
    ids
}

/// The value of each `Message-ID:`, then those of the thread's headers.
fn ids_in(text: &str) -> Vec<String> {
    let text = text
        .get(..text.floor_char_boundary(TEXT_BYTES))
        .unwrap_or_default()
        .replace("\r\n", "\n");
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.trim_start_matches(['>', ' ', '|']).to_owned())
        .collect();
    let named = |wanted: &str| -> Vec<String> {
        let mut found = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let Some((name, value)) = line.split_once(':') else {
                continue;
            };
            if !name.trim().eq_ignore_ascii_case(wanted) {
                continue;
            }
            // A long id stands in the next line.
            let next = lines
                .get(at + 1)
                .map(String::as_str)
                .filter(|next| value.trim().is_empty() && next.starts_with('<'));
            found.extend(parsed::ids(next.unwrap_or(value).as_bytes()));
        }
        found
    };
    ["message-id", "in-reply-to", "references"]
        .iter()
        .flat_map(|name| named(name))
        .collect()
}

#[cfg(test)]
mod tests;
