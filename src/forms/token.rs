//! Form tokens: whoever sends a form was given one first, some time ago.
//!
//! A token is stateless: helpdesk, time, the price of its proof and some randomness, with a MAC under
//! the installation's key. That each opens one conversation at most is the inbox's to remember.

use crate::app::App;
use crate::ids::HelpdeskId;
use crate::sealing::SealingKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use uuid::Uuid;

const PREFIX: &str = "hdf_";
const PURPOSE: &str = "contact form token 1";
const NONCE: usize = 12;
const CONTENT: usize = 16 + 8 + 1 + NONCE;
const MAC: usize = 32;

/// How long a form may lie open before it is sent.
pub const GOOD_MS: i64 = 12 * 60 * 60 * 1000;

/// What a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormToken {
    /// The helpdesk.
    pub helpdesk_id: HelpdeskId,
    /// When it was given out, epoch milliseconds.
    pub issued_at: i64,
    /// How many leading zero bits its proof needs.
    pub bits: u8,
    nonce: [u8; NONCE],
}

impl FormToken {
    /// A fresh one.
    pub fn new(app: &App, helpdesk_id: HelpdeskId, bits: u8) -> Self {
        Self {
            helpdesk_id,
            issued_at: app.now_ms(),
            bits,
            nonce: app.random().bytes(),
        }
    }

    /// The text to hand out.
    pub fn encode(&self, key: &SealingKey) -> String {
        let content = [
            self.helpdesk_id.0.as_bytes().as_slice(),
            &self.issued_at.to_be_bytes(),
            &[self.bits],
            &self.nonce,
        ]
        .concat();
        let mac = key.mac(PURPOSE, &content);
        let text = URL_SAFE_NO_PAD.encode([content.as_slice(), &mac].concat());
        format!("{PREFIX}{text}")
    }

    /// Reads a token that we made; it may be old, or another helpdesk's.
    pub fn decode(key: &SealingKey, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let bytes: &[u8; CONTENT + MAC] = bytes.as_slice().try_into().ok()?;
        let (content, mac) = bytes.split_first_chunk::<CONTENT>()?;
        if !bool::from(key.mac(PURPOSE, content).ct_eq(mac)) {
            return None;
        }
        let (helpdesk_id, rest) = content.split_first_chunk::<16>()?;
        let (issued_at, rest) = rest.split_first_chunk::<8>()?;
        let ([bits], nonce) = rest.split_first_chunk::<1>()?;
        Some(Self {
            helpdesk_id: HelpdeskId(Uuid::from_bytes(*helpdesk_id)),
            issued_at: i64::from_be_bytes(*issued_at),
            bits: *bits,
            nonce: nonce.try_into().ok()?,
        })
    }
}
