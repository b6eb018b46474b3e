//! HTML as a row of tokens (HTML, 13.2.5), in one pass.
//!
//! What browsers read by other rules than text is not handed out: scripts, styles, comments, and all of
//! SVG, MathML and templates with what they hold. What is written from these tokens therefore holds
//! nothing of the kind, and is read by every browser as it was written.

use crate::entities;

/// Elements whose content is text by other rules, and is of no use in a mail.
const SKIPPED_TEXT: [&str; 9] = [
    "script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes", "noscript",
];
/// Elements whose content is markup of another kind.
const SKIPPED_MARKUP: [&str; 9] = [
    "svg", "math", "template", "object", "applet", "audio", "video", "canvas", "select",
];
const MOST_ATTRIBUTES: usize = 40;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// Text with its references not decoded yet.
    Text(&'a str),
    Start(Tag<'a>),
    /// A closing tag, its name in lower case.
    End(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag<'a> {
    /// In lower case.
    pub(crate) name: String,
    /// Names as written, values with their references not decoded yet.
    attributes: Vec<(&'a str, &'a str)>,
}

impl Tag<'_> {
    /// The decoded value of an attribute: the first one of this name, as browsers take it.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let found = self
            .attributes
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| entities::decode(value))
    }
}

/// Reads tokens one after another.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    /// Set once a search for an end found none: there is none further on either.
    has_no_comment_end: bool,
}

impl<'a> Tokens<'a> {
    pub(crate) fn new(html: &'a str) -> Self {
        Self {
            rest: html,
            has_no_comment_end: false,
        }
    }

    /// Goes behind a comment, a declaration or a processing instruction.
    fn skip_comment(&mut self, after: &'a str) {
        let end = match after.strip_prefix("!--") {
            // `<!-->` and `<!--->` are whole comments.
            Some(inside) if inside.starts_with('>') || inside.starts_with("->") => {
                after.find('>').map(|at| at + 1)
            }
            Some(_) if self.has_no_comment_end => None,
            Some(inside) => {
                let end = comment_end(inside).map(|at| at + 3);
                self.has_no_comment_end = end.is_none();
                end
            }
            None => after.find('>').map(|at| at + 1),
        };
        self.rest = end.and_then(|end| after.get(end..)).unwrap_or_default();
    }

    /// Goes behind the closing tag of an element whose content is text.
    fn skip_text(&mut self, name: &str) {
        let mut rest = self.rest;
        while let Some((_, after)) = rest.split_once("</") {
            rest = after;
            let is_name = after
                .get(..name.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(name));
            let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/');
            if is_name && after.get(name.len()..).is_some_and(|tail| tail.starts_with(ends)) {
                self.rest = after.split_once('>').map_or("", |(_, tail)| tail);
                return;
            }
        }
        self.rest = "";
    }

    /// Goes behind the closing tag of an element whose content is markup; tags of the same name count.
    fn skip_markup(&mut self, name: &str) {
        let mut depth = 1_usize;
        while depth > 0 {
            match self.raw() {
                Some(Token::Start(tag)) if SKIPPED_TEXT.contains(&tag.name.as_str()) => {
                    self.skip_text(&tag.name);
                }
                Some(Token::Start(tag)) if tag.name == name => depth += 1,
                Some(Token::End(ended)) if ended == name => depth -= 1,
                None => return,
                _ => {}
            }
        }
    }

    /// The next token, whatever it is.
    fn raw(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest;
            if rest.is_empty() {
                return None;
            }
            let Some(after) = rest.strip_prefix('<') else {
                let end = rest.find('<').unwrap_or(rest.len());
                let (text, tail) = rest.split_at_checked(end)?;
                self.rest = tail;
                return Some(Token::Text(text));
            };
            match after.chars().next() {
                Some('!' | '?') => self.skip_comment(after),
                Some('/')
                    if after
                        .get(1..)
                        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic())) =>
                {
                    let (tag, tail) = tag(after.get(1..).unwrap_or_default());
                    self.rest = tail;
                    return Some(Token::End(tag.name));
                }
                Some('/') => self.skip_comment(after),
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let (tag, tail) = tag(after);
                    self.rest = tail;
                    return Some(Token::Start(tag));
                }
                // A bracket that begins nothing is text.
                _ => {
                    let (text, tail) = rest.split_at_checked(1)?;
                    self.rest = tail;
                    return Some(Token::Text(text));
                }
            }
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let token = self.raw()?;
            let Token::Start(tag) = &token else {
                return Some(token);
            };
            if SKIPPED_TEXT.contains(&tag.name.as_str()) {
                let name = tag.name.clone();
                self.skip_text(&name);
            } else if SKIPPED_MARKUP.contains(&tag.name.as_str()) {
                let name = tag.name.clone();
                self.skip_markup(&name);
            } else if tag.name == "plaintext" {
                self.rest = "";
            } else {
                return Some(token);
            }
        }
    }
}

