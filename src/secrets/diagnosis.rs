//! Why a signature did not match: tries the mistakes that host apps make, one after another.
//! For administrators only; the embed's answer is the same for all of them.

use super::signature::{SigningKey, Tag, parse};
use crate::sealing::hmac_sha256;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The most likely mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The helpdesk has no secret yet.
    NoSecret,
    /// The signature is empty or a placeholder.
    Missing,
    /// It is the right value in base64 instead of hex.
    Base64,
    /// It has the length of SHA-1 or SHA-512.
    OtherAlgorithm,
    /// It is not 64 hex digits.
    NotHex,
    /// Made with a secret that was revoked.
    RevokedSecret,
    /// Made for the same address with other letter case or white space.
    OtherSpelling,
    /// The secret was used with a newline or space at its end.
    SecretWithWhiteSpace,
    /// The secret was used without its prefix.
    SecretWithoutPrefix,
    /// Address and secret were swapped.
    Swapped,
    /// A plain SHA-256 without a key.
    PlainHash,
    /// None of the above: another secret, or another text was signed.
    OtherSecretOrText,
}

impl Cause {
    /// The name under which it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoSecret => "no_secret",
            Self::Missing => "missing",
            Self::Base64 => "base64",
            Self::OtherAlgorithm => "other_algorithm",
            Self::NotHex => "not_hex",
            Self::RevokedSecret => "revoked_secret",
            Self::OtherSpelling => "other_spelling",
            Self::SecretWithWhiteSpace => "secret_with_white_space",
            Self::SecretWithoutPrefix => "secret_without_prefix",
            Self::Swapped => "swapped",
            Self::PlainHash => "plain_hash",
            Self::OtherSecretOrText => "other_secret_or_text",
        }
    }

    /// The cause that was stored under this name.
    pub fn from_name(name: &str) -> Self {
        ALL.into_iter()
            .find(|cause| cause.name() == name)
            .unwrap_or(Self::OtherSecretOrText)
    }

    /// What happened, and what to do about it.
    pub fn explain(self) -> (&'static str, &'static str) {
        match self {
            Self::NoSecret => (
                "No HMAC secret exists yet",
                "Generate one on the Ticket Center page and put it into your server's environment.",
            ),
            Self::Missing => (
                "The signature is empty or a placeholder",
                "Render the value that your server computed into data-signature.",
            ),
            Self::Base64 => (
                "The signature is base64",
                "Output lower-case hex, for example .digest('hex').",
            ),
            Self::OtherAlgorithm => (
                "The signature has the length of another algorithm",
                "Use HMAC with SHA-256.",
            ),
            Self::NotHex => (
                "The signature is not 64 hex digits",
                "Send the hex of HMAC-SHA256 and nothing else.",
            ),
            Self::RevokedSecret => (
                "Signed with a revoked secret",
                "Put the live secret into your server's environment and restart it.",
            ),
            Self::OtherSpelling => (
                "Another spelling of the address was signed",
                "Sign exactly the text that you pass as data-email; trim and lower-case it first in both places.",
            ),
            Self::SecretWithWhiteSpace => (
                "The secret on your server ends with a newline or space",
                "Trim the secret when you read it, or store it again without the newline.",
            ),
            Self::SecretWithoutPrefix => (
                "The secret was used without its prefix",
                "Use the whole text, hdh_secret_ included, as the key.",
            ),
            Self::Swapped => (
                "Secret and address are swapped",
                "The secret is the key, the address is the message.",
            ),
            Self::PlainHash => (
                "A plain SHA-256 hash was sent",
                "Use HMAC-SHA256 with the secret as key.",
            ),
            Self::OtherSecretOrText => (
                "Another secret or another text was signed",
                "Check that your server uses the live secret and signs the user's e-mail address, not an id or a name.",
            ),
        }
    }
}

const ALL: [Cause; 12] = [
    Cause::NoSecret,
    Cause::Missing,
    Cause::Base64,
    Cause::OtherAlgorithm,
    Cause::NotHex,
    Cause::RevokedSecret,
    Cause::OtherSpelling,
    Cause::SecretWithWhiteSpace,
    Cause::SecretWithoutPrefix,
    Cause::Swapped,
    Cause::PlainHash,
    Cause::OtherSecretOrText,
];

/// The texts of a helpdesk's secrets, opened for a diagnosis.
pub struct SecretTexts {
    /// Accepted now.
    pub live: Vec<Zeroizing<Vec<u8>>>,
    /// No longer accepted.
    pub revoked: Vec<Zeroizing<Vec<u8>>>,
}

