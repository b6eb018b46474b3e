//! Message-IDs in headers (RFC 5322, 3.6.4).

const ID_BYTES: usize = 250;
/// A thread keeps its beginning and its latest mails.
const MOST: usize = 200;

/// The ids of a value, without angle brackets. Words between them, as old programs write, are skipped;
/// where there are no brackets at all, words that hold an `@` are ids.
pub(crate) fn ids(value: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(value);
    let is_good = |id: &str| {
        !id.is_empty()
            && id.len() <= ID_BYTES
            && !id
                .chars()
                .any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER)
    };
    let mut found: Vec<String> = Vec::new();
    if text.contains('<') {
        for piece in text.split('<').skip(1) {
            // Folding may have put blanks into a long id.
            let id: String = piece
                .split('>')
                .next()
                .unwrap_or_default()
                .split_ascii_whitespace()
                .collect();
            if is_good(&id) {
                found.push(id);
            }
        }
    } else {
        let words = text.split(|c: char| c.is_ascii_whitespace() || c == ',');
        found.extend(
            words
                .filter(|word| word.contains('@') && is_good(word))
                .map(str::to_owned),
        );
    }
    if found.len() > MOST {
        found.drain(1..=found.len() - MOST);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::ids;

    #[test]
    fn ids_are_found_in_all_their_spellings() {
        for (value, found) in [
            ("<a@b>", vec!["a@b"]),
            ("<a@b> <c@d>", vec!["a@b", "c@d"]),
            ("<a@b><c@d>", vec!["a@b", "c@d"]),
            ("Your mail of Monday <a@b> (x)", vec!["a@b"]),
            ("a@b c@d", vec!["a@b", "c@d"]),
            ("<a@\t b>", vec!["a@b"]),
            ("<[hex]+x@[192.0.2.1]>", vec!["[hex]+x@[192.0.2.1]"]),
            ("none", vec![]),
            ("<>", vec![]),
            ("<a@b", vec!["a@b"]),
        ] {
            assert_eq!(ids(value.as_bytes()), found, "{value}");
        }
        let many: String = (0..1_000).map(|n| format!("<{n}@x> ")).collect();
        let kept = ids(many.as_bytes());
        assert_eq!(
            (kept.len(), kept[0].as_str(), kept[199].as_str()),
            (200, "0@x", "999@x")
        );
    }
}
