//! Checking the signatures of mail that comes in (RFC 6376, 6).
//!
//! A signature that holds says that its domain answers for the signed headers and the whole text, and
//! nothing else: not that the domain is the author's, and not that it sent the mail here. Whoever got the
//! mail can send it on, with other recipients and with other headers that are not signed.

use super::canonical::{self, Form, RawHeader};
use super::public_key::PublicKey;
use super::terms::Terms;
use std::sync::OnceLock;

/// Signatures that are looked at, from the top: the latest first.
const MOST_SIGNATURES: usize = 5;
/// How far a clock that signs may be ahead.
const LEAD_SECONDS: i64 = 24 * 60 * 60;

/// What a signature is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It holds: the domain answers for what it signed.
    Pass,
    /// It does not hold.
    Fail(Fault),
    /// The mail counts as not signed by it.
    Ignored(Fault),
}

/// Why a signature is worth nothing. A whole sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Something that must be there is missing, or is not what it must be.
    #[error("The signature is malformed")]
    Malformed,
    /// Another version, algorithm, canonical form or kind of key lookup.
    #[error("The signature is of a kind that is not known here")]
    Unknown,
    /// RFC 8301, 3.1.
    #[error("The signature uses SHA-1, which can be forged")]
    Sha1,
    /// From must be signed (RFC 6376, 5.4).
    #[error("The signature does not cover the author")]
    AuthorNotSigned,
    /// There is no From, or there are several: readers would show different ones (RFC 6376, 8.15).
    #[error("The mail does not have one author")]
    NoSingleAuthor,
    /// `i=` is not within `d=`.
    #[error("The signature speaks for another domain than its own")]
    OtherIdentity,
    /// `x=` is over.
    #[error("The signature has expired")]
    Expired,
    /// `t=` is yet to come.
    #[error("The signature is dated in the future")]
    Future,
    /// `l=` ends before the mail: anybody could have added the rest (RFC 6376, 8.2).
    #[error("The signature covers only the beginning of the text")]
    Partial,
    /// `bh=` is of another text.
    #[error("The text was changed after it was signed")]
    Text,
    /// `b=` is of other headers, or by another key.
    #[error("The headers were changed after they were signed, or the key is another")]
    Headers,
    /// The name has no key record.
    #[error("The DNS has no key for the signature")]
    NoKey,
    /// The record cannot be read.
    #[error("The key in the DNS is malformed")]
    BadKey,
    /// The record says that it is for something else: `k=`, `h=`, `s=`.
    #[error("The key in the DNS is not for such signatures")]
    OtherKey,
    /// An empty `p=`.
    #[error("The key in the DNS was revoked")]
    RevokedKey,
    /// `t=y`: such mail is to be treated as unsigned (RFC 6376, 3.6.1).
    #[error("The domain is only trying its signatures out")]
    TestingKey,
    /// Less than 1024 bits (RFC 8301, 3.2).
    #[error("The key in the DNS is too short to prove anything")]
    ShortKey,
    /// More than 4096 bits.
    #[error("The key in the DNS is longer than 4096 bits")]
    LongKey,
}

impl From<Fault> for Check {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unknown | Fault::TestingKey => Self::Ignored(fault),
            _ => Self::Fail(fault),
        }
    }
}

/// A DKIM-Signature header.
#[derive(Clone, Debug)]
pub struct Signature {
    /// Which of the mail's headers it is.
    header: usize,
    domain: String,
    selector: String,
    terms: Result<Terms, Fault>,
}

impl Signature {
    fn read(header: usize, raw: &[u8]) -> Self {
        let (domain, selector, terms) = Terms::read(raw);
        Self {
            header,
            domain,
            selector,
            terms,
        }
    }

    /// The domain that signs, in ASCII and lower case; empty when it says none that can be one.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Which of the domain's keys it is made with.
    pub fn selector(&self) -> &str {
        &self.selector
    }

    /// The name whose texts hold the key; none when the signature is worth nothing with any key.
    pub fn record_name(&self) -> Option<String> {
        let name = || format!("{}._domainkey.{}", self.selector, self.domain);
        self.terms.is_ok().then(name)
    }
}

/// A mail with its signatures.
#[derive(Debug)]
pub struct SignedMail<'a> {
    headers: Vec<RawHeader<'a>>,
    body: &'a [u8],
    signatures: Vec<Signature>,
    /// What `bh=` must be and up to where `l=` may go. All signatures share it: each canonical form of the
    /// text is hashed once.
    simple: OnceLock<([u8; 32], u64)>,
    relaxed: OnceLock<([u8; 32], u64)>,
}

