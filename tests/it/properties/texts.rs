//! Made-up texts that are likely to be mistaken for one another.

use crate::support::random::Random;

/// Letters with a case, a fold, a decomposition or a twin in another alphabet, and their twins.
const LETTERS: &[char] = &[
    'a', 'A', 'b', 'i', 'I', 'k', 'K', 's', 'S', 'z', '0', '1', '.', '+', '-', '_', '\'', 'ı', 'İ', 'ſ',
    '\u{212a}', 'ß', 'ẞ', 'ﬁ', 'ﬀ', 'å', '\u{212b}', 'Å', 'é', 'É', '\u{301}', '\u{307}', '\u{308}', 'а',
    'е', 'о', 'ο', 'Ω', '\u{2126}', 'ａ', 'Ａ', '＠', '．', '。', '𝒶', 'ⓐ', 'ª', 'ǆ', 'ǅ', 'Ǆ', '\u{200b}',
    '\u{200d}', '\u{ad}', '\u{feff}', '\u{202e}', '\u{a0}', '\u{3000}', '\0', '\u{7f}', '\u{85}', '"', '\\',
    '@', ' ', '\t', '\r', '\n', '😀',
];

/// A short text of such letters; now and then any letter at all.
pub(super) fn text(random: &mut Random, longest: usize) -> String {
    (0..=random.below(longest)).map(|_| letter(random)).collect()
}

fn letter(random: &mut Random) -> char {
    if random.below(8) > 0 {
        return *random.pick(LETTERS);
    }
    loop {
        let code = u32::try_from(random.below(0x11_0000)).unwrap();
        if let Some(letter) = char::from_u32(code) {
            return letter;
        }
    }
}

/// Something like an address, often one.
pub(super) fn address(random: &mut Random) -> String {
    let domain = *random.pick(&["example.com", "EXAMPLE.COM", "e\u{445}ample.com", "a.b"]);
    let space = *random.pick(&["", "", "", " ", "\n", "\t ", "\u{a0}", "\0"]);
    match random.below(6) {
        0 => text(random, 12),
        1 => format!("{}@{}", text(random, 6), text(random, 6)),
        _ => format!("{space}{}@{domain}{space}", text(random, 5)),
    }
}

/// A variation of an address that some notion of equality would call the same.
pub(super) fn variation(random: &mut Random, address: &str) -> String {
    match random.below(9) {
        0 => address.to_lowercase(),
        1 => address.to_uppercase(),
        2 => address.to_ascii_uppercase(),
        3 => address.to_ascii_lowercase(),
        4 => format!(" {address}\n"),
        5 => address.trim().to_owned(),
        6 => address.replace('.', ""),
        7 => address.replace('\u{301}', ""),
        _ => {
            let mut letters: Vec<char> = address.chars().collect();
            let at = random.below(letters.len());
            letters[at] = letter(random);
            letters.into_iter().collect()
        }
    }
}
