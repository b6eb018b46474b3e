//! Collects HTML in pieces: what is the same for every reader is one, each blank another.

use crate::text::escape;

/// A stretch of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// HTML, the same for everybody.
    Html(String),
    /// The value of the blank with this number.
    Blank(usize),
    /// What follows the address of another document.
    Query,
}

impl Piece {
    /// About how many bytes it becomes.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Html(html) => html.len(),
            Self::Blank(_) | Self::Query => 48,
        }
    }
}

/// Writes pieces. What comes from the document goes through [`Writer::text`] and nothing else.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    blanks: &'a [&'a str],
    pieces: Vec<Piece>,
    html: String,
}

impl<'a> Writer<'a> {
    pub(super) fn new(blanks: &'a [&'a str]) -> Self {
        Self {
            blanks,
            pieces: Vec::new(),
            html: String::new(),
        }
    }

    /// Markup of this crate.
    pub(super) fn raw(&mut self, markup: &str) {
        self.html.push_str(markup);
    }

    /// Text of the document, for an element or a quoted attribute.
    pub(super) fn text(&mut self, text: &str) {
        let mut rest = text;
        while let Some((at, which, name)) = self.next_blank(rest) {
            let (before, after) = rest.split_at(at);
            escape(before, &mut self.html);
            self.push(Piece::Blank(which));
            rest = after.strip_prefix(name).unwrap_or_default();
        }
        escape(rest, &mut self.html);
    }

    /// The place for what follows the address of another document.
    pub(super) fn query(&mut self) {
        self.push(Piece::Query);
    }

    pub(super) fn finish(mut self) -> Vec<Piece> {
        self.pieces.push(Piece::Html(self.html));
        self.pieces
    }

    fn push(&mut self, piece: Piece) {
        let html = std::mem::take(&mut self.html);
        self.pieces.extend([Piece::Html(html), piece]);
    }

    fn next_blank(&self, text: &str) -> Option<(usize, usize, &'a str)> {
        let found = self.blanks.iter().enumerate();
        found
            .filter_map(|(which, name)| Some((text.find(name)?, which, *name)))
            .min()
    }
}