impl<'a> SignedMail<'a> {
    /// Finds the signatures of a mail, from the top.
    pub fn read(mail: &'a [u8]) -> Self {
        let (headers, body) = canonical::split(mail).unwrap_or_default();
        let found = headers.iter().enumerate();
        let signatures = found
            .filter(|(_, header)| header.is("dkim-signature"))
            .take(MOST_SIGNATURES)
            .map(|(at, header)| Signature::read(at, header.bytes))
            .collect();
        Self {
            headers,
            body,
            signatures,
            simple: OnceLock::new(),
            relaxed: OnceLock::new(),
        }
    }

    /// At most five.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Checks one of the signatures with the texts at its [`Signature::record_name`].
    pub fn check(&self, signature: &Signature, records: &[String], now_seconds: i64) -> Check {
        self.hold(signature, records, now_seconds)
            .map_or_else(Check::from, |()| Check::Pass)
    }

    fn hold(&self, signature: &Signature, records: &[String], now_seconds: i64) -> Result<(), Fault> {
        let terms = signature.terms.as_ref().map_err(|fault| *fault)?;
        let keys = PublicKey::all(records, terms.algorithm);
        // In this order, so that a domain that tries things out is left in peace.
        if keys.iter().any(|key| matches!(key, Err(Fault::TestingKey))) {
            return Err(Fault::TestingKey);
        }
        if self.headers.iter().filter(|header| header.is("from")).count() != 1 {
            return Err(Fault::NoSingleAuthor);
        }
        if terms.expires_seconds.is_some_and(|at| at < now_seconds) {
            return Err(Fault::Expired);
        }
        let latest = now_seconds.saturating_add(LEAD_SECONDS);
        if terms.signed_seconds.is_some_and(|at| at > latest) {
            return Err(Fault::Future);
        }
        let (hash, length) = self.body_hash(terms.body_form);
        match terms.body_length {
            Some(signed) if signed < length => return Err(Fault::Partial),
            Some(signed) if signed > length => return Err(Fault::Text),
            _ if terms.body_hash != hash => return Err(Fault::Text),
            _ => {}
        }
        let data = self.signed_data(signature, terms);
        let mut fault = Fault::NoKey;
        for key in keys {
            match key {
                Ok(key) if key.is_strict && terms.identity_domain != signature.domain => {
                    fault = Fault::OtherIdentity;
                }
                Ok(key) if key.verifies(&data, &terms.signature) => return Ok(()),
                Ok(_) => fault = Fault::Headers,
                Err(other) => fault = other,
            }
        }
        Err(fault)
    }

    fn body_hash(&self, form: Form) -> ([u8; 32], u64) {
        let kept = match form {
            Form::Simple => &self.simple,
            Form::Relaxed => &self.relaxed,
        };
        *kept.get_or_init(|| form.body_hash(self.body))
    }

    /// The chosen headers, and the signature itself with its value taken out and no line end (3.7).
    fn signed_data(&self, signature: &Signature, terms: &Terms) -> Vec<u8> {
        let names = terms.names.iter().map(String::as_str);
        let form = terms.header_form;
        let mut data = form.selected(&self.headers, names, Some(signature.header));
        if let Some(header) = self.headers.get(signature.header) {
            form.header(&without_signature(header.bytes), &mut data);
        }
        data.truncate(data.len().saturating_sub(2));
        data
    }
}

/// A signature's header with nothing behind `b=`; all white space around the value goes, too.
fn without_signature(header: &[u8]) -> Vec<u8> {
    let colon = header.iter().position(|byte| *byte == b':');
    let (name, list) = header.split_at(colon.map_or(0, |at| at + 1));
    let mut bytes = name.to_vec();
    for piece in list.split_inclusive(|byte| *byte == b';') {
        let equals = piece.iter().position(|byte| *byte == b'=').unwrap_or_default();
        let (tag, value) = piece.split_at(equals);
        bytes.extend_from_slice(tag);
        if tag.trim_ascii() == b"b" {
            bytes.push(b'=');
            bytes.extend(value.strip_suffix(b";").map(|_| b';'));
        } else {
            bytes.extend_from_slice(value);
        }
    }
    bytes
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;
