//! Bytes become a mail that can be routed, shown and answered.
//!
//! Every mail that is one is read: what is malformed is read as most programs would, and what could be
//! read in several ways is said to be doubtful. What is too complex to be mail is an error; the raw bytes
//! are kept by the caller in any case. Work and memory grow with the length of the mail, never faster.

mod body;
mod charset;
mod correspondents;
mod file_name;
mod flowed;
mod ids;
mod kind;
mod structure;
mod words;

pub use correspondents::{Correspondent, From};
pub use file_name::safe_file_name;

pub(crate) use correspondents::list as correspondents;
pub(crate) use ids::ids;
pub(crate) use structure::{mailbox_line, split_header};
pub(crate) use words::decode_words;

use crate::one_line;
use kind::Kind;
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

const SUBJECT_CHARACTERS: usize = 500;

/// How much a mail may hold.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The whole mail, in bytes.
    pub mail_bytes: usize,
    /// All headers of all parts together, in bytes.
    pub header_bytes: usize,
    /// All headers of all parts together.
    pub headers: usize,
    /// Parts, containers included.
    pub parts: usize,
    /// Multiparts within each other.
    pub depth: usize,
    /// Text and HTML that are shown, in bytes each; a longer body becomes an attachment as well.
    pub text_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            mail_bytes: 64 * 1_024 * 1_024,
            header_bytes: 1_024 * 1_024,
            headers: 10_000,
            parts: 1_000,
            depth: 50,
            text_bytes: 1_024 * 1_024,
        }
    }
}

/// Why a mail is not read. Its bytes are kept, and a person can look at them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooComplex {
    /// More bytes than allowed.
    #[error("The mail is longer than {0} bytes. Ask for the large files by another way.")]
    Length(usize),
    /// More or longer headers than allowed.
    #[error(
        "The mail has too many or too long headers. It was made to do harm or broke on its way: ask for it again."
    )]
    Headers,
    /// More parts than allowed.
    #[error("The mail has too many parts. Ask for it again with its files in one archive.")]
    Parts,
    /// Parts within parts, deeper than allowed.
    #[error("The mail has parts within parts, too deep to be read. Ask for it again, written anew.")]
    Depth,
}

/// A header as it stands in the mail, unfolded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name as written.
    pub name: String,
    /// Its value as written, without the line ends of its folds.
    pub value: Vec<u8>,
}

impl Header {
    /// Whether this is its name, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value with its encoded words decoded (RFC 2047).
    pub fn text(&self) -> String {
        decode_words(&self.value)
    }
}

/// Something that is no part of the shown text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// A safe name, never empty.
    pub name: String,
    /// Like `image/png`, in lower case; what the sender says, not what it is.
    pub content_type: String,
    /// Without transfer encoding.
    pub content: Vec<u8>,
    /// Content-ID without angle brackets: the HTML may show it by `cid:`.
    pub content_id: Option<String>,
    /// True when it is not declared an attachment and has an id: a picture inside the text.
    pub is_inline: bool,
}

/// Why the shown identity deserves a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// There is not exactly one author that everyone reads alike.
    NoSingleAuthor,
    /// The author's name shows another address.
    NameShowsOtherAddress,
    /// Answers would go to another domain than the author's.
    RepliesElsewhere,
    /// A header that stands once in good mail stands several times.
    RepeatedHeader,
    /// A mailing list sends it in its own name and says who wrote it.
    NamedByList,
}

/// A mail that was read.
#[derive(Clone, Debug, Default)]
pub struct ParsedMail {
    /// The headers of the mail itself, in order.
    pub headers: Vec<Header>,
    /// The author.
    pub from: From,
    /// Who sent it on behalf of the author, if that is said.
    pub sender: Option<Correspondent>,
    /// Where answers are to go.
    pub reply_to: Vec<Correspondent>,
    /// Recipients.
    pub to: Vec<Correspondent>,
    /// Recipients of copies.
    pub cc: Vec<Correspondent>,
    /// One line.
    pub subject: String,
    /// What the sender's clock showed, seconds since the epoch.
    pub date_seconds: Option<i64>,
    /// Message-ID without angle brackets, as written by strangers: a claim, not unique.
    pub message_id: Option<String>,
    /// The ids this mail says it answers, without angle brackets.
    pub in_reply_to: Vec<String>,
    /// The ids of its thread, oldest first, without angle brackets.
    pub references: Vec<String>,
    /// The text as a mail program shows it, lines ending in LF; made of the HTML when there is no other.
    pub text: String,
    /// True when the text was made of the HTML.
    pub is_text_from_html: bool,
    /// The HTML as written by strangers; sanitise before showing.
    pub html: Option<String>,
    /// Everything else, in order.
    pub attachments: Vec<Attachment>,
    /// Why the author is doubtful; empty for most mail.
    pub doubts: Vec<Doubt>,
    /// The type of the whole, like `multipart/report`.
    pub content_type: String,
    /// For `multipart/report`, what it reports on, like `delivery-status`.
    pub report_type: Option<String>,
}

