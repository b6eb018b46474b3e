//! Why a signature did not match: tries the mistakes that host apps make, one after another.
//! For administrators only; the embed's answer is the same for all of them.
//!
//! Each try costs one HMAC and a flood of failures is diagnosed too, so odd keys are tried with the
//! plain address and odd texts with the plain key, never all with all.

mod cause;
mod spellings;

pub use cause::Cause;

use super::signature::{SigningKey, Tag, parse};
use crate::ids::HelpdeskId;
use crate::sealing::hmac_sha256;
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// As lenient as the decoders of host languages: padding or none, and last bits that are not zero.
const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
/// A beginning this long does not match by chance.
const SURE_DIGITS: usize = 16;

/// The texts of a helpdesk's secrets, opened for a diagnosis.
pub struct SecretTexts {
    /// Accepted now.
    pub live: Vec<Zeroizing<Vec<u8>>>,
    /// No longer accepted.
    pub revoked: Vec<Zeroizing<Vec<u8>>>,
}

/// Finds the most likely mistake behind a signature that did not verify.
pub fn diagnose(secrets: &SecretTexts, helpdesk_id: HelpdeskId, email: &str, signature: &str) -> Cause {
    let given = mail::trim(signature);
    if secrets.live.is_empty() && secrets.revoked.is_empty() {
        return Cause::NoSecret;
    }
    if is_placeholder(given) {
        return Cause::Missing;
    }
    let claim = Claim::read(given);
    let Some(tag) = claim.tag else {
        return cut_off(secrets, email, given).unwrap_or(claim.form.unwrap_or(Cause::NotHex));
    };
    let attempt = Attempt {
        helpdesk_id,
        email,
        tag,
    };
    // The newest first: it is the one in use.
    let by_live = secrets.live.iter().rev().find_map(|secret| attempt.by(secret));
    let found = by_live
        .or_else(|| {
            let by_old = |secret: &Zeroizing<Vec<u8>>| attempt.by(secret).map(Found::with_an_old_secret);
            secrets.revoked.iter().rev().find_map(by_old)
        })
        .or_else(|| attempt.without_secret().map(Found::Mistake));
    match (found, claim.form) {
        (Some(Found::Mistake(Cause::RevokedSecret)), _) => Cause::RevokedSecret,
        // Whatever else is wrong, the form is the first to mend.
        (Some(_), Some(form)) => form,
        (Some(Found::Mistake(cause)), None) => cause,
        (None, Some(form)) if given.ends_with('=') => form,
        (None, Some(_)) => Cause::NotHex,
        // (A secret that was made a moment ago makes a signature right that was wrong.)
        (Some(Found::Right) | None, _) => Cause::OtherSecretOrText,
    }
}

/// What the tries with one secret found.
#[derive(Clone, Copy)]
enum Found {
    /// The right key over an accepted text.
    Right,
    Mistake(Cause),
}

impl Found {
    /// The right signature of another time; another mistake with that secret stays that mistake.
    fn with_an_old_secret(self) -> Self {
        match self {
            Self::Right | Self::Mistake(Cause::OtherCase | Cause::OtherSpace) => {
                Self::Mistake(Cause::RevokedSecret)
            }
            Self::Mistake(_) => self,
        }
    }
}

/// The value that was sent, and the form it came in.
struct Claim {
    tag: Option<Tag>,
    /// What is wrong with the form.
    form: Option<Cause>,
}

impl Claim {
    fn read(given: &str) -> Self {
        let claim = |tag, form| Self { tag: Some(tag), form };
        if let Some(tag) = parse(given) {
            return claim(tag, None);
        }
        if let Some(tag) = parse(bare(given)) {
            return claim(tag, Some(Cause::Wrapped));
        }
        if let Some(tag) = from_hex(given).as_deref().and_then(as_hex_text) {
            return claim(tag, Some(Cause::EncodedTwice));
        }
        let form = if given.contains(['-', '_']) {
            Cause::Base64Url
        } else {
            Cause::Base64
        };
        let decoded = from_base64(given);
        if let Some(tag) = decoded.as_deref().and_then(as_hex_text) {
            return claim(tag, Some(Cause::EncodedTwice));
        }
        if let Some(tag) = decoded.as_deref().and_then(|bytes| Tag::try_from(bytes).ok()) {
            return claim(tag, Some(form));
        }
        Self {
            tag: None,
            form: Some(form_by_length(given, decoded.as_deref())),
        }
    }
}

