//! Plain text as HTML: everything escaped, addresses of web pages and mail made into links.

use crate::SafeHtml;

const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];
/// No browser takes longer ones everywhere.
const LONGEST_LINK: usize = 2_000;
/// After so many, addresses stay text: nobody follows them, and each makes the page longer.
const MOST_LINKS: usize = 100;
const BRACKETS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('{', '}')];
const TRAILING: &str = ".,;:!?'*_…”’»";

/// Turns plain text into HTML. Line breaks stay line breaks in the text: the page shows them by
/// its style. Links open elsewhere and tell nothing about the page they were on.
pub fn from_text(text: &str) -> SafeHtml {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut rest = text;
    let mut links = 0;
    while links < MOST_LINKS
        && let Some((before, link, after)) = next_link(rest)
    {
        links += 1;
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

/// Finds the first link: what stands before it, the link, and what follows. Looks for colons and
/// then back at the scheme, so that a text without links is read once.
fn next_link(text: &str) -> Option<(&str, &str, &str)> {
    for (colon, _) in text.match_indices(':') {
        let head = text.get(..colon)?;
        let Some(scheme) = SCHEMES.iter().find(|scheme| ends_with_scheme(head, scheme)) else {
            continue;
        };
        let start = colon + 1 - colon_length(scheme);
        let (before, candidate) = (text.get(..start)?, text.get(start..)?);
        if !candidate.starts_with(scheme) || before.ends_with(|c: char| c.is_alphanumeric()) {
            continue;
        }
        let link = candidate.get(..link_length(candidate))?;
        if link.len() > scheme.len() {
            return Some((before, link, candidate.get(link.len()..)?));
        }
    }
    None
}

/// How long a scheme is up to and with its colon.
fn colon_length(scheme: &str) -> usize {
    scheme.find(':').map_or(0, |colon| colon + 1)
}

fn ends_with_scheme(head: &str, scheme: &str) -> bool {
    scheme.split(':').next().is_some_and(|name| head.ends_with(name))
}

/// How long a link is: up to white space or a character that no address holds, without the
/// punctuation that ends the sentence around it. Reads forward once and back once.
fn link_length(text: &str) -> usize {
    let ends =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`' | '\\' | '^');
    let link: &str = text
        .get(..text.find(ends).unwrap_or(text.len()))
        .unwrap_or_default();
    let link = link
        .char_indices()
        .nth(LONGEST_LINK)
        .map_or(link, |(end, _)| link.get(..end).unwrap_or_default());
    // More closing brackets than opening ones: the last ones belong to the sentence.
    let mut open = BRACKETS.map(|(open, close)| {
        let count = |bracket| i64::try_from(link.matches(bracket).count()).unwrap_or(0);
        count(open) - count(close)
    });
    let mut length = link.len();
    for character in link.chars().rev() {
        let bracket = BRACKETS
            .iter()
            .zip(&mut open)
            .find(|((_, close), _)| *close == character);
        match bracket {
            Some((_, open)) if *open < 0 => *open += 1,
            None if TRAILING.contains(character) => {}
            _ => break,
        }
        length -= character.len_utf8();
    }
    length
}

/// Text for an element or a quoted attribute.
pub(crate) fn escape(text: &str, html: &mut String) {
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

    /// What a contact can send must not cost the operator's page more than reading it.
    #[test]
    fn hostile_texts_are_read_in_one_go() {
        let texts = [
            format!("http://a{}", ")".repeat(9_990)),
            "http://a ".repeat(1_111),
            "xhttp://".repeat(1_250),
            ":".repeat(10_000),
            "http://".repeat(1_400),
            format!("http://a{}", "(".repeat(9_990)),
        ];
        for text in texts {
            let visits = std::cell::Cell::new(0_usize);
            let mut rest = text.as_str();
            while let Some((_, link, after)) = super::next_link(rest) {
                visits.set(visits.get() + 1);
                assert!(!link.is_empty() && after.len() < rest.len());
                rest = after;
            }
            assert!(visits.get() <= text.len() / 8, "{} links", visits.get());
        }
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
