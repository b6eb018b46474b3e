//! Mail that a person passed on: who wrote it first.
//!
//! An operator forwards a customer's mail into the help desk, and it is to become the customer's
//! conversation. What is read here is a claim of whoever forwarded, and no proof.

use crate::parsed::{self, Attachment, Correspondent, Limits, ParsedMail};
use crate::reply::{Field, field, is_forwarded_message, is_header_block};
use crate::{Address, one_line};

/// How a forwarded mail's subject begins, in lower case.
const PREFIXES: &[&str] = &[
    "fwd:",
    "fw:",
    "forward:",
    "wg:",
    "wtr:",
    "tr:",
    "rv:",
    "enc:",
    "i:",
    "doorst:",
    "fwd :",
    "tr :",
    "pd:",
    "podaj dalej:",
    "przekazane:",
    "пересл:",
    "fwd：",
    "転送:",
    "转发:",
    "转发：",
    "轉寄:",
    "轉寄：",
    "إعادة توجيه:",
    "vs:",
    "vb:",
];
const HEAD_LINES: usize = 16;

/// The mail inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Who wrote it, as the one who forwarded it says.
    pub author: Correspondent,
    /// Its subject, one line; may be empty.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// What was written above it by the one who forwarded it; may be empty.
    pub comment: String,
}

/// Finds the mail that was passed on, as an attachment or in the text. `None` when there is none, or its
/// author cannot be told.
pub fn original(mail: &ParsedMail) -> Option<Original> {
    attached(mail).or_else(|| in_text(mail))
}

/// One attached mail, in a mail that reports nothing.
fn attached(mail: &ParsedMail) -> Option<Original> {
    let is_mail =
        |file: &&Attachment| matches!(file.content_type.as_str(), "message/rfc822" | "message/global");
    let mut mails = mail.attachments.iter().filter(is_mail);
    let (only, None) = (mails.next()?, mails.next()) else {
        return None;
    };
    if mail.report_type.is_some() {
        return None;
    }
    let inside = parsed::parse(&only.content, &Limits::default()).ok()?;
    Some(Original {
        author: inside.from.one()?.clone(),
        subject: inside.subject,
        text: inside.text,
        comment: mail.text.trim().to_owned(),
    })
}

fn in_text(mail: &ParsedMail) -> Option<Original> {
    let subject = mail.subject.trim_start().to_lowercase();
    let is_passed_on = PREFIXES.iter().any(|prefix| subject.starts_with(prefix));
    let lines: Vec<&str> = mail.text.lines().collect();
    let bare: Vec<&str> = lines
        .iter()
        .map(|line| line.trim_start_matches(['>', ' ', '|']).trim())
        .collect();
    // A rule that says it, or a bare block of headers below a subject that does.
    let head = (0..bare.len()).find_map(|at| {
        let rest = bare.get(at..)?;
        let first = *rest.first()?;
        if is_forwarded_message(first) {
            return Some(at + 1);
        }
        (is_passed_on && is_header_block(rest)).then_some(at)
    })?;
    let (author, subject, body) = head_of(bare.get(head..)?)?;
    let above: Vec<&str> = lines
        .iter()
        .take(head)
        .copied()
        .filter(|line| !is_forwarded_message(line))
        .collect();
    let comment = above.join("\n");
    Some(Original {
        author,
        subject,
        text: unquoted(lines.get(head + body..).unwrap_or_default()),
        comment: comment.trim().trim_end_matches(['_', '-', ' ', '\n']).to_owned(),
    })
}

/// Reads the block of headers: author, subject, and where the text below begins.
fn head_of(lines: &[&str]) -> Option<(Correspondent, String, usize)> {
    let (mut author, mut subject) = (None, String::new());
    let mut end = 0;
    let mut is_wrapped = None;
    for (at, line) in lines.iter().take(HEAD_LINES).enumerate() {
        if line.is_empty() {
            if author.is_some() {
                end = at + 1;
                break;
            }
            continue;
        }
        is_wrapped = match (field(line), is_wrapped) {
            (Some((Field::From, value)), _) => {
                author = author.or_else(|| correspondent(value));
                // Some programs break between the name and its address.
                author.is_none().then_some(value)
            }
            (Some((Field::Subject, value)), _) => {
                value.clone_into(&mut subject);
                None
            }
            (None, Some(value)) => {
                author = correspondent(&format!("{value} {line}"));
                None
            }
            _ => None,
        };
        end = at + 1;
    }
    Some((author?, one_line(&subject, 500), end))
}

/// `Ann Bee <ann@example.com>`, `Ann Bee [mailto:ann@example.com]`, `"Bee, Ann" ann@example.com`.
fn correspondent(value: &str) -> Option<Correspondent> {
    let value = value
        .replace("[mailto:", "<")
        .replace("<mailto:", "<")
        .replace(']', ">");
    // HTML told as text repeats an address that was a link: `<a@x <mailto:a@x>>`.
    let at = value.find('@')?;
    let is_edge = |c: char| c.is_whitespace() || "<>()[],;\"".contains(c);
    let start = value.get(..at)?.rfind(is_edge).map_or(0, |edge| {
        edge + value
            .get(edge..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8)
    });
    let end = value
        .get(at..)?
        .find(is_edge)
        .map_or(value.len(), |edge| at + edge);
    let address = Address::parse(value.get(start..end)?).ok()?;
    let name = value
        .get(..start)?
        .trim_matches(['<', '(', '"', '\'', '*', ' ', '\u{a0}', '\u{202a}', '“', '”']);
    Some(Correspondent {
        name: one_line(name, 100),
        address,
    })
}

/// Without one level of quote marks, when every line has one.
fn unquoted(lines: &[&str]) -> String {
    let is_quoted = lines
        .iter()
        .all(|line| line.trim().is_empty() || line.starts_with('>'));
    let strip = |line: &&str| -> String {
        let bare = if is_quoted {
            line.strip_prefix('>').unwrap_or(line)
        } else {
            line
        };
        if is_quoted {
            bare.strip_prefix(' ').unwrap_or(bare).to_owned()
        } else {
            bare.to_owned()
        }
    };
    let text: Vec<String> = lines.iter().map(strip).collect();
    text.join("\n").trim_matches('\n').trim_end().to_owned()
}

#[cfg(test)]
mod tests;
