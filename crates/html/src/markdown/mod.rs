//! Markdown as HTML. The texts are our own guides, and are read as if they were not: no HTML of
//! theirs passes, no link leads anywhere but where the rules below say, and images stay words.
//!
//! A document is read once. The few places that differ from reader to reader are **blanks**: names in
//! double braces that each reader's values take the place of, escaped like all other text.

mod anchors;
mod link;
mod reading;
mod writer;

pub use link::Target;

use crate::SafeHtml;
use crate::text::escape;
use pulldown_cmark::{Event, Options, Parser, TextMergeStream};
use reading::Reading;
use writer::Piece;

/// How documents of one kind are read.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// Where the documents are served, with a slash at its end: `[a](b.md)` leads to `{folder}b`.
    pub folder: &'a str,
    /// The names of the blanks, as they stand in the text.
    pub blanks: &'a [&'a str],
}

/// A document, ready to be filled in.
#[derive(Clone, Debug)]
pub struct Document {
    /// The first heading, as plain text.
    pub title: String,
    /// The first paragraph, as plain text.
    pub description: String,
    /// The parts between headings; the first is the part below the title.
    pub sections: Vec<Section>,
    /// Where every link leads, in order.
    pub links: Vec<Target>,
    pieces: Vec<Piece>,
}

/// A heading with the text that follows it, up to the next heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// 1 for the title, 2 and more for the headings below it.
    pub level: usize,
    /// The heading's id.
    pub anchor: String,
    /// The heading, as plain text.
    pub title: String,
    /// Everything below it, as plain text.
    pub text: String,
}

impl Document {
    /// Reads a document. Any text is one.
    pub fn parse(markdown: &str, rules: &Rules<'_>) -> Self {
        let extensions = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events: Vec<Event<'_>> = TextMergeStream::new(Parser::new_ext(markdown, extensions)).collect();
        Reading::new(rules).read(&events)
    }

    /// The HTML with a value in place of each blank, in the order of their names. `query` follows the
    /// address of every link to another document; it is empty or begins with a question mark.
    pub fn fill(&self, values: &[&str], query: &str) -> SafeHtml {
        let mut html = String::with_capacity(self.pieces.iter().map(Piece::length).sum());
        for piece in &self.pieces {
            match piece {
                Piece::Html(written) => html.push_str(written),
                Piece::Blank(which) => escape(values.get(*which).copied().unwrap_or_default(), &mut html),
                Piece::Query => escape(query, &mut html),
            }
        }
        SafeHtml(html)
    }

    /// Whether the text has this blank anywhere.
    pub fn has_blank(&self, which: usize) -> bool {
        self.pieces.contains(&Piece::Blank(which))
    }
}

#[cfg(test)]
mod tests;
