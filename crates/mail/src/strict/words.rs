//! Encoded words (RFC 2047).

use super::{Offence, base64};

const LONGEST_WORD: usize = 75;

/// Decodes the encoded words of a value and checks that nothing harmful comes out.
///
/// # Errors
/// A word that is too long, broken, or holds a control character.
pub fn decode(value: &str) -> Result<String, Offence> {
    let mut decoded = String::new();
    // White space after the last token, which is text unless it stands between two encoded words.
    let (mut after_word, mut space) = (false, "");
    for token in value.split_inclusive([' ', '\t']) {
        let (bare, trailing) = token.split_at(token.trim_end_matches([' ', '\t']).len());
        let word = bare.strip_prefix("=?").and_then(|rest| rest.strip_suffix("?="));
        if bare.contains("=?") && word.is_none() {
            return Err(format!("half an encoded word: {bare}"));
        }
        if !(bare.is_empty() || (after_word && word.is_some())) {
            decoded.push_str(space);
        }
        match word {
            Some(word) => decoded.push_str(&one(bare, word)?),
            None => decoded.push_str(bare),
        }
        if !bare.is_empty() {
            (after_word, space) = (word.is_some(), trailing);
        }
    }
    Ok(decoded)
}

fn one(whole: &str, inside: &str) -> Result<String, Offence> {
    if whole.len() > LONGEST_WORD {
        return Err(format!("an encoded word of {} bytes", whole.len()));
    }
    let mut parts = inside.splitn(3, '?');
    let (charset, encoding, text) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    if !charset.is_some_and(|c| c.eq_ignore_ascii_case("utf-8") || c.eq_ignore_ascii_case("us-ascii")) {
        return Err(format!("an unknown character set: {whole}"));
    }
    let bytes = match encoding {
        Some("B" | "b") => base64(text)?,
        Some("Q" | "q") => q(text)?,
        _ => return Err(format!("an unknown encoding: {whole}")),
    };
    let text = String::from_utf8(bytes).map_err(|_| format!("an encoded word that is not UTF-8: {whole}"))?;
    if text
        .chars()
        .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        return Err(format!("an encoded word with a control character: {whole}"));
    }
    Ok(text)
}

fn q(text: &str) -> Result<Vec<u8>, Offence> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'_' => b' ',
            b'=' => hex(rest.next(), rest.next()).ok_or_else(|| format!("a broken encoded word: {text}"))?,
            b'?' | b' ' => return Err(format!("a broken encoded word: {text}")),
            other => other,
        });
    }
    Ok(bytes)
}

/// A byte from its two hexadecimal digits.
pub(super) fn hex(high: Option<u8>, low: Option<u8>) -> Option<u8> {
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
