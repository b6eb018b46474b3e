//! What a mail means by itself: pure, and done again whenever it is tried again.

use super::doors::Sender;
use super::{content, forwarding};
use mail::bounce::{self, Report};
use mail::forwarded::{self, Original};
use mail::machine::{self, Author, Envelope, Origin};
use mail::parsed::{Limits, ParsedMail, TooComplex, parse};
use mail::reply;
use mail::tokens::{self, Candidate};

/// A mail that was read.
pub(super) struct Read {
    pub(super) mail: ParsedMail,
    pub(super) origin: Origin,
    /// When it reports on another mail.
    pub(super) report: Option<Report>,
    /// When a provider asks whether mail may be forwarded here.
    pub(super) confirmation: Option<forwarding::Confirmation>,
    /// The tokens of ours that it shows; nothing is proved yet.
    pub(super) candidates: Vec<Candidate>,
    /// What was written now, without what it quotes and the signature.
    pub(super) new_text: String,
    /// True when something was left out of that.
    pub(super) has_folded: bool,
    /// The mail that it passes on, when it passes one on.
    pub(super) original: Option<Original>,
    pub(super) content_hash: [u8; 32],
}

/// Reads a mail. `recipients` are those of the envelope; `own_marks` the loop marks of this installation.
pub(super) fn read(
    raw: &[u8],
    sender: &Sender,
    recipients: &[&str],
    own_marks: &[String],
) -> Result<Read, TooComplex> {
    let mail = parse(raw, &Limits::default())?;
    let envelope = match sender {
        Sender::Unknown => Envelope::Unknown,
        Sender::Null => Envelope::Null,
        Sender::Address(address) => Envelope::Sender(address),
    };
    let marks: Vec<&str> = own_marks.iter().map(String::as_str).collect();
    let origin = machine::origin(&mail, envelope, &marks);
    let report = (origin.author == Author::Bounce)
        .then(|| bounce::report(&mail))
        .flatten();
    let trimmed = reply::trim(&mail.text);
    Ok(Read {
        origin,
        report,
        confirmation: forwarding::confirmation(&mail),
        candidates: tokens::candidates(&mail, recipients),
        new_text: trimmed.new_text(&mail.text),
        has_folded: trimmed.has_folded(),
        original: forwarded::original(&mail),
        content_hash: content::hash(raw, &mail),
        mail,
    })
}