/// The algorithm whose values are this long, in hex or base64.
fn form_by_length(given: &str, decoded: Option<&[u8]>) -> Cause {
    let is_hex = given.bytes().all(|byte| byte.is_ascii_hexdigit());
    let bytes = match decoded {
        _ if is_hex => given.len().div_euclid(2) + given.len() % 2 * 1_000,
        // Words can be base64 too; the values of algorithms are padded, or long and of mixed letters.
        Some(decoded) if given.ends_with('=') || is_mixed(given) => decoded.len(),
        _ => 0,
    };
    match bytes {
        16 => Cause::Md5,
        20 => Cause::Sha1,
        48 => Cause::Sha384,
        64 => Cause::Sha512,
        28 => Cause::OtherAlgorithm,
        _ => Cause::NotHex,
    }
}

fn is_mixed(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_lowercase()) && text.contains(|c: char| c.is_ascii_uppercase())
}

/// One signature held against the mistakes that are made with one secret.
struct Attempt<'a> {
    helpdesk_id: HelpdeskId,
    email: &'a str,
    tag: Tag,
}

impl Attempt<'_> {
    fn by(&self, secret: &[u8]) -> Option<Found> {
        let key = SigningKey::new(secret);
        let plain = spellings::plain(self.email);
        if plain.iter().any(|text| key.tag(text.as_bytes()) == self.tag) {
            return Some(Found::Right);
        }
        if let Some((_, cause)) = spellings::odd(self.email, self.helpdesk_id)
            .into_iter()
            .find(|(text, _)| key.tag(text) == self.tag)
        {
            return Some(Found::Mistake(cause));
        }
        let signs = |key: &[u8]| {
            let key = SigningKey::new(key);
            plain.iter().any(|text| key.tag(text.as_bytes()) == self.tag)
        };
        if let Some((_, cause)) = odd_keys(secret).into_iter().find(|(key, _)| signs(key)) {
            return Some(Found::Mistake(cause));
        }
        if plain
            .iter()
            .any(|text| hmac_sha256(text.as_bytes(), &[secret]) == self.tag)
        {
            return Some(Found::Mistake(Cause::Swapped));
        }
        let hashed = |parts: &[&[u8]]| <Tag>::from(Sha256::digest(parts.concat())) == self.tag;
        let joined = |text: &String| {
            let text = text.as_bytes();
            [b"".as_slice(), b":", b".", b"|"]
                .iter()
                .any(|between| hashed(&[secret, between, text]) || hashed(&[text, between, secret]))
        };
        plain
            .iter()
            .any(joined)
            .then_some(Found::Mistake(Cause::PlainHash))
    }

    /// The mistakes that leave the secret out.
    fn without_secret(&self) -> Option<Cause> {
        let plain = spellings::plain(self.email);
        let signed_with = |key: &[u8]| {
            let key = SigningKey::new(key);
            plain.iter().any(|text| key.tag(text.as_bytes()) == self.tag)
        };
        if signed_with(b"") {
            return Some(Cause::SecretEmpty);
        }
        if NO_SECRETS.iter().any(|key| signed_with(key.as_bytes())) {
            return Some(Cause::SecretPlaceholder);
        }
        let hashed = |text: &String| <Tag>::from(Sha256::digest(text.as_bytes())) == self.tag;
        plain.iter().any(hashed).then_some(Cause::PlainHash)
    }
}

const NO_SECRETS: &[&str] = &[
    "undefined",
    "null",
    "None",
    "nil",
    "hdh_secret_xxxxxxxxxxxxxxxx",
    "HELPDESKY_HMAC_SECRET",
    "HDH_HMAC_SECRET",
    "YOUR_HMAC_SECRET",
    "your_hmac_secret",
    "hdh_secret_",
    "hdh_secret_...",
];

