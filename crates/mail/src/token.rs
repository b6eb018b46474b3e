//! The token that proves a thread: it stands in our Message-IDs and before the `@` of Reply-To.
//!
//! It names a conversation and carries a MAC over helpdesk, conversation and recipient. Whoever
//! answers must show the token *and* be the recipient it was made for: a token that somebody else
//! was forwarded proves nothing about them.
//!
//! ```text
//! reply+ooooooo…oooo@inbound.example      prefix, then 50 letters: hint (3 bytes), conversation (16), MAC (12)
//! <ooooooo…oooo.uuuuuuuuuuuuu@domain>     the same, then 13 letters that tell this mail from others
//! ```

use crate::base32;
use crate::compose::MessageId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

const HINT: usize = 3;
const MAC: usize = 12;
const BYTES: usize = HINT + 16 + MAC;
const MAIL: usize = 8;
/// How long a token is in letters.
pub const LENGTH: usize = (BYTES * 8).div_ceil(5);
/// What stands before the `@` is at most this long (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES: usize = 64;
const THREAD: &[u8] = b"helpdesky mail thread 1";
const HELPDESK: &[u8] = b"helpdesky mail helpdesk 1";

/// The key of an installation's tokens; used for nothing else. Never printed.
#[derive(Clone)]
pub struct TokenKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenKey(hidden)")
    }
}

/// Who was written to. The same id in the other role is somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// A contact.
    Contact(Uuid),
    /// An operator.
    Operator(Uuid),
}

/// What a token is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thread {
    /// The helpdesk.
    pub helpdesk: Uuid,
    /// The conversation.
    pub conversation: Uuid,
    /// Who was written to.
    pub recipient: Recipient,
}

/// A token that was read and not proved: it says where to look, not that it may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    hint: [u8; HINT],
    conversation: Uuid,
    mac: [u8; MAC],
}

impl Claim {
    /// The conversation it names.
    pub fn conversation(&self) -> Uuid {
        self.conversation
    }

    /// Reads the token of a Reply-To address of ours: what stands between the last `+` and the `@`.
    pub fn in_address(address: &str) -> Option<Self> {
        let (local, _) = address.rsplit_once('@')?;
        let (_, token) = local.rsplit_once('+')?;
        Self::parse(token)
    }

    /// Reads the token of a Message-ID of ours, with or without its angle brackets.
    pub fn in_message_id(id: &str) -> Option<Self> {
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        let (local, _) = id.rsplit_once('@')?;
        let (token, mail) = local.split_once('.')?;
        base32::decode::<MAIL>(mail)?;
        Self::parse(token)
    }

    fn parse(token: &str) -> Option<Self> {
        let bytes: [u8; BYTES] = base32::decode(token)?;
        let (hint, rest) = bytes.split_first_chunk()?;
        let (conversation, rest) = rest.split_first_chunk()?;
        Some(Self {
            hint: *hint,
            conversation: Uuid::from_bytes(*conversation),
            mac: rest.try_into().ok()?,
        })
    }
}

/// The part of a Message-ID of ours that tells its mail from others of the same thread: the last 8 bytes of
/// the id that [`TokenKey::message_id`] was given. A claim like the token beside it.
pub fn mail_of_message_id(id: &str) -> Option<[u8; MAIL]> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let (local, _) = id.rsplit_once('@')?;
    let (_, mail) = local.split_once('.')?;
    base32::decode::<MAIL>(mail)
}

impl TokenKey {
    /// Takes the key, 32 bytes that nobody else knows.
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// The token of a thread; the same for the same thread.
    pub fn token(&self, thread: &Thread) -> String {
        let hint = self.hint(thread.helpdesk);
        let bytes = [
            hint.as_slice(),
            thread.conversation.as_bytes(),
            &self.mac(hint, thread),
        ];
        base32::encode(&bytes.concat())
    }

    /// True when the token names this helpdesk. A hint that saves looking everywhere; no proof.
    pub fn may_be_of(&self, claim: &Claim, helpdesk: Uuid) -> bool {
        claim.hint == self.hint(helpdesk)
    }

    /// True when we made this token for this thread: for this recipient in this helpdesk.
    pub fn proves(&self, claim: &Claim, thread: &Thread) -> bool {
        let mac = self.mac(claim.hint, thread);
        bool::from(mac.ct_eq(&claim.mac)) & (claim.conversation == thread.conversation)
    }

    /// The Message-ID of a mail in a thread: the same for the same mail, however often it is tried.
    pub fn message_id(&self, thread: &Thread, mail: Uuid, domain: &str) -> Option<MessageId> {
        // The last 64 bits of an id are the random ones.
        let mail = mail.as_u64_pair().1.to_be_bytes();
        let (token, mail) = (self.token(thread), base32::encode(&mail));
        MessageId::parse(&format!("{token}.{mail}@{domain}"))
    }

    /// The address by which a mail is answered: `prefix+token@domain`. `None` when the prefix is
    /// too long for the rest to fit.
    pub fn reply_address(&self, thread: &Thread, prefix: &str, domain: &str) -> Option<String> {
        let fits = !prefix.is_empty() && prefix.len() + 1 + LENGTH <= LOCAL_BYTES;
        fits.then(|| format!("{prefix}+{}@{domain}", self.token(thread)))
    }

    fn hint(&self, helpdesk: Uuid) -> [u8; HINT] {
        self.hmac(&[HELPDESK, helpdesk.as_bytes()])
    }

    fn mac(&self, hint: [u8; HINT], thread: &Thread) -> [u8; MAC] {
        let (role, id) = match &thread.recipient {
            Recipient::Contact(id) => (b"c", id),
            Recipient::Operator(id) => (b"o", id),
        };
        self.hmac(&[
            THREAD,
            &hint,
            thread.helpdesk.as_bytes(),
            thread.conversation.as_bytes(),
            role,
            id.as_bytes(),
        ])
    }

    /// The first bytes of an HMAC-SHA256. All parts but the label have a fixed length, so that no
    /// two lists of parts run together.
    fn hmac<const N: usize>(&self, parts: &[&[u8]]) -> [u8; N] {
        // HMAC takes keys of any length; the error type exists for other MACs.
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&*self.0) else {
            std::process::abort()
        };
        for part in parts {
            mac.update(part);
        }
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        *full.first_chunk().unwrap_or(&[0; N])
    }
}

#[cfg(test)]
mod tests;
