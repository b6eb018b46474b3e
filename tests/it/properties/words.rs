//! Words: what is written is found by the same letters, whatever they are.

use helpdesky::words::excerpt::Excerpt;
use helpdesky::words::{self, Query};

use super::texts::text;
use crate::support::count;
use crate::support::random::Random;

#[test]
fn a_text_holds_every_word_that_is_asked_for_in_its_own_letters() {
    let mut random = Random::new(29);
    for _ in 0..count(20_000, 1_000_000) {
        let (before, inner, after) = (text(&mut random, 8), text(&mut random, 8), text(&mut random, 8));
        let whole = format!("{before} {inner} {after}");
        let (query, held) = (Query::parse(&inner), words::of(&whole));
        for wanted in query.words() {
            let is_held = held.iter().any(|word| word.starts_with(&wanted.word));
            assert!(is_held, "{:?} of {inner:?} in {whole:?}: {held:?}", wanted.word);
        }
        let places = query.places(&whole);
        assert_eq!(places.is_empty(), query.is_empty(), "{inner:?} in {whole:?}");
        let shown = Excerpt::whole(&query, &whole);
        let text: String = shown.pieces.iter().map(|piece| piece.text.as_str()).collect();
        assert_eq!(text, whole);
    }
}

#[test]
fn a_word_is_short_and_of_letters_that_no_index_takes_for_signs() {
    let mut random = Random::new(31);
    for _ in 0..count(20_000, 1_000_000) {
        let text = text(&mut random, 80);
        for word in words::of(&text) {
            assert!(
                !word.is_empty() && word.chars().count() <= 32,
                "{word:?} of {text:?}"
            );
            let sign = word.chars().find(|c| {
                c.is_whitespace() || c.is_control() || (c.is_ascii() && !c.is_ascii_alphanumeric())
            });
            assert_eq!(sign, None, "{word:?} of {text:?}");
            assert!(!word.contains(['§', '\u{10ffff}']), "{word:?} of {text:?}");
        }
    }
}
