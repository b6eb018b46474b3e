//! How often a password may be tried, wherever one is asked for: signing in, joining a helpdesk,
//! changing it.

use crate::app::App;
use crate::web::client::ClientAddress;
use crate::web::throttle::Throttle;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Counts a try at the password of this address.
///
/// # Errors
/// The sentence for whoever has to wait.
pub(super) fn count(app: &App, client: ClientAddress, email: &str) -> Result<(), String> {
    let tries = app.room(Tries::new);
    tries
        .count(client.network(), account(email), app.now_ms())
        .map_err(|wait_ms| {
            let seconds = wait_ms.div_euclid(1_000) + 1;
            format!("Too many tries. Wait {seconds} seconds and try again")
        })
}

/// The last try was right.
pub(super) fn succeeded(app: &App, client: ClientAddress, email: &str) {
    let tries = app.room(Tries::new);
    tries.succeeded(client.network(), account(email), app.now_ms());
}

fn account(email: &str) -> [u8; 32] {
    Sha256::digest(mail::trim(email).to_ascii_lowercase()).into()
}

/// Where an account signed in lately, tries elsewhere do not count against it.
const KNOWN_MS: i64 = 30 * 24 * 60 * 60 * 1000;
const MOST_KNOWN: usize = 10_000;

/// Tries are counted by address and account together, and more generously by each alone: a
/// stranger can slow an operator's sign-in down, but never lock them out. One who signed in from
/// the same place lately is not even slowed down.
struct Tries {
    by_both: Throttle<(IpAddr, [u8; 32])>,
    by_address: Throttle<IpAddr>,
    by_account: Throttle<[u8; 32]>,
    known: Mutex<HashMap<(IpAddr, [u8; 32]), i64>>,
}

impl Tries {
    fn new(_: &App) -> Self {
        Self {
            by_both: Throttle::new(10, 30_000),
            by_address: Throttle::new(60, 2_000),
            by_account: Throttle::new(200, 5_000),
            known: Mutex::default(),
        }
    }

    /// The address first: who is over its limit there leaves no trace under any account.
    fn count(&self, network: IpAddr, account: [u8; 32], now_ms: i64) -> Result<(), i64> {
        self.by_address.try_once(network, now_ms)?;
        self.by_both.try_once((network, account), now_ms)?;
        if self.is_known(network, account, now_ms) {
            return Ok(());
        }
        self.by_account.try_once(account, now_ms)
    }

    fn is_known(&self, network: IpAddr, account: [u8; 32], now_ms: i64) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known
            .get(&(network, account))
            .is_some_and(|at| now_ms - at < KNOWN_MS)
    }

    fn succeeded(&self, network: IpAddr, account: [u8; 32], now_ms: i64) {
        self.by_both.forget(&(network, account));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_KNOWN {
            // Only good passwords come here: this is rare, and costs a slower try at worst.
            known.clear();
        }
        known.insert((network, account), now_ms);
    }
}
