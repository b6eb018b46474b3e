//! Block lists: what names a listed domain or says a listed word goes into spam. Its sender is told
//! nothing, and an operator can take it out again.

use crate::helpdesks::domains;

/// Entries of each list.
pub const MOST: usize = 500;
const LONGEST_WORD: usize = 80;

/// The domains in a text of lines, as they are kept; or the first that is none.
///
/// # Errors
/// The sentence to show.
pub fn checked_domains(text: &str) -> Result<Vec<String>, String> {
    let typed = domains::split(text);
    let mut all = Vec::new();
    for one in &typed {
        let one = one.trim_start_matches('@').to_owned();
        let checked = domains::check(std::slice::from_ref(&one)).map_err(|error| error.sentence)?;
        all.extend(checked.domains);
    }
    all.sort();
    all.dedup();
    if all.len() > MOST {
        return Err(format!("At most {MOST} domains"));
    }
    Ok(all)
}

/// The words in a text, one a line, as they are kept.
///
/// # Errors
/// The sentence to show.
pub fn checked_words(text: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = text
        .lines()
        .map(|line| {
            line.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
        .collect();
    words.sort();
    words.dedup();
    if words.len() > MOST {
        return Err(format!("At most {MOST} words"));
    }
    match words.iter().find(|word| word.chars().count() > LONGEST_WORD) {
        Some(long) => Err(format!(
            "“{}…” is longer than {LONGEST_WORD} characters",
            long.chars().take(20).collect::<String>()
        )),
        None => Ok(words),
    }
}

/// Whether an address belongs to a listed domain or one below it.
pub fn blocks_address(listed: &[String], email: &str) -> bool {
    let host = email
        .rsplit_once('@')
        .map_or("", |(_, host)| host)
        .trim_end_matches('.');
    // Lists hold domains as their servers are named.
    let host = idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_owned());
    domains::entry_for(listed, &host).is_some()
}

/// Whether a listed word stands in one of these texts, as a word of its own and in any case.
pub fn blocks_text(listed: &[String], texts: &[&str]) -> bool {
    if listed.is_empty() {
        return false;
    }
    texts.iter().any(|text| {
        let text = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        listed.iter().any(|word| holds(&text, word))
    })
}

fn holds(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (first, last) = (word.chars().next(), word.chars().next_back());
    text.match_indices(word).any(|(at, found)| {
        let before = text.get(..at).and_then(|head| head.chars().next_back());
        let after = text.get(at + found.len()..).and_then(|tail| tail.chars().next());
        let goes_on = (is_part(before) && is_part(first)) || (is_part(after) && is_part(last));
        !goes_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whole_and_in_any_case() {
        let listed = checked_words("Crypto\n  cheap   PILLS \nставки\n").unwrap();
        for text in ["buy CRYPTO now", "Cheap\npills!", "(crypto)", "Ставки на спорт"] {
            assert!(blocks_text(&listed, &["", text]), "{text}");
        }
        for text in ["cryptography", "cheap red pills", "encrypto", ""] {
            assert!(!blocks_text(&listed, &[text]), "{text}");
        }
    }

    #[test]
    fn domains_cover_what_is_below_them() {
        let listed = checked_domains("@Spam.example\nb\u{fc}cher.example").unwrap();
        for email in [
            "a@spam.example",
            "a@mx.spam.example",
            "a@b\u{fc}cher.example",
            "a@spam.example.",
        ] {
            assert!(blocks_address(&listed, email), "{email}");
        }
        assert!(!blocks_address(&listed, "a@notspam.example"));
        assert!(checked_domains("not a domain!").is_err());
    }
}
