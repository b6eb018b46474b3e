//! The part of a text that shows why it was found.

use super::Query;

/// Characters before the first word that was found.
const BEFORE: usize = 50;
/// Characters from there on.
const AFTER: usize = 130;

/// A stretch of text, and whether it is one of the words looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The text, as it was written.
    pub text: String,
    /// Whether it was looked for.
    pub is_hit: bool,
}

/// Text in pieces; put together they are the text again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// Whether the text begins earlier.
    pub is_cut_before: bool,
    /// The pieces.
    pub pieces: Vec<Piece>,
    /// Whether the text goes on.
    pub is_cut_after: bool,
}

impl Excerpt {
    /// A whole text with the words marked, as far as it holds them.
    pub fn whole(query: &Query, text: &str) -> Self {
        Self {
            pieces: pieces(query, text),
            ..Self::default()
        }
    }

    /// The surroundings of the first word, or `None` when the text holds none.
    pub fn around(query: &Query, text: &str) -> Option<Self> {
        let first = query.places(text).into_iter().next()?;
        let (before, after) = text.split_at_checked(first.start)?;
        let start = before
            .char_indices()
            .rev()
            .take(BEFORE)
            .last()
            .map_or(before.len(), |(at, _)| at);
        // From the beginning of a word on, if there is one near.
        let start = match before
            .get(start..)
            .and_then(|part| part.find(char::is_whitespace))
        {
            Some(space) if start > 0 && space < BEFORE / 2 => start + space,
            _ => start,
        };
        let end = after
            .char_indices()
            .nth(AFTER)
            .map_or(text.len(), |(at, _)| before.len() + at);
        let part = text.get(start..end).unwrap_or_default();
        Some(Self {
            is_cut_before: start > 0,
            pieces: pieces(query, part.trim()),
            is_cut_after: end < text.len(),
        })
    }
}

fn pieces(query: &Query, text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut push = |text: &str, is_hit| {
        if !text.is_empty() {
            pieces.push(Piece {
                text: text.to_owned(),
                is_hit,
            });
        }
    };
    let mut told = 0;
    for place in query.places(text) {
        push(text.get(told..place.start).unwrap_or_default(), false);
        push(text.get(place.clone()).unwrap_or_default(), true);
        told = place.end;
    }
    push(text.get(told..).unwrap_or_default(), false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(excerpt: &Excerpt) -> String {
        let pieces = excerpt.pieces.iter().map(|piece| {
            if piece.is_hit {
                format!("[{}]", piece.text)
            } else {
                piece.text.clone()
            }
        });
        pieces.collect()
    }

    #[test]
    fn an_excerpt_stands_around_the_first_word_found() {
        let query = Query::parse("vat");
        assert_eq!(
            shown(&Excerpt::whole(&query, "The VAT line <b>")),
            "The [VAT] line <b>"
        );
        assert_eq!(Excerpt::around(&query, "Nothing of it"), None);
        let long = format!(
            "{}the VAT line{}",
            "early words ".repeat(100),
            " and later".repeat(100)
        );
        let excerpt = Excerpt::around(&query, &long).unwrap();
        assert!(excerpt.is_cut_before && excerpt.is_cut_after);
        let text = shown(&excerpt);
        assert!(
            text.starts_with("words early") && text.contains("the [VAT] line and later"),
            "{text}"
        );
        assert!(text.chars().count() <= BEFORE + AFTER + 2);
        for text in [
            "VAT",
            "é VAT",
            &format!("{}VAT", "é ".repeat(500)),
            "VAT\u{202e}x",
        ] {
            assert!(Excerpt::around(&query, text).is_some(), "{text}");
        }
    }
}