/// Behind `-->` or `--!>`.
fn comment_end(inside: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = inside.get(from..)?.find("--") {
        let after = inside.get(from + at + 2..)?;
        if after.starts_with('>') {
            return Some(from + at + 3);
        }
        if after.starts_with("!>") {
            return Some(from + at + 4);
        }
        from += at + 1;
    }
    None
}

/// Reads a tag from its name on; gives what follows it. A tag that never ends takes everything.
fn tag(text: &str) -> (Tag<'_>, &str) {
    let ends_name = |c: char| c.is_ascii_whitespace() || matches!(c, '/' | '>');
    let end = text.find(ends_name).unwrap_or(text.len());
    let (name, mut rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if let Some(after) = rest.strip_prefix('>') {
            let name = name.to_ascii_lowercase();
            return (Tag { name, attributes }, after);
        }
        if rest.is_empty() {
            // Browsers drop a tag that the document ends in.
            return (
                Tag {
                    name: String::new(),
                    attributes: Vec::new(),
                },
                "",
            );
        }
        // An equals sign at the beginning belongs to the name.
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let tail = rest.get(first..).unwrap_or_default();
        let length = first
            + tail
                .find(|c: char| ends_name(c) || c == '=')
                .unwrap_or(tail.len());
        let (attribute, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
        rest = after.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = attribute_value(after.trim_start_matches(|c: char| c.is_ascii_whitespace()));
        }
        if attributes.len() < MOST_ATTRIBUTES {
            attributes.push((attribute, value));
        }
    }
}

fn attribute_value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            return inside.split_once(quote).unwrap_or((inside, ""));
        }
    }
    let end = text
        .find(|c: char| c.is_ascii_whitespace() || c == '>')
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: &str) -> String {
        let mut shown = String::new();
        for token in Tokens::new(html) {
            match token {
                Token::Text(text) => shown.push_str(text),
                Token::Start(tag) => {
                    shown.push_str(&format!("[{}", tag.name));
                    for (name, _) in &tag.attributes {
                        shown.push_str(&format!(" {name}={}", tag.attribute(name).unwrap()));
                    }
                    shown.push(']');
                }
                Token::End(name) => shown.push_str(&format!("[/{name}]")),
            }
        }
        shown
    }

    #[test]
    fn tokens_are_read_as_browsers_read_them() {
        for (html, tokens) in [
            (
                "a<B CLASS=x id='y' z=\"1&amp;2\" w>c</B >d",
                "a[b CLASS=x id=y z=1&2 w=]c[/b]d",
            ),
            ("1 < 2 <3 << <", "1 < 2 <3 << <"),
            ("a<!-- <b> -- > -->b<!-->c<!--->d<!x>e<?y>f</ z>g", "abcdefg"),
            ("a<!-- <b>", "a"),
            ("a<script>x</scriptx></SCRIPT >b<style><!--</style>c", "abc"),
            (
                "a<svg><g><svg></svg><style></svg></style><script></svg></script></g></svg>b",
                "ab",
            ),
            ("a<math><mtext></math>b<template><p></template>c", "abc"),
            ("<a href=x/y>z<br/>", "[a href=x/y]z[br]"),
            ("<p/onclick=x =y=z>", "[p onclick=x =y=z]"),
            ("<!--[if mso]><b><![endif]-->a<![if !mso]>b<![endif]>", "ab"),
            ("a<b", "a[]"),
            ("a<b c='d", "a[]"),
            ("a<title>b<plaintext>c", "a"),
            ("<p title=a title=b>", "[p title=a title=a]"),
        ] {
            assert_eq!(shown(html), tokens, "{html}");
        }
    }

    #[test]
    fn nothing_endless_takes_long() {
        for piece in [
            "<",
            "<!--",
            "<!",
            "</",
            "<a ",
            "<a b='",
            "&",
            "<script>",
            "<svg>",
            "</script",
            "<!-- --",
            "<a<",
            "&#",
            "<p =",
            "<svg><style>",
        ] {
            let html = piece.repeat(1_000_000 / piece.len());
            let _ = Tokens::new(&html).count();
        }
    }
}
