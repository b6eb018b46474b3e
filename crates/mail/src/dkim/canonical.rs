//! The two canonical forms (RFC 6376, 3.4): simple counts every byte, relaxed forgives the white space
//! that mail servers change on the way.
//!
//! Lines end in LF, with a CR before it or not: mailboxes and pipes store mail either way, and what was
//! signed had both. A header is what the parser takes for one, so that nothing can be signed in one place
//! and shown from another.

use crate::parsed::{Limits, mailbox_line, split_header};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Bytes that are hashed at once.
const PIECE: usize = 8 * 1_024;

/// A header as it stands in the mail.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawHeader<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    /// All of it, with its folds and line end.
    pub(super) bytes: &'a [u8],
}

impl RawHeader<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Headers and body. None when there are more or longer headers than mail is read with.
pub(super) fn split(mail: &[u8]) -> Option<(Vec<RawHeader<'_>>, &[u8])> {
    let Limits {
        headers: most,
        header_bytes,
        ..
    } = Limits::default();
    let begin = mailbox_line(mail);
    let mut headers: Vec<RawHeader<'_>> = Vec::new();
    let (mut start, mut position) = (begin, begin);
    while let Some(rest) = mail.get(position..).filter(|rest| !rest.is_empty()) {
        let end = rest.iter().position(|byte| *byte == b'\n');
        let next = end.map_or(mail.len(), |end| position + end + 1);
        let line = without_end(mail.get(position..next)?);
        if line.is_empty() {
            return Some((headers, mail.get(next..)?));
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some(last) = headers.last_mut() {
                last.bytes = mail.get(start..next)?;
            }
        } else if let Some((name, _)) = split_header(line) {
            start = position;
            let bytes = mail.get(start..next)?;
            headers.push(RawHeader { name, bytes });
        } else {
            // The empty line was forgotten.
            return Some((headers, rest));
        }
        if headers.len() > most || next - begin > header_bytes {
            return None;
        }
        position = next;
    }
    Some((headers, &[]))
}

/// How much of the white space counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Simple,
    Relaxed,
}

impl Form {
    /// One header: as it stands, or with its name in lower case, unfolded, white space as one space, and
    /// none around the value.
    pub(super) fn header(self, header: &[u8], into: &mut Vec<u8>) {
        let header = without_end(header);
        if self == Self::Simple {
            for line in lines(header) {
                into.extend_from_slice(line);
                into.extend_from_slice(b"\r\n");
            }
            return;
        }
        let colon = header.iter().position(|byte| *byte == b':');
        let (name, value) = header.split_at(colon.unwrap_or(header.len()));
        into.extend(name.trim_ascii_end().iter().map(u8::to_ascii_lowercase));
        into.push(b':');
        let (mut is_first, mut is_spaced) = (true, false);
        for byte in lines(value.get(1..).unwrap_or_default()).flatten() {
            if is_blank(byte) {
                is_spaced = true;
                continue;
            }
            if std::mem::take(&mut is_spaced) && !is_first {
                into.push(b' ');
            }
            is_first = false;
            into.push(*byte);
        }
        into.extend_from_slice(b"\r\n");
    }

    /// The headers with these names, each name taking the last one not taken yet (5.4.2). A name without a
    /// header takes nothing: that is what over-signing means. The header at `except` is no choice: a
    /// signature does not sign itself.
    pub(super) fn selected<'n>(
        self,
        headers: &[RawHeader<'_>],
        names: impl IntoIterator<Item = &'n str>,
        except: Option<usize>,
    ) -> Vec<u8> {
        let mut left: HashMap<String, Vec<&[u8]>> = HashMap::new();
        for (at, header) in headers.iter().enumerate() {
            if except != Some(at) {
                let name = header.name.to_ascii_lowercase();
                left.entry(name).or_default().push(header.bytes);
            }
        }
        let mut bytes = Vec::new();
        for name in names {
            let last = left.get_mut(&name.to_ascii_lowercase()).and_then(Vec::pop);
            if let Some(header) = last {
                self.header(header, &mut bytes);
            }
        }
        bytes
    }

    /// The hash of the body, and how long its canonical form is.
    pub(super) fn body_hash(self, body: &[u8]) -> ([u8; 32], u64) {
        let (mut hash, mut length) = (Sha256::new(), 0_u64);
        self.body(body, &mut |piece| {
            hash.update(piece);
            length = length.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        });
        (hash.finalize().into(), length)
    }

    /// The body, in pieces: empty lines at the end do not count, nor does, relaxed, white space at the end
    /// of lines or how much there is elsewhere. A last line always ends.
    fn body(self, body: &[u8], sink: &mut impl FnMut(&[u8])) {
        let mut canonical = Vec::with_capacity(PIECE + 1_024);
        let (mut empty_lines, mut is_empty) = (0_usize, true);
        for line in lines(body) {
            let line = match self {
                Self::Simple => line,
                Self::Relaxed => trim_end(line),
            };
            if line.is_empty() {
                empty_lines += 1;
                continue;
            }
            is_empty = false;
            for _ in 0..std::mem::take(&mut empty_lines) {
                canonical.extend_from_slice(b"\r\n");
                flush(&mut canonical, sink);
            }
            match self {
                Self::Simple => canonical.extend_from_slice(line),
                Self::Relaxed => relaxed_line(line, &mut canonical, sink),
            }
            canonical.extend_from_slice(b"\r\n");
            flush(&mut canonical, sink);
        }
        if is_empty && self == Self::Simple {
            canonical.extend_from_slice(b"\r\n");
        }
        sink(&canonical);
    }
}

fn relaxed_line(line: &[u8], canonical: &mut Vec<u8>, sink: &mut impl FnMut(&[u8])) {
    let mut in_space = false;
    for byte in line {
        let is_space = is_blank(byte);
        match (is_space, in_space) {
            (true, true) => {}
            (true, false) => canonical.push(b' '),
            (false, _) => canonical.push(*byte),
        }
        in_space = is_space;
        if canonical.len() >= PIECE {
            flush(canonical, sink);
        }
    }
}

fn flush(canonical: &mut Vec<u8>, sink: &mut impl FnMut(&[u8])) {
    if canonical.len() >= PIECE {
        sink(canonical);
        canonical.clear();
    }
}

/// Lines without their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(without_end)
}

fn without_end(line: &[u8]) -> &[u8] {
    let bare = line.strip_suffix(b"\n");
    bare.map_or(line, |bare| bare.strip_suffix(b"\r").unwrap_or(bare))
}

fn trim_end(line: &[u8]) -> &[u8] {
    let end = line.iter().rposition(|byte| !is_blank(byte));
    line.get(..end.map_or(0, |end| end + 1)).unwrap_or_default()
}

/// White space as RFC 6376 means it (WSP, 2.8): other controls are content.
fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

#[cfg(test)]
mod tests;
