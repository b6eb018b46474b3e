//! Foreign text that is about to stand in a header.

/// One line of text, at most `characters` long: control characters, line separators and marks that
/// turn the direction of what follows become spaces, runs of white space become one.
///
/// A text that spells an encoded word (`=?utf-8?q?=0d=0a…?=`) is broken by a space: written as it
/// is, it would be decoded into something else than what was checked.
pub fn one_line(text: &str, characters: usize) -> String {
    let mut line = String::with_capacity(text.len().min(4 * characters));
    let mut left = characters;
    for character in text.chars() {
        let is_space = character.is_whitespace() || is_harmful(character);
        let character = if is_space { ' ' } else { character };
        if is_space && (line.is_empty() || line.ends_with(' ')) {
            continue;
        }
        let breaks_an_encoded_word = character == '?' && line.ends_with('=');
        if left <= usize::from(breaks_an_encoded_word) {
            line.truncate(line.trim_end().len());
            line.push('…');
            return line;
        }
        if breaks_an_encoded_word {
            line.push(' ');
            left -= 1;
        }
        line.push(character);
        left -= 1;
    }
    line.truncate(line.trim_end().len());
    line
}

/// Joiners stay: scripts and emoji need them, and they change nothing beside them.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_would_break_a_header_becomes_a_space() {
        for (given, kept) in [
            ("plain", "plain"),
            ("a\r\nBcc: x@y.example", "a Bcc: x@y.example"),
            ("a\nb\rc\0d", "a b c d"),
            ("a\u{2028}b\u{2029}c\u{85}d", "a b c d"),
            ("  a \t b  ", "a b"),
            ("=?utf-8?q?=0d=0aBcc:_x?=", "= ?utf-8?q?=0d=0aBcc:_x?="),
            ("=\0?", "= ?"),
            ("abc\u{202e}gpj.exe", "abc gpj.exe"),
            ("👩\u{200d}🚒 می\u{200c}خواهم", "👩\u{200d}🚒 می\u{200c}خواهم"),
            ("\r\n", ""),
        ] {
            assert_eq!(one_line(given, 100), kept, "{given:?}");
        }
        assert_eq!(one_line("four words are enough", 10), "four words…");
        assert_eq!(one_line("äöü", 3), "äöü");
    }

    proptest! {
        #[test]
        fn a_line_has_no_breaks_and_stays_as_it_is(text in "(\\PC|[\\r\\n\\t\\x00\u{85}\u{2028} =?]){0,60}") {
            let line = one_line(&text, 40);
            let breaks = line.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'));
            prop_assert!(!breaks);
            prop_assert!(!line.contains("=?"));
            prop_assert!(line.chars().count() <= 41);
            prop_assert_eq!(one_line(&line, 41), line);
        }
    }
}
