//! A mail as headers and parts (RFC 5322, 2; RFC 2046, 5), found in one pass over its lines.
//!
//! Nothing is nested in memory: parts are a list in which each names its parent, so that depth costs no
//! stack, and every limit is met while reading.

use super::kind::Kind;
use super::{Header, Limits, TooComplex};
use std::ops::Range;

/// A part: its headers, and where its body stands in the mail.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) headers: Vec<Header>,
    pub(crate) kind: Kind,
    pub(crate) body: Range<usize>,
    pub(crate) parent: Option<usize>,
    /// True for a multipart whose boundary was found; its body is its children.
    pub(crate) is_container: bool,
}

/// A multipart that is open.
struct Open {
    part: usize,
    boundary: Vec<u8>,
    /// False after its closing delimiter.
    takes_parts: bool,
}

enum At {
    Headers,
    Body,
    /// Before the first part, or after the last one.
    Between,
}

/// Takes a mail apart. The first part is the mail itself.
pub(crate) fn parts(mail: &[u8], limits: &Limits) -> Result<Vec<Part>, TooComplex> {
    let mut reading = Reading {
        mail,
        limits,
        parts: Vec::new(),
        open: Vec::new(),
        at: At::Headers,
        header_bytes: 0,
        header_count: 0,
    };
    let mut position = mailbox_line(mail);
    reading.begin_part(None, position)?;
    while position < mail.len() {
        let rest = mail.get(position..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| *byte == b'\n')
            .map_or(rest.len(), |end| end + 1);
        reading.line(position, rest.get(..length).unwrap_or_default())?;
        position += length;
    }
    if matches!(reading.at, At::Headers) {
        reading.end_headers(mail.len())?;
    }
    reading.end_body(mail.len());
    Ok(reading.parts)
}

/// The length of the line that mailboxes and some pipes put before the headers.
pub(crate) fn mailbox_line(mail: &[u8]) -> usize {
    let begins = mail.starts_with(b"From ") || mail.starts_with(b">From ");
    let end = mail.iter().take(1_000).position(|byte| *byte == b'\n');
    if begins { end.map_or(0, |end| end + 1) } else { 0 }
}

struct Reading<'a> {
    mail: &'a [u8],
    limits: &'a Limits,
    parts: Vec<Part>,
    open: Vec<Open>,
    at: At,
    header_bytes: usize,
    header_count: usize,
}

impl Reading<'_> {
    fn line(&mut self, position: usize, line: &[u8]) -> Result<(), TooComplex> {
        if line.starts_with(b"--") && self.delimiter(position, line)? {
            return Ok(());
        }
        if !matches!(self.at, At::Headers) {
            return Ok(());
        }
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        if bare.is_empty() {
            return self.end_headers(position + line.len());
        }
        self.header_bytes += line.len();
        if self.header_bytes > self.limits.header_bytes {
            return Err(TooComplex::Headers);
        }
        let Some(part) = self.parts.last_mut() else {
            return Ok(());
        };
        if bare.starts_with(b" ") || bare.starts_with(b"\t") {
            if let Some(header) = part.headers.last_mut() {
                header.value.extend_from_slice(bare);
            }
            return Ok(());
        }
        let Some((name, value)) = split_header(bare) else {
            // Something else: the empty line was forgotten.
            return self.end_headers(position);
        };
        self.header_count += 1;
        if self.header_count > self.limits.headers {
            return Err(TooComplex::Headers);
        }
        part.headers.push(Header {
            name: name.to_owned(),
            value: value.to_vec(),
        });
        Ok(())
    }

    /// Looks whether a line delimits a part of an open multipart, from the innermost outwards.
    fn delimiter(&mut self, position: usize, line: &[u8]) -> Result<bool, TooComplex> {
        let text = line.trim_ascii_end().strip_prefix(b"--").unwrap_or_default();
        let is_delimiter =
            |open: &Open| text == open.boundary || text.strip_suffix(b"--") == Some(&open.boundary);
        let Some(depth) = self.open.iter().rposition(is_delimiter) else {
            return Ok(false);
        };
        self.end_part(position)?;
        self.open.truncate(depth + 1);
        let Some(open) = self.open.last_mut() else {
            return Ok(false);
        };
        let is_end = text != open.boundary;
        let (parent, takes_parts) = (open.part, open.takes_parts);
        open.takes_parts &= !is_end;
        self.at = At::Between;
        if is_end || !takes_parts {
            return Ok(true);
        }
        if let Some(part) = self.parts.get_mut(parent) {
            part.is_container = true;
        }
        self.begin_part(Some(parent), position + line.len())?;
        Ok(true)
    }

    fn begin_part(&mut self, parent: Option<usize>, position: usize) -> Result<(), TooComplex> {
        if self.parts.len() >= self.limits.parts {
            return Err(TooComplex::Parts);
        }
        self.parts.push(Part {
            headers: Vec::new(),
            kind: Kind::default(),
            body: position..position,
            parent,
            is_container: false,
        });
        self.at = At::Headers;
        Ok(())
    }

    fn end_headers(&mut self, position: usize) -> Result<(), TooComplex> {
        let in_digest = self.parts.last().and_then(|part| part.parent);
        let in_digest = in_digest.and_then(|parent| self.parts.get(parent));
        let in_digest = in_digest.is_some_and(|parent| parent.kind.is("multipart", "digest"));
        let index = self.parts.len().saturating_sub(1);
        self.at = At::Body;
        let Some(part) = self.parts.last_mut() else {
            return Ok(());
        };
        part.kind = Kind::of(&part.headers, in_digest);
        part.body = position..position;
        if let Some(boundary) = part.kind.boundary() {
            if self.open.len() >= self.limits.depth {
                return Err(TooComplex::Depth);
            }
            let boundary = boundary.as_bytes().trim_ascii_end().to_vec();
            self.open.push(Open {
                part: index,
                boundary,
                takes_parts: true,
            });
        }
        Ok(())
    }

    /// A delimiter ends what is open below it, whether in headers or in a body.
    fn end_part(&mut self, position: usize) -> Result<(), TooComplex> {
        if matches!(self.at, At::Headers) {
            self.end_headers(position)?;
        }
        self.end_body(position);
        Ok(())
    }

    fn end_body(&mut self, position: usize) {
        if !matches!(self.at, At::Body) {
            return;
        }
        let Some(part) = self.parts.last_mut() else {
            return;
        };
        // The line break before a delimiter belongs to it; at the end of the mail there is none.
        let body = self.mail.get(part.body.start..position).unwrap_or_default();
        let body = if position < self.mail.len() {
            body.strip_suffix(b"\n").unwrap_or(body)
        } else {
            body
        };
        let body = if position < self.mail.len() {
            body.strip_suffix(b"\r").unwrap_or(body)
        } else {
            body
        };
        part.body = part.body.start..part.body.start + body.len();
    }
}

/// A name of printable ASCII, a colon, and the value without the blanks around it.
pub(crate) fn split_header(line: &[u8]) -> Option<(&str, &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let name = name.trim_ascii_end();
    let is_name = !name.is_empty() && name.iter().all(u8::is_ascii_graphic);
    let name = std::str::from_utf8(name).ok()?;
    is_name.then(|| (name, value.get(1..).unwrap_or_default().trim_ascii()))
}
