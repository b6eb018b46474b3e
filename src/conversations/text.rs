//! What a message may hold, and what is derived from it.

use crate::error::{Error, Result};

/// Longest message, in characters.
pub const LONGEST_BODY: usize = 10_000;
const LONGEST_SUBJECT: usize = 120;
const DERIVED_SUBJECT: usize = 72;
const PREVIEW: usize = 140;

/// A message's text, checked and otherwise unchanged.
#[derive(Clone, Debug)]
pub struct Body(String);

impl Body {
    /// Checks a text: something in it, at most 10,000 characters, no NUL.
    ///
    /// # Errors
    /// `message_empty`, `message_too_long` or `message_has_nul`.
    pub fn parse(text: &str) -> Result<Self> {
        if text.trim().is_empty() {
            return Err(Error::unprocessable("message_empty", "The message is empty"));
        }
        if text.contains('\0') {
            return Err(Error::unprocessable(
                "message_has_nul",
                "The message contains a NUL character",
            ));
        }
        // A text has at most as many characters as bytes: most need no counting.
        if text.len() > LONGEST_BODY && text.chars().count() > LONGEST_BODY {
            return Err(Error::unprocessable(
                "message_too_long",
                "The message is longer than 10,000 characters",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text of a mail, which is taken whatever it holds: NUL is left out, and what is longer than a
    /// message may be is cut, because the whole mail stands beside it. `None` when it says nothing.
    pub fn of_mail(text: &str) -> Option<Self> {
        let kept: String = text
            .chars()
            .filter(|c| *c != '\0')
            .take(LONGEST_BODY + 1)
            .collect();
        let body = match kept.char_indices().nth(LONGEST_BODY) {
            Some(_) => cut(&kept, LONGEST_BODY - 1),
            None => kept.trim_end().to_owned(),
        };
        (!body.trim().is_empty()).then_some(Self(body))
    }

    /// What stands for a mail that says nothing.
    pub fn placeholder() -> Self {
        Self("(This mail has no text.)".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its beginning on one line, for lists.
    pub fn preview(&self) -> String {
        cut(&one_line(&self.0, PREVIEW * 4), PREVIEW)
    }

    /// The first line that says something, as a subject for want of one.
    pub fn derived_subject(&self) -> String {
        let lines = self.0.lines().map(|line| one_line(line, DERIVED_SUBJECT * 4));
        let first = lines
            .into_iter()
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        cut(&first, DERIVED_SUBJECT)
    }
}

/// A subject as given, on one line and not too long; empty when nothing is left.
pub fn subject(text: &str) -> String {
    cut(&one_line(text, LONGEST_SUBJECT * 4), LONGEST_SUBJECT)
}

/// Puts runs of white space and control characters (line ends of every kind) to one space each.
/// Stops after about `enough` characters.
fn one_line(text: &str, enough: usize) -> String {
    let mut line = String::new();
    let mut taken = 0;
    for word in text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
    {
        if taken > enough {
            break;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        let room = enough.saturating_sub(taken) + 1;
        line.extend(word.chars().take(room));
        taken += word.chars().take(room).count() + 1;
    }
    line
}

/// Cuts at a character boundary, if possible at a word, and says so with an ellipsis.
fn cut(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    let head = text.get(..end).unwrap_or_default();
    let word_end = head.rfind(' ').filter(|at| *at > end * 2 / 3).unwrap_or(end);
    format!("{}…", head.get(..word_end).unwrap_or_default().trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_needs_text_and_no_nul() {
        assert_eq!(Body::parse(" \n\t ").unwrap_err().code, "message_empty");
        assert_eq!(Body::parse("a\0b").unwrap_err().code, "message_has_nul");
        assert_eq!(
            Body::parse(&"é".repeat(10_001)).unwrap_err().code,
            "message_too_long"
        );
        assert!(Body::parse(&"é".repeat(10_000)).is_ok());
        assert_eq!(
            Body::parse("  kept \r\n as is ").unwrap().as_str(),
            "  kept \r\n as is "
        );
    }

    #[test]
    fn subjects_and_previews_are_one_short_line() {
        let body = Body::parse("\n\n  Hello\u{2028}there\r\nBcc: x\n").unwrap();
        assert_eq!(body.derived_subject(), "Hello there");
        assert_eq!(body.preview(), "Hello there Bcc: x");
        assert_eq!(subject("a\r\nBcc: b\u{85}c"), "a Bcc: b c");
        let long = Body::parse(&"word ".repeat(100)).unwrap();
        assert!(long.preview().chars().count() <= PREVIEW + 1);
        assert!(long.preview().ends_with("word…"));
        assert!(
            Body::parse(&"x".repeat(9000))
                .unwrap()
                .derived_subject()
                .chars()
                .count()
                <= DERIVED_SUBJECT + 1
        );
    }
}
