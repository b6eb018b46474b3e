//! The signature: lower-case hex of HMAC-SHA256, keyed with the whole secret text, over an address.
//!
//! It is accepted for the address as received, trimmed, or trimmed and lower-cased, because host
//! apps do all three. A signature made for one address never opens another: all three forms have
//! the same identity.

use crate::sealing::hmac_sha256;
use subtle::{Choice, ConstantTimeEq};
use zeroize::Zeroizing;

/// One HMAC-SHA256 value.
pub type Tag = [u8; 32];

/// The key made from a secret: its text as UTF-8, prefix included.
pub struct SigningKey(Zeroizing<Vec<u8>>);

impl SigningKey {
    /// A key from the text of a secret.
    pub fn new(text: &[u8]) -> Self {
        Self(Zeroizing::new(text.to_vec()))
    }

    /// The tag over a message.
    pub fn tag(&self, message: &[u8]) -> Tag {
        hmac_sha256(&self.0, &[message])
    }
}

/// Finds the key that made the signature, as its position among `keys`.
///
/// Every candidate is computed and compared every time, also without a key and for a signature
/// that is not 64 hex digits, so that the time tells nothing about which one failed.
pub fn verify<'a>(keys: impl Iterator<Item = &'a SigningKey>, email: &str, signature: &str) -> Option<usize> {
    let (claimed, well_formed) = decode(signature);
    let candidates = candidates(email);
    let mut found = None;
    let mut any = false;
    for (position, key) in keys.enumerate() {
        any = true;
        if bool::from(matches_any(key, &candidates, &claimed) & well_formed) {
            found = found.or(Some(position));
        }
    }
    if !any {
        let nobody = SigningKey::new(b"hdh_secret_ of a helpdesk without a secret, for its time only");
        std::hint::black_box(bool::from(matches_any(&nobody, &candidates, &claimed)));
    }
    found
}

/// The texts a host app may have signed for this address.
fn candidates(email: &str) -> [String; 3] {
    let trimmed = mail::trim(email);
    [email.to_owned(), trimmed.to_owned(), trimmed.to_ascii_lowercase()]
}

fn matches_any(key: &SigningKey, candidates: &[String; 3], claimed: &Tag) -> Choice {
    let mut matches = Choice::from(0);
    for candidate in candidates {
        matches |= key.tag(candidate.as_bytes()).ct_eq(claimed);
    }
    matches
}

/// Reads exactly 64 hex digits of either case, white space around them ignored.
pub fn parse(signature: &str) -> Option<Tag> {
    let (tag, well_formed) = decode(signature);
    bool::from(well_formed).then_some(tag)
}

fn decode(signature: &str) -> (Tag, Choice) {
    let mut tag = [0; 32];
    let digits = mail::trim(signature).as_bytes();
    let mut well_formed = digits.len() == 64;
    for (byte, pair) in tag.iter_mut().zip(digits.chunks(2)) {
        let [high, low] = pair else {
            well_formed = false;
            continue;
        };
        match (hex_value(*high), hex_value(*low)) {
            (Some(high), Some(low)) => *byte = high << 4 | low,
            _ => well_formed = false,
        }
    }
    (tag, Choice::from(u8::from(well_formed)))
}

fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The signature as host apps send it.
pub fn to_hex(tag: &Tag) -> String {
    tag.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"hdh_secret_xxxxxxxxxxxxxxxx";

    #[test]
    fn the_published_vectors_hold() {
        for (email, signature) in [
            (
                "user@example.com",
                "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b",
            ),
            (
                "User@Example.com",
                "612598f6e0f66eec95e7ac9e2cb67eccbb390791c40ccd8b25d865c752757b09",
            ),
            (
                "jane+tag@example.com",
                "38ef39c0511427fa56bdbfe6b3ab32820264ff28658aaba61dd98997d36eb436",
            ),
            (
                "ünï@example.com",
                "507846dbd7b040b0581afd9425d65b7f44c8ad66e429ef23255a1b41a0a683f0",
            ),
        ] {
            let key = SigningKey::new(SECRET);
            assert_eq!(to_hex(&key.tag(email.as_bytes())), signature, "{email}");
            assert_eq!(verify([&key].into_iter(), email, signature), Some(0), "{email}");
            assert_eq!(
                verify([&key].into_iter(), email, &signature.to_uppercase()),
                Some(0),
                "{email}"
            );
        }
    }

    #[test]
    fn the_address_counts_as_received_trimmed_or_lower_cased() {
        let key = SigningKey::new(SECRET);
        let sign = |text: &str| to_hex(&key.tag(text.as_bytes()));
        for signed in [" User@Example.com ", "User@Example.com", "user@example.com"] {
            assert_eq!(
                verify([&key].into_iter(), " User@Example.com ", &sign(signed)),
                Some(0),
                "{signed:?}"
            );
        }
        assert_eq!(
            verify([&key].into_iter(), "user@example.com", &sign("User@Example.com")),
            None
        );
        assert_eq!(
            verify([&key].into_iter(), "\u{212a}@example.com", &sign("k@example.com")),
            None
        );
    }

    #[test]
    fn only_64_hex_digits_are_a_signature() {
        let key = SigningKey::new(SECRET);
        let good = to_hex(&key.tag(b"user@example.com"));
        let odd: [String; 8] = [
            String::new(),
            good[..63].to_owned(),
            format!("{good}0"),
            format!("0x{}", &good[2..]),
            good.replace('0', "０"),
            "0".repeat(64),
            format!("{}zz", &good[..62]),
            "é".repeat(32),
        ];
        for signature in odd {
            assert_eq!(
                verify([&key].into_iter(), "user@example.com", &signature),
                None,
                "{signature}"
            );
        }
        assert_eq!(
            verify([&key].into_iter(), "user@example.com", &format!(" {good}\n")),
            Some(0)
        );
        assert_eq!(verify(std::iter::empty(), "user@example.com", &good), None);
    }

    #[test]
    fn the_second_live_secret_counts_too() {
        let keys = [SigningKey::new(b"one"), SigningKey::new(SECRET)];
        let signature = to_hex(&keys[1].tag(b"user@example.com"));
        assert_eq!(verify(keys.iter(), "user@example.com", &signature), Some(1));
    }
}
