//! Plain text as HTML: everything escaped, addresses of web pages and mail made into links.

use crate::SafeHtml;

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// Turns plain text into HTML. Line breaks stay line breaks in the text: the page shows them by
/// its style. Links open elsewhere and tell nothing about the page they were on.
pub fn from_text(text: &str) -> SafeHtml {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    while let Some((before, link, after)) = next_link(rest) {
        escape(before, &mut html);
        html.push_str("<a href=\"");
        escape(link, &mut html);
        html.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
        escape(link, &mut html);
        html.push_str("</a>");
        rest = after;
    }
    escape(rest, &mut html);
    SafeHtml(html)
}

/// Finds the first link: what stands before it, the link, and what follows.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(tail) = text.get(from..) {
        let (offset, scheme) = SCHEMES
            .iter()
            .filter_map(|scheme| Some((tail.find(scheme)?, *scheme)))
            .min_by_key(|(at, _)| *at)?;
        let start = from + offset;
        let (before, candidate) = (text.get(..start)?, text.get(start..)?);
        let link = candidate.get(..link_length(candidate))?;
        let begins_a_word = !before.ends_with(|c: char| c.is_alphanumeric());
        if begins_a_word && link.len() > scheme.len() {
            return Some((before, link, candidate.get(link.len()..)?));
        }
        from = start + scheme.len();
    }
    None
}

/// How long a link is: up to white space or a character that no address holds, without the
/// punctuation that ends the sentence around it.
fn link_length(text: &str) -> usize {
    let end = text
        .find(|c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\' | '^')
        })
        .unwrap_or(text.len());
    let mut link = text.get(..end).unwrap_or_default();
    loop {
        let trimmed =
            link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '…', '”', '’', '»']);
        // A closing bracket belongs to the link only when it was opened there.
        let unbalanced = |open: char, close: char| {
            trimmed.ends_with(close) && trimmed.matches(close).count() > trimmed.matches(open).count()
        };
        let shorter = if unbalanced('(', ')') || unbalanced('[', ']') || unbalanced('{', '}') {
            trimmed.get(..trimmed.len() - 1).unwrap_or_default()
        } else {
            trimmed
        };
        if shorter.len() == link.len() {
            return link.len();
        }
        link = shorter;
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::from_text;
    use proptest::prelude::*;

    fn links(text: &str) -> Vec<String> {
        let html = from_text(text).to_string();
        html.split("<a href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
            .collect()
    }

    #[test]
    fn addresses_become_links_and_the_sentence_around_them_does_not() {
        for (text, found) in [
            (
                "see https://a.example/x?y=1&z=2.",
                vec!["https://a.example/x?y=1&amp;z=2"],
            ),
            ("(http://a.example/b_(c))", vec!["http://a.example/b_(c)"]),
            (
                "\"https://a.example\", mailto:x@y.example!",
                vec!["https://a.example", "mailto:x@y.example"],
            ),
            ("https:// and xhttps://a.example", vec![]),
            ("javascript:alert(1) data:text/html,x", vec![]),
            ("https://ünï.example/ä", vec!["https://ünï.example/ä"]),
        ] {
            assert_eq!(links(text), found, "{text}");
        }
    }

    #[test]
    fn markup_is_text() {
        let html = from_text("<script>alert('1')</script> https://a.example/\"onx=y <b>").to_string();
        assert!(
            !html.contains("<script") && !html.contains("<b>") && !html.contains("\"onx"),
            "{html}"
        );
    }

    proptest! {
        #[test]
        fn nothing_but_our_links_is_markup(text in "([a-z<>\"'& (.):/@]|https://|mailto:|\\PC){0,40}") {
            let html = from_text(&text).to_string();
            let without_links = html.replace("</a>", "");
            let mut rest = without_links.as_str();
            while let Some(at) = rest.find('<') {
                let tag = &rest[at..];
                prop_assert!(tag.starts_with("<a href=\"https://") || tag.starts_with("<a href=\"http://") || tag.starts_with("<a href=\"mailto:"));
                let end = tag.find('>').unwrap();
                prop_assert_eq!(tag[..end].matches('"').count(), 6);
                rest = &tag[end..];
            }
        }
    }
}
