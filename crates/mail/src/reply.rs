//! The new text of an answer, apart from what it quotes and from the signature.
//!
//! Nothing is thrown away: what comes out are ranges of the text, which cover it without a gap. What
//! cannot be told for sure is new text, and when everything looks quoted, all of it is.

mod headings;
mod marks;

pub(crate) use headings::{Field, field, is_header_block};
pub(crate) use marks::is_forwarded_message;

use std::ops::Range;

/// The line above which our mails ask for the answer. Compared without white space and dashes, since
/// mail programs wrap and decorate it.
pub const REPLY_ABOVE: &str = "## Please write above this line ##";

/// What a stretch of the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the sender wrote now.
    New,
    /// The signature of person or program.
    Signature,
    /// What was written before, with the line that introduces it.
    Quoted,
}

/// A stretch of the text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What it is.
    pub kind: Kind,
    /// Where it stands. Begins and ends with a line.
    pub range: Range<usize>,
}

/// A text taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trimmed {
    /// Stretches that follow each other from the beginning to the end.
    pub stretches: Vec<Stretch>,
}

impl Trimmed {
    /// The new text: its stretches, without the white space around them. Has something whenever the text
    /// had.
    pub fn new_text(&self, text: &str) -> String {
        let mut new = String::new();
        for stretch in self.stretches.iter().filter(|stretch| stretch.kind == Kind::New) {
            let piece = text.get(stretch.range.clone()).unwrap_or_default();
            let piece = piece.trim();
            if piece.is_empty() {
                continue;
            }
            if !new.is_empty() {
                new.push_str("\n\n");
            }
            new.push_str(piece);
        }
        new
    }

    /// True when something is quoted or signed.
    pub fn has_folded(&self) -> bool {
        self.stretches.iter().any(|stretch| stretch.kind != Kind::New)
    }
}

/// Takes the text of a mail apart. Looks at every line a bounded number of times.
pub fn trim(text: &str) -> Trimmed {
    let lines = lines(text);
    let kinds = kinds(&lines);
    let mut stretches: Vec<Stretch> = Vec::new();
    for (line, kind) in lines.iter().zip(kinds) {
        match stretches.last_mut() {
            Some(last) if last.kind == kind => last.range.end = line.range.end,
            _ => stretches.push(Stretch {
                kind,
                range: line.range.clone(),
            }),
        }
    }
    let has_new = stretches.iter().any(|stretch| {
        stretch.kind == Kind::New
            && text
                .get(stretch.range.clone())
                .is_some_and(|piece| !piece.trim().is_empty())
    });
    if !has_new && !text.is_empty() {
        stretches = vec![Stretch {
            kind: Kind::New,
            range: 0..text.len(),
        }];
    }
    Trimmed { stretches }
}

/// The text behind `note:` when an answer begins with it, without the word: an operator means a private
/// note. `None` for any other answer.
pub fn note(new_text: &str) -> Option<&str> {
    let text = new_text.trim_start();
    let (word, rest) = text.split_once(':')?;
    (word.trim_end().eq_ignore_ascii_case("note") && !word.contains('\n')).then(|| rest.trim())
}

/// A line with its line end, and what it says without white space around it.
struct Line<'a> {
    range: Range<usize>,
    text: &'a str,
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end;
            Line {
                range,
                text: line.trim(),
            }
        })
        .collect()
}

fn kinds(lines: &[Line<'_>]) -> Vec<Kind> {
    let texts: Vec<&str> = lines.iter().map(|line| line.text).collect();
    // Everything below one of these is an older mail.
    let end = (0..texts.len())
        .find(|at| is_end(&texts, *at))
        .unwrap_or(texts.len());
    let mut kinds = vec![Kind::New; texts.len()];
    fill(&mut kinds, end..texts.len(), Kind::Quoted);
    let above = texts.get(..end).unwrap_or_default();
    quoted_lines(above, &mut kinds);
    signature(above, &mut kinds);
    kinds
}

fn fill(kinds: &mut [Kind], range: Range<usize>, kind: Kind) {
    if let Some(kinds) = kinds.get_mut(range) {
        kinds.fill(kind);
    }
}

/// Whether an older mail begins at this line and goes on to the end of the text.
fn is_end(texts: &[&str], at: usize) -> bool {
    let text = texts.get(at).copied().unwrap_or_default();
    let rest = texts.get(at..).unwrap_or_default();
    if text.is_empty() || text.starts_with('>') {
        return false;
    }
    marks::is_reply_above(text)
        || marks::is_original_message(text)
        || headings::is_header_block(rest)
        || (marks::is_rule(text) && headings::is_header_block(rest.get(1..).unwrap_or_default()))
        // An introduction without quote marks below it: Outlook on the web, Yahoo, HTML as text.
        || headings::introduction(rest).is_some_and(|length| !has_quote_marks(rest.get(length..).unwrap_or_default()))
}

/// Whether the first line that says something is quoted.
fn has_quote_marks(texts: &[&str]) -> bool {
    texts
        .iter()
        .find(|text| !text.is_empty())
        .is_some_and(|text| text.starts_with('>'))
}

/// Lines with quote marks, and the introduction above them. What stands between two quotations stays: it
/// is an answer within the quoted text.
fn quoted_lines(texts: &[&str], kinds: &mut [Kind]) {
    let mut at = 0;
    while at < texts.len() {
        let rest = texts.get(at..).unwrap_or_default();
        if rest.first().is_some_and(|text| text.starts_with('>')) {
            fill(kinds, at..at + 1, Kind::Quoted);
            at += 1;
            continue;
        }
        match headings::introduction(rest) {
            Some(length) if has_quote_marks(rest.get(length..).unwrap_or_default()) => {
                fill(kinds, at..at + length, Kind::Quoted);
                at += length;
            }
            _ => at += 1,
        }
    }
    // Blank lines between quoted ones belong to them.
    let mut last_quoted = None;
    for (at, text) in texts.iter().enumerate() {
        match kinds.get(at) {
            Some(Kind::Quoted) => {
                if let Some(last) = last_quoted {
                    fill(kinds, last..at, Kind::Quoted);
                }
                last_quoted = Some(at);
            }
            _ if !text.is_empty() => last_quoted = None,
            _ => {}
        }
    }
}

/// A signature begins with its mark and goes on to the next quotation.
fn signature(texts: &[&str], kinds: &mut [Kind]) {
    const MOST_LINES: usize = 20;
    // From below: lines that say something since the last quotation, and where that begins.
    let (mut says_more, mut end) = (0_usize, texts.len());
    for (at, text) in texts.iter().enumerate().rev() {
        if kinds.get(at) == Some(&Kind::Quoted) {
            (says_more, end) = (0, at);
            continue;
        }
        let is_mark = marks::is_signature_mark(text) && says_more <= MOST_LINES;
        // A program signs in one line; below its name more may have been written.
        if is_mark || (says_more == 0 && marks::is_of_program(text)) {
            fill(kinds, at..end, Kind::Signature);
            // What stands above may be signed, too: by a person, and below that by a program.
            if !is_mark {
                (says_more, end) = (0, at);
                continue;
            }
        }
        says_more += usize::from(!text.is_empty());
    }
}

#[cfg(test)]
mod tests;
