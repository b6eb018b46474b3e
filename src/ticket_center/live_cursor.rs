//! Cursors of the live stream as contacts see them.
//!
//! Behind a cursor stands the number of an event of the helpdesk. The number itself would tell how
//! much happens there, and a gap between two would show that a private note was written; so it is
//! given out hidden, and nothing but a text made here for this contact is read back.

use crate::ids::ContactId;
use crate::sealing::SealingKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

const TAG: usize = 12;
const NUMBER: usize = 8;

/// The text for a number: always the same one, so that a cursor moves only when something happens.
pub(super) fn encode(key: &SealingKey, contact: ContactId, number: i64) -> String {
    let tag = tag(key, contact, number);
    let hidden = hide(key, tag, number.to_be_bytes());
    URL_SAFE_NO_PAD.encode([tag.as_slice(), &hidden].concat())
}

/// The number behind a text that was made for this contact.
pub(super) fn decode(key: &SealingKey, contact: ContactId, text: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes: &[u8; TAG + NUMBER] = bytes.as_slice().try_into().ok()?;
    let (claimed, hidden) = bytes.split_first_chunk::<TAG>()?;
    let number = i64::from_be_bytes(hide(key, *claimed, hidden.try_into().ok()?));
    bool::from(tag(key, contact, number).ct_eq(claimed)).then_some(number)
}

fn tag(key: &SealingKey, contact: ContactId, number: i64) -> [u8; TAG] {
    let message = [contact.0.as_bytes().as_slice(), &number.to_be_bytes()].concat();
    first(key.mac("live cursor 1", &message))
}

/// Covers or uncovers the number with bytes that only the key can make from the tag.
fn hide(key: &SealingKey, tag: [u8; TAG], number: [u8; NUMBER]) -> [u8; NUMBER] {
    let mut hidden: [u8; NUMBER] = first(key.mac("live cursor cover 1", &tag));
    for (byte, number) in hidden.iter_mut().zip(number) {
        *byte ^= number;
    }
    hidden
}

/// The first bytes of a MAC.
fn first<const N: usize>(mac: [u8; 32]) -> [u8; N] {
    let mut bytes = [0; N];
    for (byte, of_mac) in bytes.iter_mut().zip(mac) {
        *byte = of_mac;
    }
    bytes
}