/// Finds the most likely mistake behind a signature that did not verify.
pub fn diagnose(secrets: &SecretTexts, email: &str, signature: &str) -> Cause {
    let given = mail::trim(signature);
    if secrets.live.is_empty() && secrets.revoked.is_empty() {
        return Cause::NoSecret;
    }
    if is_placeholder(given) {
        return Cause::Missing;
    }
    let spellings = spellings(email);
    let Some(claimed) = parse(given).or_else(|| from_base64(given)) else {
        let hex = given.bytes().all(|byte| byte.is_ascii_hexdigit());
        return if hex && matches!(given.len(), 32 | 40 | 96 | 128) {
            Cause::OtherAlgorithm
        } else {
            Cause::NotHex
        };
    };
    let signed_by = |key: &[u8]| {
        spellings
            .iter()
            .any(|text| SigningKey::new(key).tag(text.as_bytes()) == claimed)
    };
    if secrets.revoked.iter().any(|secret| signed_by(secret)) {
        return Cause::RevokedSecret;
    }
    for secret in secrets.live.iter().chain(&secrets.revoked) {
        if signed_by(secret) {
            return if parse(given).is_none() {
                Cause::Base64
            } else {
                Cause::OtherSpelling
            };
        }
        if [b"\n".as_slice(), b"\r\n", b" "]
            .iter()
            .any(|tail| signed_by(&[secret.as_slice(), tail].concat()))
        {
            return Cause::SecretWithWhiteSpace;
        }
        if secret
            .strip_prefix(super::PREFIX.as_bytes())
            .is_some_and(signed_by)
        {
            return Cause::SecretWithoutPrefix;
        }
        if spellings
            .iter()
            .any(|text| hmac_sha256(text.as_bytes(), &[secret]) == claimed)
        {
            return Cause::Swapped;
        }
        let plain = |parts: &[&[u8]]| <Tag>::from(Sha256::digest(parts.concat())) == claimed;
        if spellings.iter().any(|text| {
            let text = text.as_bytes();
            plain(&[text]) || plain(&[secret, text]) || plain(&[text, secret])
        }) {
            return Cause::PlainHash;
        }
    }
    if parse(given).is_none() {
        Cause::NotHex
    } else {
        Cause::OtherSecretOrText
    }
}

fn spellings(email: &str) -> Vec<String> {
    let trimmed = mail::trim(email);
    let lower = trimmed.to_ascii_lowercase();
    let capital = lower.split('@').map(capitalise).collect::<Vec<_>>().join("@");
    let mut spellings = vec![email.to_owned(), trimmed.to_owned()];
    for text in [
        &lower,
        &trimmed.to_ascii_uppercase(),
        &capital,
        &capitalise(&lower),
    ] {
        spellings.push(text.clone());
        for (before, after) in [("", "\n"), ("", " "), (" ", ""), ("", "\r\n"), ("\"", "\"")] {
            spellings.push(format!("{before}{text}{after}"));
        }
    }
    spellings
}

fn capitalise(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}

fn is_placeholder(signature: &str) -> bool {
    matches!(
        signature,
        "" | "undefined" | "null" | "None" | "nil" | "HMAC_SIGNATURE"
    ) || signature.contains("{{")
        || signature.contains("<%")
        || signature.contains("${")
}

fn from_base64(text: &str) -> Option<Tag> {
    use base64::Engine;
    use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
    let bare = text.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD
        .decode(bare)
        .or_else(|_| URL_SAFE_NO_PAD.decode(bare))
        .ok()?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::super::signature::to_hex;
    use super::*;
    use base64::Engine;

    #[test]
    fn common_mistakes_are_named() {
        let live = b"hdh_secret_live".to_vec();
        let texts = SecretTexts {
            live: vec![Zeroizing::new(live.clone())],
            revoked: vec![Zeroizing::new(b"hdh_secret_old".to_vec())],
        };
        let email = "user@example.com";
        let hex = |key: &[u8], message: &[u8]| to_hex(&SigningKey::new(key).tag(message));
        let tag = SigningKey::new(&live).tag(email.as_bytes());
        for (signature, cause) in [
            (String::new(), Cause::Missing),
            ("{{ signature }}".to_owned(), Cause::Missing),
            (
                base64::engine::general_purpose::STANDARD.encode(tag),
                Cause::Base64,
            ),
            ("a".repeat(40), Cause::OtherAlgorithm),
            ("b".repeat(128), Cause::OtherAlgorithm),
            ("hello".to_owned(), Cause::NotHex),
            (hex(b"hdh_secret_old", email.as_bytes()), Cause::RevokedSecret),
            (hex(&live, b"User@example.com"), Cause::OtherSpelling),
            (hex(&live, b"user@example.com\n"), Cause::OtherSpelling),
            (
                hex(b"hdh_secret_live\n", email.as_bytes()),
                Cause::SecretWithWhiteSpace,
            ),
            (hex(b"live", email.as_bytes()), Cause::SecretWithoutPrefix),
            (hex(email.as_bytes(), &live), Cause::Swapped),
            (to_hex(&Sha256::digest(email).into()), Cause::PlainHash),
            (hex(&live, b"user-17"), Cause::OtherSecretOrText),
        ] {
            assert_eq!(diagnose(&texts, email, &signature), cause, "{signature}");
        }
        let none = SecretTexts {
            live: Vec::new(),
            revoked: Vec::new(),
        };
        assert_eq!(diagnose(&none, email, &to_hex(&tag)), Cause::NoSecret);
    }

    #[test]
    fn every_cause_keeps_its_name() {
        for cause in ALL {
            assert_eq!(Cause::from_name(cause.name()), cause);
        }
    }
}
