//! Just enough PEM and DER for two kinds of keys.

use base64::Engine;
use zeroize::Zeroizing;

/// PKCS #8 around an Ed25519 seed (RFC 8410): everything before its 32 bytes.
const ED25519_PREFIX: &[u8] = &[
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];
/// `rsaEncryption` with its empty parameters.
const RSA_ALGORITHM: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];
const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;
const INTEGER: u8 = 0x02;
const LABELS: &[&str] = &["PRIVATE KEY", "RSA PRIVATE KEY"];

/// The bytes between the lines of a PEM file that holds a private key.
pub(super) fn read(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    LABELS.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (inside, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let packed: Zeroizing<String> = Zeroizing::new(inside.split_ascii_whitespace().collect());
        let der = base64::engine::general_purpose::STANDARD
            .decode(packed.as_bytes())
            .ok()?;
        Some(Zeroizing::new(der))
    })
}

/// The seed of an Ed25519 key in PKCS #8.
pub(super) fn ed25519_seed(der: &[u8]) -> Option<[u8; 32]> {
    der.strip_prefix(ED25519_PREFIX)?.try_into().ok()
}

/// A public RSA key (PKCS #1) as SubjectPublicKeyInfo, which is what records hold.
pub(super) fn rsa_public_key(pkcs1: &[u8]) -> Vec<u8> {
    let bits = tagged(BIT_STRING, &[&[0], pkcs1].concat());
    tagged(SEQUENCE, &[RSA_ALGORITHM, &bits].concat())
}

/// Modulus and exponent of a public RSA key, without zeros before them. Records hold SubjectPublicKeyInfo,
/// as the examples of RFC 6376 do, or PKCS #1 alone, as its text says (3.6.1).
pub(super) fn rsa_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, rest) = read_tagged(SEQUENCE, der)?;
    // Both begin with a sequence; the second thing in it differs.
    let numbers = match sequence.strip_prefix(RSA_ALGORITHM) {
        Some(bits) => {
            let (bits, behind) = read_tagged(BIT_STRING, bits)?;
            let (numbers, inner_rest) = read_tagged(SEQUENCE, bits.strip_prefix(&[0])?)?;
            (behind.is_empty() && inner_rest.is_empty()).then_some(numbers)?
        }
        None => sequence,
    };
    let (modulus, numbers) = read_tagged(INTEGER, numbers)?;
    let (exponent, numbers) = read_tagged(INTEGER, numbers)?;
    (rest.is_empty() && numbers.is_empty()).then(|| (without_zeros(modulus), without_zeros(exponent)))
}

fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|byte| *byte != 0);
    number.get(start.unwrap_or(number.len())..).unwrap_or_default()
}

/// The content behind a tag, and what follows it; contents of up to 65535 bytes.
fn read_tagged(tag: u8, der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => rest.split_first().map(|(low, rest)| (usize::from(*low), rest))?,
        0x82 => rest
            .split_first_chunk()
            .map(|(bytes, rest)| (usize::from(u16::from_be_bytes(*bytes)), rest))?,
        _ => return None,
    };
    rest.split_at_checked(length)
}

fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(length.len() - 1);
    let length = length.get(significant..).unwrap_or_default();
    let mut bytes = vec![tag];
    if content.len() >= 0x80 {
        bytes.push(0x80 | u8::try_from(length.len()).unwrap_or_default());
    }
    bytes.extend_from_slice(length);
    bytes.extend_from_slice(content);
    bytes
}