impl ParsedMail {
    /// The first header of this name, decoded.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers
            .iter()
            .find(|header| header.is(name))
            .map(Header::text)
    }

    /// All headers of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        self.headers.iter().filter(move |header| header.is(name))
    }

    /// Every address the mail is written to, also those that servers on the way noted.
    pub fn recipients(&self) -> Vec<&Correspondent> {
        self.to.iter().chain(&self.cc).collect()
    }
}

/// Reads a mail.
///
/// # Errors
/// [`TooComplex`] when a limit is passed. Any other bytes are some mail, if an empty one.
pub fn parse(mail: &[u8], limits: &Limits) -> Result<ParsedMail, TooComplex> {
    if mail.len() > limits.mail_bytes {
        return Err(TooComplex::Length(limits.mail_bytes));
    }
    let mut parts = structure::parts(mail, limits)?;
    let body = body::read(mail, &parts, limits);
    let kind = parts.first().map(|part| part.kind.clone()).unwrap_or_default();
    let headers = parts
        .first_mut()
        .map(|part| std::mem::take(&mut part.headers))
        .unwrap_or_default();
    let mut parsed = ParsedMail {
        text: body.text,
        is_text_from_html: body.is_from_html,
        html: body.html,
        attachments: body.attachments,
        ..of_headers(headers, &kind)
    };
    parsed.doubts = doubts(&parsed);
    if let Some(author) = named_by_list(&parsed) {
        parsed.from = From::One(author);
        parsed.doubts.push(Doubt::NamedByList);
    }
    Ok(parsed)
}

fn of_headers(headers: Vec<Header>, kind: &Kind) -> ParsedMail {
    let values = |name: &str| -> Vec<&[u8]> {
        headers
            .iter()
            .filter(|header| header.is(name))
            .map(|header| header.value.as_slice())
            .collect()
    };
    let people = |name: &str| -> Vec<Correspondent> {
        values(name)
            .iter()
            .flat_map(|value| correspondents(value).found)
            .collect()
    };
    let subject = values("subject")
        .first()
        .map(|value| decode_words(value))
        .unwrap_or_default();
    ParsedMail {
        from: From::of(&values("from")),
        sender: people("sender").into_iter().next(),
        reply_to: people("reply-to"),
        to: people("to"),
        cc: people("cc"),
        subject: one_line(&subject, SUBJECT_CHARACTERS),
        date_seconds: values("date").first().and_then(|value| date(value)),
        message_id: values("message-id")
            .first()
            .and_then(|value| ids(value).into_iter().next()),
        in_reply_to: values("in-reply-to")
            .iter()
            .flat_map(|value| ids(value))
            .collect(),
        references: values("references").iter().flat_map(|value| ids(value)).collect(),
        content_type: kind.name(),
        report_type: kind
            .parameter("report-type")
            .map(str::to_ascii_lowercase)
            .filter(|_| kind.is("multipart", "report")),
        headers,
        ..ParsedMail::default()
    }
}

/// Seconds since the epoch, for dates from 1970 to 2100.
fn date(value: &[u8]) -> Option<i64> {
    let line = [value.get(..200).unwrap_or(value), b"\n"].concat();
    let HeaderValue::DateTime(date) = MessageStream::new(&line).parse_date() else {
        return None;
    };
    (date.is_valid() && (1970..=2100).contains(&date.year)).then(|| date.to_timestamp())
}

fn doubts(mail: &ParsedMail) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    // A signature covers the lowest of them (RFC 6376, 5.4.2), while the first one is what is read.
    let once = [
        "from",
        "sender",
        "reply-to",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "in-reply-to",
        "references",
        "content-type",
        "content-transfer-encoding",
    ];
    if once.iter().any(|name| mail.all(name).nth(1).is_some()) {
        doubts.push(Doubt::RepeatedHeader);
    }
    let Some(author) = mail.from.one() else {
        doubts.push(Doubt::NoSingleAuthor);
        return doubts;
    };
    let shown = author.name.to_ascii_lowercase();
    let shows_address = shown
        .split(|c: char| c.is_whitespace() || "<>()[],;:\"'".contains(c))
        .any(|word| word.contains('@') && word.len() > 2 && word != author.address.as_str());
    if shows_address {
        doubts.push(Doubt::NameShowsOtherAddress);
    }
    let domain = |one: &Correspondent| {
        one.address
            .as_str()
            .rsplit_once('@')
            .map(|(_, domain)| domain.to_owned())
    };
    if mail.reply_to.iter().any(|to| domain(to) != domain(author)) {
        doubts.push(Doubt::RepliesElsewhere);
    }
    doubts
}

/// Whose words a list sends in its own name, because their domain allows nobody else to send in theirs
/// (DMARC). Google Groups says so twice. Were the list taken for the author, it would get the answer, and
/// send it back to us.
fn named_by_list(mail: &ParsedMail) -> Option<Correspondent> {
    let list = mail.from.one()?;
    mail.header("list-id")?;
    let mut named = mail.all("x-original-from");
    let author = named
        .next()
        .and_then(|header| From::of(&[header.value.as_slice()]).one().cloned())?;
    let is_answered = matches!(mail.reply_to.as_slice(), [to] if to.address == author.address);
    (named.next().is_none() && is_answered && author.address != list.address).then_some(author)
}

#[cfg(test)]
mod tests;
