//! DKIM (RFC 6376 and 8463): a signature over a mail that receivers check against a record in the
//! DNS. For what goes out it is optional, as most relays sign by themselves; what comes in is checked by
//! [`SignedMail`].
//!
//! Ed25519 keys are made here. RSA keys, which more receivers understand, are made by `openssl` and
//! given in: making them would bring a crate with an open advisory into the program.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

mod canonical;
mod pem;
mod public_key;
mod tags;
mod terms;
mod verify;

pub use verify::{Check, Fault, Signature, SignedMail};

use canonical::{Form, RawHeader};

/// Headers that are signed, when the mail has them.
const SIGNED: &[&str] = &[
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "references",
    "auto-submitted",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "mime-version",
    "content-type",
];
/// Named once more than they stand, so that nobody can add another one to a signed mail.
const OVERSIGNED: &[&str] = &[
    "from",
    "to",
    "reply-to",
    "subject",
    "cc",
    "date",
    "message-id",
    "content-type",
];
const LABEL_BYTES: usize = 63;
const LINE: usize = 72;
/// One string of a TXT record holds 255 bytes.
const TXT_STRING: usize = 255;

/// How a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// rsa-sha256, which every receiver understands.
    Rsa,
    /// ed25519-sha256, small and fast; some receivers ignore it.
    Ed25519,
}

impl Algorithm {
    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The algorithm with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Rsa, Self::Ed25519]
            .into_iter()
            .find(|algorithm| algorithm.name() == name)
    }
}

/// Why a key or its name cannot be used. A whole sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKey {
    /// Not a private key in PEM.
    #[error(
        "This is no private key in PEM; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
    )]
    NotPem,
    /// A key that is damaged, or not between 2048 and 4096 bits.
    #[error("This key cannot be used: it must be RSA with 2048 to 4096 bits, or Ed25519")]
    Unusable,
    /// The selector is not a name in the DNS.
    #[error("A selector is one to 63 letters, digits and hyphens, for example helpdesk1")]
    Selector,
}

/// A private key. Never printed, wiped from memory when dropped.
pub struct SecretKey {
    algorithm: Algorithm,
    /// PKCS #1 or PKCS #8 for RSA, the 32 bytes of the seed for Ed25519.
    bytes: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SecretKey({}, hidden)", self.algorithm.name())
    }
}

impl SecretKey {
    /// An Ed25519 key from 32 random bytes.
    pub fn ed25519(seed: &[u8; 32]) -> Self {
        Self {
            algorithm: Algorithm::Ed25519,
            bytes: Zeroizing::new(seed.to_vec()),
        }
    }

    /// Reads a key in PEM, as `openssl` writes it.
    ///
    /// # Errors
    /// When it is no key, or one that must not be used.
    pub fn from_pem(text: &str) -> Result<Self, InvalidKey> {
        let der = pem::read(text).ok_or(InvalidKey::NotPem)?;
        if let Some(seed) = pem::ed25519_seed(&der) {
            return Ok(Self::ed25519(&seed));
        }
        let key = Self {
            algorithm: Algorithm::Rsa,
            bytes: der,
        };
        key.signer().map(|_| ()).ok_or(InvalidKey::Unusable)?;
        Ok(key)
    }

    /// A key as [`SecretKey::bytes`] gave it.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Self {
        Self {
            algorithm,
            bytes: Zeroizing::new(bytes.to_vec()),
        }
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// What to seal and keep.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn signer(&self) -> Option<Signer> {
        match self.algorithm {
            Algorithm::Ed25519 => Ed25519KeyPair::from_seed_unchecked(&self.bytes)
                .ok()
                .map(Signer::Ed25519),
            Algorithm::Rsa => RsaKeyPair::from_pkcs8(&self.bytes)
                .or_else(|_| RsaKeyPair::from_der(&self.bytes))
                .ok()
                .map(|pair| Signer::Rsa(Box::new(pair))),
        }
    }
}

enum Signer {
    Rsa(Box<RsaKeyPair>),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    /// The public half as the `p=` of a record holds it.
    fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => pem::rsa_public_key(pair.public_key().as_ref()),
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let public: &rsa::PublicKey = pair.public();
                let mut signature = vec![0; public.modulus_len()];
                // The randomness only blinds the computation: the signature is the same each time.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .ok()?;
                Some(signature)
            }
            // RFC 8463: the hash is what is signed.
            Self::Ed25519(pair) => Some(pair.sign(&Sha256::digest(data)).as_ref().to_vec()),
        }
    }
}

