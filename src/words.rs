//! Words, for search: the same for texts that are kept and for what somebody looks for, and the same
//! on both databases. For finding only, never for identity: here `É` is `e` and `ß` is `ss`.
//!
//! Scripts that write no spaces (Chinese, Japanese, Thai and others) have no words to cut out: each
//! pair of neighbouring characters counts as one, so that any stretch of two or more is found.

pub mod excerpt;

use std::ops::Range;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Characters of a word that count.
const LONGEST: usize = 32;
/// Words of a query that count.
const MOST_ASKED: usize = 8;
/// Characters of a query that are read.
const LONGEST_QUERY: usize = 200;

/// A stretch of a text.
enum Piece {
    /// A word between spaces or signs, folded, and where it stands.
    Word(String, Range<usize>),
    /// Neighbouring characters of a script without spaces.
    Run(Vec<(String, Range<usize>)>),
}

/// All words of a text, in their order and as often as they occur.
pub fn of(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Word(word, _) => words.push(word),
            Piece::Run(characters) => words.extend((0..characters.len()).map(|at| pair(&characters, at))),
        }
    }
    words
}

/// What somebody looks for: every word must be there, or a longer one that begins with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    words: Vec<Wanted>,
}

/// One word of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The word.
    pub word: String,
    /// Whether longer words that begin with it are meant as well. A single letter stands for itself:
    /// what begins with it is nearly everything.
    pub or_longer: bool,
}

impl Query {
    /// Reads what was typed. Any text is a query; one without a word finds nothing.
    pub fn parse(text: &str) -> Self {
        let end = text
            .char_indices()
            .nth(LONGEST_QUERY)
            .map_or(text.len(), |(end, _)| end);
        let mut words: Vec<Wanted> = Vec::new();
        let mut want = |word: String, or_longer: bool| {
            let wanted = Wanted { word, or_longer };
            if words.len() < MOST_ASKED && !words.contains(&wanted) {
                words.push(wanted);
            }
        };
        for piece in pieces(text.get(..end).unwrap_or_default()) {
            match piece {
                Piece::Word(word, _) => {
                    let or_longer = word.chars().nth(1).is_some();
                    want(word, or_longer);
                }
                // The last character stands in the pair before it.
                Piece::Run(characters) => {
                    for at in 0..characters.len().saturating_sub(1).max(1) {
                        want(pair(&characters, at), true);
                    }
                }
            }
        }
        Self { words }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The words.
    pub fn words(&self) -> &[Wanted] {
        &self.words
    }

    fn wants(&self, word: &str) -> bool {
        let is_meant = |wanted: &Wanted| {
            wanted.word == word || (wanted.or_longer && word.starts_with(wanted.word.as_str()))
        };
        self.words.iter().any(is_meant)
    }

    /// Where the words stand in a text: byte ranges in order, never touching.
    pub fn places(&self, text: &str) -> Vec<Range<usize>> {
        let mut places: Vec<Range<usize>> = Vec::new();
        let mut found = |place: Range<usize>| match places.last_mut() {
            Some(last) if last.end >= place.start => last.end = last.end.max(place.end),
            _ => places.push(place),
        };
        for piece in pieces(text) {
            match piece {
                Piece::Word(word, place) => {
                    if self.wants(&word) {
                        found(place);
                    }
                }
                Piece::Run(characters) => {
                    for (at, (one, place)) in characters.iter().enumerate() {
                        let next = characters.get(at + 1);
                        if self.wants(one) {
                            found(place.clone());
                        } else if let Some((_, next)) = next
                            && self.wants(&pair(&characters, at))
                        {
                            let whole = !self.only_begins(&characters, at);
                            found(place.start..if whole { next.end } else { place.end });
                        }
                    }
                }
            }
        }
        places
    }

    /// Whether a pair was found for its first character alone.
    fn only_begins(&self, characters: &[(String, Range<usize>)], at: usize) -> bool {
        !self
            .words
            .iter()
            .any(|wanted| wanted.word == pair(characters, at))
    }
}

/// The character at a place and its neighbour; alone at the end.
fn pair(characters: &[(String, Range<usize>)], at: usize) -> String {
    let texts = characters.iter().skip(at).take(2);
    texts.map(|(text, _)| text.as_str()).collect()
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut word = Growing::default();
    let mut run: Vec<(String, Range<usize>)> = Vec::new();
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        if is_unspaced(character) {
            word.end(&mut pieces);
            run.push((std::iter::once(character).nfkc().collect(), start..end));
            continue;
        }
        if !run.is_empty() && !is_ignored(character) {
            pieces.push(Piece::Run(std::mem::take(&mut run)));
        }
        if character.is_alphanumeric() || (word.begun && belongs(character)) {
            word.add(character, start, end);
        } else if !is_ignored(character) {
            word.end(&mut pieces);
        }
    }
    word.end(&mut pieces);
    if !run.is_empty() {
        pieces.push(Piece::Run(run));
    }
    pieces
}

/// A word that is being read.
#[derive(Default)]
struct Growing {
    begun: bool,
    folded: String,
    ascii: bool,
    start: usize,
    end: usize,
}

