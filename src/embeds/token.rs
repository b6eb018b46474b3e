//! Embed tokens: what `verify` gives in exchange for a signature, good for a short time.
//!
//! A token is stateless: helpdesk, contact, the secret that proved the identity and an expiry, with
//! a MAC under the installation's key. Revoking the secret ends its tokens.

use crate::ids::{ContactId, HelpdeskId, SecretId};
use crate::sealing::SealingKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "hdt_";
const PURPOSE: &str = "ticket center token 1";
const CONTENT: usize = 16 * 3 + 8;
const MAC: usize = 32;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// The contact.
    pub contact_id: ContactId,
    /// The secret whose signature was exchanged.
    pub secret_id: SecretId,
    /// When it ends, epoch milliseconds.
    pub expires_at: i64,
}

impl Token {
    /// The text to hand out.
    pub fn encode(&self, key: &SealingKey) -> String {
        let content = self.content();
        let mac = key.mac(PURPOSE, &content);
        format!(
            "{PREFIX}{}",
            URL_SAFE_NO_PAD.encode([content.as_slice(), &mac].concat())
        )
    }

    /// Reads a token that we made; it may have expired.
    pub fn decode(key: &SealingKey, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: &[u8; CONTENT + MAC] = bytes.as_slice().try_into().ok()?;
        let (content, mac) = bytes.split_first_chunk::<CONTENT>()?;
        if !bool::from(key.mac(PURPOSE, content).ct_eq(mac)) {
            return None;
        }
        let (helpdesk_id, rest) = content.split_first_chunk::<16>()?;
        let (contact_id, rest) = rest.split_first_chunk::<16>()?;
        let (secret_id, rest) = rest.split_first_chunk::<16>()?;
        Some(Self {
            helpdesk_id: HelpdeskId(Uuid::from_bytes(*helpdesk_id)),
            contact_id: ContactId(Uuid::from_bytes(*contact_id)),
            secret_id: SecretId(Uuid::from_bytes(*secret_id)),
            expires_at: i64::from_be_bytes(rest.try_into().ok()?),
        })
    }

    fn content(&self) -> Vec<u8> {
        [
            self.helpdesk_id.0.as_bytes().as_slice(),
            self.contact_id.0.as_bytes(),
            self.secret_id.0.as_bytes(),
            &self.expires_at.to_be_bytes(),
        ]
        .concat()
    }
}
