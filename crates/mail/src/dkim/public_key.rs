//! The public keys that signing domains publish in the DNS (RFC 6376, 3.6.1).

use super::tags::Tags;
use super::verify::Fault;
use super::{Algorithm, pem};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::rsa::PublicKeyComponents;
use ring::signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};
use sha2::{Digest, Sha256};

/// RFC 8301, 3.2: shorter keys prove nothing any more.
const LEAST_BITS: usize = 1_024;
/// Verifying takes the longer the longer a key is, and strangers choose it.
const MOST_BITS: usize = 4_096;
/// Keys of one name that are tried (RFC 6376, 6.1.2 leaves it open).
const MOST_KEYS: usize = 3;

/// Base64 as it is found: some leave the padding out.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A key that mail can be checked with.
pub(super) struct PublicKey {
    key: Key,
    /// `t=s`: an identity in a subdomain is not the domain's.
    pub(super) is_strict: bool,
}

enum Key {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// The keys among the texts of a name, for this algorithm. Other texts may stand there, by a wildcard.
    pub(super) fn all(texts: &[String], algorithm: Algorithm) -> Vec<Result<Self, Fault>> {
        let keys = texts.iter().filter_map(|text| Self::read(text, algorithm));
        keys.take(MOST_KEYS).collect()
    }

    /// None when the text is about something else.
    fn read(text: &str, algorithm: Algorithm) -> Option<Result<Self, Fault>> {
        let Some(tags) = Tags::read(text) else {
            let claims = text.trim_start().starts_with("v=DKIM1");
            return claims.then_some(Err(Fault::BadKey));
        };
        match tags.get("v") {
            // Where it stands it stands first.
            Some("DKIM1") if !tags.is_first("v") => return Some(Err(Fault::BadKey)),
            Some("DKIM1") => {}
            Some(_) => return None,
            None => {
                tags.get("p")?;
            }
        }
        Some(Self::of(&tags, algorithm))
    }

    fn of(tags: &Tags<'_>, algorithm: Algorithm) -> Result<Self, Fault> {
        // Said before anything else: such a domain only tries things out.
        if tags.lists("t", &["y"]) == Some(true) {
            return Err(Fault::TestingKey);
        }
        let packed = tags.packed("p").ok_or(Fault::BadKey)?;
        if packed.is_empty() {
            return Err(Fault::RevokedKey);
        }
        let kind = tags.packed("k").unwrap_or_else(|| "rsa".to_owned());
        let is_usable = kind.eq_ignore_ascii_case(algorithm.name())
            && tags.lists("h", &["sha256"]) != Some(false)
            && tags.lists("s", &["*", "email"]) != Some(false);
        if !is_usable {
            return Err(Fault::OtherKey);
        }
        let bytes = BASE64.decode(packed).map_err(|_| Fault::BadKey)?;
        let key = match algorithm {
            Algorithm::Rsa => rsa(&bytes)?,
            Algorithm::Ed25519 if bytes.len() == 32 => Key::Ed25519(bytes),
            Algorithm::Ed25519 => return Err(Fault::BadKey),
        };
        Ok(Self {
            key,
            is_strict: tags.lists("t", &["s"]) == Some(true),
        })
    }

    /// Whether this key made the signature.
    pub(super) fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            // Which lengths are good is decided above.
            Key::Rsa { modulus, exponent } => PublicKeyComponents {
                n: modulus,
                e: exponent,
            }
            .verify(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, data, signature)
            .is_ok(),
            // RFC 8463, 3: the hash is what is signed.
            Key::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key)
                .verify(&Sha256::digest(data), signature)
                .is_ok(),
        }
    }
}

fn rsa(der: &[u8]) -> Result<Key, Fault> {
    let (modulus, exponent) = pem::rsa_numbers(der).ok_or(Fault::BadKey)?;
    let first = modulus.first().ok_or(Fault::BadKey)?;
    let unused = usize::try_from(first.leading_zeros()).unwrap_or_default();
    match (modulus.len() * 8).saturating_sub(unused) {
        ..LEAST_BITS => Err(Fault::ShortKey),
        LEAST_BITS..=MOST_BITS => Ok(Key::Rsa {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
        }),
        _ => Err(Fault::LongKey),
    }
}
