//! An e-mail address that identifies a contact.
//!
//! Identity is the trimmed, ASCII-only lower-cased text. Unicode case folding or normalisation is
//! never applied: folding U+212A (Kelvin sign) to `k` would let the owner of one address sign for
//! another. Plus tags and dots are significant.

use std::fmt;

const MAX_BYTES: usize = 254;

/// A syntactically acceptable address in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address(String);

/// Why a text is not acceptable as an address. The sentence completes "email …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAddress {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More than 254 bytes (RFC 5321, 4.5.3.1.3, without the angle brackets).
    #[error("must be at most 254 bytes long")]
    TooLong,
    /// Not exactly one `@` outside a quoted local part, or nothing before or after it.
    #[error("must have one @ with something on both sides")]
    NoAddress,
    /// A control character, or white space that trimming does not take away.
    #[error("must not contain spaces or control characters")]
    Forbidden,
}

impl Address {
    /// Reads an address: trims ASCII white space around it, checks it, lower-cases ASCII letters.
    ///
    /// # Errors
    /// [`InvalidAddress`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let text = trim(text);
        if text.is_empty() {
            return Err(InvalidAddress::Empty);
        }
        if text.len() > MAX_BYTES {
            return Err(InvalidAddress::TooLong);
        }
        let mut quoted = false;
        let mut escaped = false;
        let mut at = None;
        for (position, character) in text.char_indices() {
            if character.is_control() || character.is_whitespace() || is_invisible(character) {
                return Err(InvalidAddress::Forbidden);
            }
            match character {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                // A quoted string is a whole local part, so it starts at the beginning.
                '"' if position == 0 || quoted => quoted = !quoted,
                '@' if !quoted && at.is_some() => return Err(InvalidAddress::NoAddress),
                '@' if !quoted => at = Some(position),
                _ => {}
            }
        }
        match at {
            Some(position) if !quoted && position > 0 && position + 1 < text.len() => {
                Ok(Self(text.to_ascii_lowercase()))
            }
            _ => Err(InvalidAddress::NoAddress),
        }
    }

    /// The canonical form, which is also the identity.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the `@`, for want of a name.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or(&self.0, |(local, _)| local)
    }
}

/// Takes away the white space that identity ignores: the ASCII kind, around the text.
pub fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n', '\u{c}', '\u{b}'])
}

/// Characters that change how an address looks without being visible themselves: zero-width and
/// direction marks, soft hyphen, byte order mark, line and paragraph separators.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn good_addresses_become_their_canonical_form() {
        for (given, canonical) in [
            ("user@example.com", "user@example.com"),
            ("  User@Example.com \n", "user@example.com"),
            ("jane+tag@example.com", "jane+tag@example.com"),
            ("ünï@example.com", "ünï@example.com"),
            ("\u{212a}@example.com", "\u{212a}@example.com"),
            ("\"a@b\"@example.com", "\"a@b\"@example.com"),
            ("A.B@xn--bcher-kva.example", "a.b@xn--bcher-kva.example"),
        ] {
            assert_eq!(Address::parse(given).unwrap().as_str(), canonical, "{given:?}");
        }
    }

    #[test]
    fn bad_addresses_are_refused_with_their_reason() {
        use InvalidAddress::*;
        let long = format!("{}@example.com", "a".repeat(243));
        for (given, reason) in [
            ("", Empty),
            (" \t\r\n", Empty),
            ("user", NoAddress),
            ("@example.com", NoAddress),
            ("user@", NoAddress),
            ("a@b@c", NoAddress),
            ("\"a@b.c", NoAddress),
            ("us er@example.com", Forbidden),
            ("user\0@example.com", Forbidden),
            ("user@exam\u{200b}ple.com", Forbidden),
            ("user@example.com\u{202e}", Forbidden),
            ("us\u{ad}er@example.com", Forbidden),
            ("user@example.com\nbcc: x@y", Forbidden),
            (long.as_str(), TooLong),
        ] {
            assert_eq!(Address::parse(given), Err(reason), "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_its_own_canonical_form(text in "\\PC{0,12}@\\PC{1,12}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert_eq!(Address::parse(address.as_str()), Ok(address));
            }
        }

        #[test]
        fn an_address_with_other_letters_than_ascii_never_equals_an_ascii_one(text in "\\PC{1,8}@\\PC{1,8}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert_eq!(address.as_str().is_ascii(), trim(&text).is_ascii());
            }
        }
    }
}