/// A key with the name under which receivers find its public half.
pub struct DkimKey {
    signer: Signer,
    algorithm: Algorithm,
    selector: String,
    domain: String,
}

/// A record to be put into the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Its text in one piece.
    pub value: String,
}

impl Record {
    /// The value as zone files write it: strings of at most 255 bytes.
    pub fn quoted(&self) -> String {
        let strings: Vec<String> = self
            .value
            .as_bytes()
            .chunks(TXT_STRING)
            .map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)))
            .collect();
        strings.join(" ")
    }
}

impl DkimKey {
    /// Takes a key for a domain (in ASCII).
    ///
    /// # Errors
    /// When the selector is no name, or the key cannot be used.
    pub fn new(key: &SecretKey, selector: &str, domain: &str) -> Result<Self, InvalidKey> {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let good = !selector.is_empty()
            && selector.len() <= LABEL_BYTES
            && !selector.starts_with('-')
            && !selector.ends_with('-')
            && selector.bytes().all(is_letter);
        if !good {
            return Err(InvalidKey::Selector);
        }
        Ok(Self {
            signer: key.signer().ok_or(InvalidKey::Unusable)?,
            algorithm: key.algorithm,
            selector: selector.to_ascii_lowercase(),
            domain: domain.to_owned(),
        })
    }

    /// Of which kind it is.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The record that receivers look for.
    pub fn record(&self) -> Record {
        Record {
            name: format!("{}._domainkey.{}", self.selector, self.domain),
            value: format!(
                "v=DKIM1; k={}; p={}",
                self.algorithm.name(),
                STANDARD.encode(self.signer.public())
            ),
        }
    }

    /// The mail with its signature before it.
    pub fn sign(&self, mail: &[u8], at_seconds: i64) -> Vec<u8> {
        // An unsigned mail is a good mail, here and below.
        let Some((headers, body)) = canonical::split(mail) else {
            return mail.to_vec();
        };
        let mut unsigned = format!(
            "DKIM-Signature: v=1; a={}-sha256; c=relaxed/relaxed; d={}; s={};\r\n\tt={at_seconds}; bh={};\r\n\th=",
            self.algorithm.name(),
            self.domain,
            self.selector,
            STANDARD.encode(Form::Relaxed.body_hash(body).0),
        );
        let names = names(&headers);
        fold(&mut unsigned, &names.join(":"), |c| c == ':');
        unsigned.push_str(";\r\n\tb=");
        let mut data = Form::Relaxed.selected(&headers, names.iter().copied(), None);
        Form::Relaxed.header(unsigned.as_bytes(), &mut data);
        let Some(signature) = self.signer.sign(data.trim_ascii_end()) else {
            // No randomness to blind with.
            return mail.to_vec();
        };
        fold(&mut unsigned, &STANDARD.encode(signature), |_| true);
        unsigned.push_str("\r\n");
        [unsigned.as_bytes(), mail].concat()
    }
}

/// The names to sign: each as often as it stands, and some once more.
fn names(headers: &[RawHeader<'_>]) -> Vec<&'static str> {
    let count = |name: &str| headers.iter().filter(|header| header.is(name)).count();
    let present = SIGNED
        .iter()
        .flat_map(|name| std::iter::repeat_n(*name, count(name)));
    present.chain(OVERSIGNED.iter().copied()).collect()
}

/// Appends a long value, folded after characters where it may be.
fn fold(header: &mut String, value: &str, may_break_after: impl Fn(char) -> bool) {
    let mut width = header.len() - header.rfind('\n').map_or(0, |at| at + 1);
    let mut piece = String::new();
    for character in value.chars() {
        piece.push(character);
        if !may_break_after(character) {
            continue;
        }
        if width + piece.len() > LINE {
            header.push_str("\r\n\t");
            width = 1;
        }
        width += piece.len();
        header.push_str(&piece);
        piece.clear();
    }
    if width + piece.len() > LINE {
        header.push_str("\r\n\t");
    }
    header.push_str(&piece);
}

#[cfg(test)]
mod tests;
