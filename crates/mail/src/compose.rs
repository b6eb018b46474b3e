//! A typed mail becomes bytes: RFC 5322 headers over one multipart/alternative of text and HTML.
//!
//! `mail-builder` folds and encodes. What it is given has been checked here: no value of a header
//! holds a line break, and the set of headers is the one below, whatever anybody's name is.

use crate::mailbox::Mailbox;
use crate::one_line::one_line;
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address as Addresses;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId as MessageIdHeader;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::url::URL;
use mail_builder::mime::{BodyPart, MimePart};
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};

/// Marks our own mail, so that the pipeline for incoming mail can tell when it comes back.
pub const LOOP_HEADER: &str = "X-Helpdesky-Loop";

const SUBJECT_CHARACTERS: usize = 200;
const MARK_BYTES: usize = 100;
const ID_BYTES: usize = 250;
const URL_BYTES: usize = 900;
/// A thread keeps its beginning and its latest mails (RFC 5322 asks for all, lines for fewer).
const MOST_REFERENCES: usize = 20;

/// Who wrote a mail that goes out (RFC 3834): machines say that they are machines, so that no other one
/// answers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// A person: the mail carries their answer.
    Person,
    /// A machine, of its own accord.
    Machine,
    /// A machine, at once and in answer to a mail. Whatever becomes of such a mail is reported to nobody.
    MachineInAnswer,
}

/// A mail to one recipient, and maybe a copy of it to others.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    /// Who writes.
    pub from: Mailbox,
    /// Who is written to.
    pub to: Mailbox,
    /// Who else gets the same mail, in sight of all who get it.
    pub copies: Vec<Mailbox>,
    /// Where an answer goes, when not to `from`.
    pub reply_to: Option<Mailbox>,
    /// Any text; becomes one line.
    pub subject: String,
    /// When it was written, seconds since the epoch.
    pub date_seconds: i64,
    /// Its id; a retry keeps it.
    pub message_id: MessageId,
    /// The mails of this thread before it, oldest first; the last one is the one it answers.
    pub references: Vec<MessageId>,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// How to stop such mail.
    pub unsubscribe: Option<Unsubscribe>,
    /// Whether a person or a machine wrote it.
    pub writer: Writer,
    /// What the loop header says: whose mail this is.
    pub loop_mark: String,
    /// Files that go along.
    pub files: Vec<File>,
}

/// A file that goes along with a mail.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name, on one line.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A mail as it is sent.
#[derive(Clone, Debug)]
pub struct ComposedMail {
    /// The envelope's sender.
    pub sender: String,
    /// The envelope's recipient.
    pub recipient: String,
    /// The other recipients of the envelope. Whoever of them is refused stays without the mail.
    pub copies: Vec<String>,
    /// True when no report is wanted: the sender of the envelope is empty wherever the server takes that.
    pub has_null_return_path: bool,
    /// Headers and body; every line ends in CRLF.
    pub bytes: Vec<u8>,
    /// True when only a server with SMTPUTF8 can take it.
    pub needs_smtputf8: bool,
}

/// A Message-ID, without its angle brackets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageId(String);

impl MessageId {
    /// Reads an id, with or without angle brackets. Ids of other people's mail come back in our
    /// headers, so only plain ones are taken.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text
            .strip_prefix('<')
            .and_then(|rest| rest.strip_suffix('>'))
            .unwrap_or(text);
        let (left, right) = text.split_once('@')?;
        let is_plain = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && !b"<>()[]\\\",;:@".contains(&b))
        };
        (text.len() <= ID_BYTES && is_plain(left) && is_plain(right)).then(|| Self(text.to_owned()))
    }

    /// The id without angle brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.0)
    }
}

/// An address by which the recipient stops such mail with one click (RFC 8058).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribe(String);

impl Unsubscribe {
    /// Takes an http or https address.
    pub fn parse(url: &str) -> Option<Self> {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let is_plain = url
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"<>\",".contains(&b));
        (is_web && is_plain && url.len() <= URL_BYTES).then(|| Self(url.to_owned()))
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// One-click means POST over https; anything else is only a link.
    fn is_one_click(&self) -> bool {
        self.0.starts_with("https://")
    }
}

