//! The proof of work: the sender's browser looks for a number that gives a hash with leading zeros. A
//! person does not notice; whoever sends thousands pays for each of them, and the more come in, the
//! higher the price.
//!
//! Nothing is asked of the person, so that there is nothing they could be unable to do. Who has no
//! script sends without a proof, and is limited more narrowly instead.

use crate::app::App;
use crate::ids::HelpdeskId;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// A fraction of a second on a phone.
pub const LEAST_BITS: u8 = 13;
/// Some seconds on a phone.
pub const MOST_BITS: u8 = 19;
/// So many submissions a minute are nothing unusual; each doubling adds a bit.
const USUAL_A_MINUTE: u64 = 20;
const MINUTE_MS: i64 = 60_000;
/// A longer text is no number that anybody counted to.
const LONGEST_PROOF: usize = 20;

/// Submissions of the minute under way and of the one before.
#[derive(Clone, Copy, Default)]
struct Load {
    minute: i64,
    now: u64,
    before: u64,
}

impl Load {
    fn at(self, minute: i64) -> Self {
        match minute - self.minute {
            0 => self,
            1 => Self {
                minute,
                now: 0,
                before: self.now,
            },
            _ => Self {
                minute,
                ..Self::default()
            },
        }
    }
}

#[derive(Default)]
struct Loads(Mutex<HashMap<HelpdeskId, Load>>);

/// Counts a submission, whatever becomes of it.
pub fn count(app: &App, helpdesk_id: HelpdeskId) {
    let loads = app.room(|_| Loads::default());
    let mut loads = loads.0.lock().unwrap_or_else(PoisonError::into_inner);
    let load = loads.entry(helpdesk_id).or_default();
    *load = load.at(app.now_ms() / MINUTE_MS);
    load.now += 1;
}

/// How many submissions came in a minute lately.
pub fn a_minute(app: &App, helpdesk_id: HelpdeskId) -> u64 {
    let loads = app.room(|_| Loads::default());
    let loads = loads.0.lock().unwrap_or_else(PoisonError::into_inner);
    let load = loads.get(&helpdesk_id).copied().unwrap_or_default();
    let load = load.at(app.now_ms() / MINUTE_MS);
    load.now.max(load.before)
}

/// The price at present.
pub fn price(app: &App, helpdesk_id: HelpdeskId) -> u8 {
    bits_at(a_minute(app, helpdesk_id))
}

fn bits_at(a_minute: u64) -> u8 {
    let doublings = (a_minute / USUAL_A_MINUTE)
        .checked_ilog2()
        .map_or(0, |log| log + 1);
    let more = u8::try_from(doublings).unwrap_or(u8::MAX);
    LEAST_BITS.saturating_add(more).min(MOST_BITS)
}

/// Whether a number proves the work for a token.
pub fn is_proof(token: &str, number: &str, bits: u8) -> bool {
    if number.is_empty() || number.len() > LONGEST_PROOF || !number.bytes().all(|byte| byte.is_ascii_digit())
    {
        return false;
    }
    let hash = Sha256::digest(format!("{token}:{number}").as_bytes());
    let mut zeros = 0;
    for byte in hash {
        zeros += byte.leading_zeros();
        if byte != 0 {
            break;
        }
    }
    zeros >= u32::from(bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_rises_by_a_bit_with_each_doubling() {
        for (a_minute, bits) in [
            (0, LEAST_BITS),
            (19, LEAST_BITS),
            (20, LEAST_BITS + 1),
            (40, LEAST_BITS + 2),
            (79, LEAST_BITS + 2),
            (u64::MAX, MOST_BITS),
        ] {
            assert_eq!(bits_at(a_minute), bits, "{a_minute}");
        }
    }

    #[test]
    fn a_proof_is_a_number_whose_hash_begins_with_zeros() {
        let number = (0_u64..).find(|n| is_proof("token", &n.to_string(), 10)).unwrap();
        assert!(number > 0, "it takes some work");
        assert!(!is_proof("other", &number.to_string(), 10) || !is_proof("third", &number.to_string(), 10));
        for bad in ["", "-1", "1e3", "123456789012345678901", "x"] {
            assert!(!is_proof("token", bad, 0), "{bad}");
        }
    }

    #[test]
    fn the_load_is_that_of_this_minute_or_the_last() {
        let load = Load {
            minute: 5,
            now: 7,
            before: 3,
        };
        assert_eq!((load.at(5).now, load.at(6).before, load.at(7).before), (7, 7, 0));
    }
}