impl Growing {
    fn add(&mut self, character: char, start: usize, end: usize) {
        if !self.begun {
            (self.begun, self.ascii, self.start) = (true, true, start);
        }
        self.end = end;
        if character.is_ascii() {
            self.folded.push(character.to_ascii_lowercase());
            return;
        }
        self.ascii = false;
        for lower in character.to_lowercase() {
            decompose_compatible(lower, |part| {
                if let Some(plain) = plain_letters(part) {
                    self.folded.push_str(plain);
                } else if !is_dropped(part) {
                    self.folded.extend(part.to_lowercase());
                }
            });
        }
    }

    fn end(&mut self, pieces: &mut Vec<Piece>) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        let folded = std::mem::take(&mut self.folded);
        let word: String = if self.ascii {
            folded.chars().take(LONGEST).collect()
        } else {
            // A compatible spelling may hold signs or spaces of its own, such as those of ½ or ㎏.
            folded
                .nfc()
                .filter(|c| c.is_alphanumeric() || belongs(*c))
                .take(LONGEST)
                .collect()
        };
        if !word.is_empty() {
            pieces.push(Piece::Word(word, self.start..self.end));
        }
    }
}

/// Letters that are no plain letter with a mark, and what people type who lack them on their keys.
fn plain_letters(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ς' => "σ",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// Whether a character that is no letter goes on with the word before it.
fn belongs(character: char) -> bool {
    is_combining_mark(character) || matches!(character, '\u{200c}' | '\u{200d}')
}

/// Accents of European scripts, vowel points of Hebrew and Arabic, and what stretches Arabic words:
/// people leave them out when they search.
fn is_dropped(character: char) -> bool {
    matches!(character,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{640}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}')
        || is_ignored(character)
}

/// Seen by nobody, and so no end of a word.
fn is_ignored(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Letters and marks of scripts that put no spaces between words. Korean does.
fn is_unspaced(character: char) -> bool {
    let is_of_block = matches!(character,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}'
        | '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}');
    is_of_block && (character.is_alphanumeric() || is_combining_mark(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_letters_and_digits_of_any_script_in_one_spelling() {
        for (text, wanted) in [
            (
                "Exported invoices, INV-2031!",
                &["exported", "invoices", "inv", "2031"][..],
            ),
            ("Ünïcode CAFÉ cafe\u{301}", &["unicode", "cafe", "cafe"]),
            ("İstanbul ΟΔΟΣ οδός", &["istanbul", "οδοσ", "οδοσ"]),
            ("Łódź STRAẞE Ærø ısı", &["lodz", "strasse", "aero", "isi"]),
            ("שָׁלוֹם مُحَمَّد", &["שלום", "محمد"]),
            ("हिन्दी, भाषा", &["हिन्दी", "भाषा"]),
            ("안녕하세요 세계", &["안녕하세요", "세계"]),
            ("请求退款", &["请求", "求退", "退款", "款"]),
            ("メールabc", &["メー", "ール", "ル", "abc"]),
            ("ｆｕｌｌ １２", &["full", "12"]),
            ("so\u{ad}ft\u{200b}ly", &["softly"]),
            ("😀 \" * - : ( NEAR\0x", &["near", "x"]),
            ("", &[]),
        ] {
            assert_eq!(of(text), wanted, "{text:?}");
        }
        assert_eq!(of(&"x".repeat(10_000)), ["x".repeat(LONGEST)]);
        assert!(of("½ ㎏ ﷺ").iter().all(|word| !word.contains([' ', '⁄'])));
    }

    #[test]
    fn a_query_is_short_whatever_is_typed() {
        let words = |text: &str| -> Vec<String> {
            Query::parse(text)
                .words()
                .iter()
                .map(|wanted| format!("{}{}", wanted.word, if wanted.or_longer { "…" } else { "" }))
                .collect()
        };
        assert_eq!(words("Refund a refund"), ["refund…", "a"]);
        assert_eq!(words("退款"), ["退款…"]);
        assert_eq!(words("退"), ["退…"]);
        assert_eq!(words("请求退款"), ["请求…", "求退…", "退款…"]);
        let long: String = (0..5_000).map(|n| format!("w{n} ")).collect();
        assert_eq!(words(&long).len(), MOST_ASKED);
        assert!(Query::parse("\" ' * ( ) - : ^ \0 😀").is_empty());
    }

    #[test]
    fn places_are_the_words_as_they_were_written() {
        let places = |query: &str, text: &str| -> Vec<String> {
            let places = Query::parse(query).places(text);
            places.into_iter().map(|place| text[place].to_owned()).collect()
        };
        assert_eq!(places("refu", "Refund, REFUNDS, fund"), ["Refund", "REFUNDS"]);
        assert_eq!(places("cafe", "Im Café"), ["Café"]);
        assert_eq!(places("a", "a an A"), ["a", "A"]);
        assert_eq!(places("退款", "请求退款。退"), ["退款"]);
        assert_eq!(places("求退款", "请求退款"), ["求退款"]);
        assert_eq!(places("退", "请求退款"), ["退"]);
        assert_eq!(places("x", ""), Vec::<String>::new());
    }
}