/// The keys that a secret becomes on its way into a host app.
fn odd_keys(secret: &[u8]) -> Vec<(Zeroizing<Vec<u8>>, Cause)> {
    let around = |before: &[u8], after: &[u8]| Zeroizing::new([before, secret, after].concat());
    let mut keys = vec![
        (around(b"", b"\n"), Cause::SecretWithNewline),
        (around(b"", b"\r\n"), Cause::SecretWithNewline),
        (around(b"", b"\r"), Cause::SecretWithNewline),
        (around(b"", b"\\n"), Cause::SecretWithNewline),
        (around(b"", b" "), Cause::SecretWithSpace),
        (around(b" ", b""), Cause::SecretWithSpace),
        (around(b" ", b" "), Cause::SecretWithSpace),
        (around(b"", b"\t"), Cause::SecretWithSpace),
        (around(b"\"", b"\""), Cause::SecretInQuotes),
        (around(b"'", b"'"), Cause::SecretInQuotes),
        (around(b"`", b"`"), Cause::SecretInQuotes),
        (around(b"HELPDESKY_HMAC_SECRET=", b""), Cause::SecretWithName),
        (around(b"HDH_HMAC_SECRET=", b""), Cause::SecretWithName),
    ];
    let text = std::str::from_utf8(secret).unwrap_or_default();
    let rest = text.strip_prefix(super::PREFIX);
    if let Some(rest) = rest {
        let rest = Zeroizing::new(rest.as_bytes().to_vec());
        keys.push((rest, Cause::SecretWithoutPrefix));
    }
    for text in [Some(text), rest].into_iter().flatten() {
        if let Some(bytes) = from_base64(text) {
            keys.push((Zeroizing::new(bytes), Cause::SecretDecoded));
        }
    }
    let hash: Tag = Sha256::digest(secret).into();
    keys.push((Zeroizing::new(hash.to_vec()), Cause::SecretDecoded));
    keys
}

/// The beginning of the right signature.
fn cut_off(secrets: &SecretTexts, email: &str, given: &str) -> Option<Cause> {
    let digits = bare(given).to_ascii_lowercase();
    let is_beginning = (SURE_DIGITS..64).contains(&digits.len());
    let right = |secret: &Zeroizing<Vec<u8>>| {
        let key = SigningKey::new(secret);
        spellings::plain(email)
            .iter()
            .any(|text| super::signature::to_hex(&key.tag(text.as_bytes())).starts_with(&digits))
    };
    (is_beginning && secrets.live.iter().any(right)).then_some(Cause::CutOff)
}

/// Without what people and libraries put around a value.
fn bare(given: &str) -> &str {
    let given = given.trim_matches(['"', '\'', '`', '<', '>', ';', ',', '\u{feff}', '\u{200b}']);
    let after = |label: &str| {
        given
            .get(..label.len())
            .filter(|start| start.eq_ignore_ascii_case(label))
            .and_then(|_| given.get(label.len()..))
    };
    [
        "sha256=",
        "sha256:",
        "hmac-sha256=",
        "hmac-sha256:",
        "hmac=",
        "signature=",
        "v1=",
        "0x",
        "\\x",
    ]
    .into_iter()
    .find_map(after)
    .unwrap_or(given)
}

fn is_placeholder(signature: &str) -> bool {
    matches!(
        signature,
        "" | "undefined"
            | "null"
            | "None"
            | "nil"
            | "NaN"
            | "[object Object]"
            | "[object Promise]"
            | "HMAC_SIGNATURE"
    ) || signature.contains("{{")
        || signature.contains("<%")
        || signature.contains("<?")
        || signature.contains("${")
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 128 {
        return None;
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

fn as_hex_text(bytes: &[u8]) -> Option<Tag> {
    std::str::from_utf8(bytes).ok().and_then(parse)
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    let standard = GeneralPurpose::new(&STANDARD, LENIENT);
    let url_safe = GeneralPurpose::new(&URL_SAFE, LENIENT);
    let lenient = standard.decode(text).or_else(|_| url_safe.decode(text));
    lenient.or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok()
}

#[cfg(test)]
mod tests;