/// Makes the bytes of a mail. The same mail gives the same bytes.
pub fn compose(mail: &OutgoingMail) -> ComposedMail {
    let (text, html) = (body(&mail.text), body(&mail.html));
    let boundary = boundary(&mail.message_id, &text, &html);
    let mut builder = MessageBuilder::new()
        .header("From", mail.from.header())
        .header("To", mail.to.header());
    if !mail.copies.is_empty() {
        let copies = mail.copies.iter().map(Mailbox::header).collect();
        builder = builder.header("Cc", Addresses::List(copies));
    }
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.header("Reply-To", reply_to.header());
    }
    builder = builder
        .header("Subject", Text::new(one_line(&mail.subject, SUBJECT_CHARACTERS)))
        .header("Date", Date::new(mail.date_seconds))
        .header("Message-ID", MessageIdHeader::new(mail.message_id.as_str()));
    if let Some(answered) = mail.references.last() {
        builder = builder
            .header("In-Reply-To", MessageIdHeader::new(answered.as_str()))
            .header("References", references(&mail.references));
    }
    match mail.writer {
        Writer::Person => {}
        Writer::Machine => builder = builder.header("Auto-Submitted", raw("auto-generated")),
        Writer::MachineInAnswer => builder = builder.header("Auto-Submitted", raw("auto-replied")),
    }
    let has_null_return_path = mail.writer == Writer::MachineInAnswer;
    let suppressed = if has_null_return_path {
        "All"
    } else {
        // No answer by a machine is wanted; reports of non-delivery are.
        "OOF, AutoReply, DR, RN, NRN"
    };
    builder = builder
        .header("X-Auto-Response-Suppress", raw(suppressed))
        .header(LOOP_HEADER, Raw::new(mark(&mail.loop_mark)));
    if let Some(unsubscribe) = &mail.unsubscribe {
        builder = builder.header("List-Unsubscribe", URL::new(unsubscribe.url()));
        if unsubscribe.is_one_click() {
            builder = builder.header("List-Unsubscribe-Post", raw("List-Unsubscribe=One-Click"));
        }
    }
    let parts = vec![
        MimePart::new("text/plain", BodyPart::Text(text.into())),
        MimePart::new("text/html", BodyPart::Text(html.into())),
    ];
    let alternative = ContentType::new("multipart/alternative").attribute("boundary", boundary.clone());
    let words = MimePart::new(alternative, parts);
    let whole = match mail.files.as_slice() {
        [] => words,
        files => with_files(words, files, &mail.message_id, &boundary),
    };
    let builder = builder.header("MIME-Version", raw("1.0")).body(whole);
    let mut bytes = Vec::new();
    builder.serialize(&mut bytes);
    let named = [&mail.from, &mail.to].into_iter();
    let mut all = named.chain(&mail.reply_to).chain(&mail.copies);
    ComposedMail {
        sender: mail.from.address(),
        recipient: mail.to.address(),
        copies: mail.copies.iter().map(Mailbox::address).collect(),
        has_null_return_path,
        bytes,
        needs_smtputf8: all.any(Mailbox::needs_smtputf8),
    }
}

/// The words first, each file after them. Base64 holds no boundary, so that this one depends on the words' only.
fn with_files<'a>(words: MimePart<'a>, files: &'a [File], id: &MessageId, inner: &str) -> MimePart<'a> {
    let mixed = ContentType::new("multipart/mixed").attribute("boundary", boundary(id, inner, "mixed"));
    let files = files.iter().map(|file| {
        let bytes = BodyPart::Binary(file.bytes.as_slice().into());
        MimePart::new(file.content_type.as_str(), bytes).attachment(file.name.as_str())
    });
    MimePart::new(mixed, std::iter::once(words).chain(files).collect::<Vec<_>>())
}

fn raw(value: &'static str) -> HeaderType<'static> {
    Raw::new(value).into()
}

fn references(all: &[MessageId]) -> MessageIdHeader<'static> {
    let latest = all.len().saturating_sub(MOST_REFERENCES - 1).max(1);
    let kept = all.iter().take(1).chain(all.iter().skip(latest));
    MessageIdHeader::new_list(kept.map(|id| id.as_str().to_owned()))
}

/// Letters, digits and hyphens only: it is compared, never shown.
fn mark(text: &str) -> String {
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    text.chars().filter(is_plain).take(MARK_BYTES).collect()
}

/// Line breaks of any kind become CRLF; what no text may hold becomes a replacement character.
fn body(text: &str) -> String {
    let mut body = String::with_capacity(text.len() + text.len() / 32 + 2);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                characters.next_if_eq(&'\n');
                body.push_str("\r\n");
            }
            '\n' => body.push_str("\r\n"),
            '\t' => body.push('\t'),
            control if control.is_ascii_control() => body.push(char::REPLACEMENT_CHARACTER),
            other => body.push(other),
        }
    }
    if !body.ends_with("\r\n") {
        body.push_str("\r\n");
    }
    body
}

/// A line that none of the parts can hold: it depends on all of what they hold.
fn boundary(id: &MessageId, text: &str, html: &str) -> String {
    let mut digest = Sha256::new();
    for part in [id.as_str(), text, html] {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let mut boundary = "=_".to_owned();
    for byte in digest.finalize().iter().take(16) {
        // Writing into a String cannot fail.
        let _ = write!(boundary, "{byte:02x}");
    }
    boundary
}

#[cfg(test)]
mod tests;
