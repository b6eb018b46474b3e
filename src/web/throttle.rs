//! How often something may be tried, by key. Refills with time, so nobody is locked out for good.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Above this many keys the full ones are forgotten; they would be allowed anyway.
const SWEEP_ABOVE: usize = 10_000;

/// Allows `burst` tries at once and one more every `refill_ms`, for each key.
#[derive(Debug)]
pub struct Throttle<K> {
    burst: i64,
    refill_ms: i64,
    /// When each key will be full again.
    full_at: Mutex<HashMap<K, i64>>,
}

impl<K: Eq + Hash> Throttle<K> {
    /// An empty one.
    pub fn new(burst: i64, refill_ms: i64) -> Self {
        Self {
            burst,
            refill_ms,
            full_at: Mutex::default(),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The milliseconds to wait when there were too many.
    pub fn try_once(&self, key: K, now_ms: i64) -> Result<(), i64> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() > SWEEP_ABOVE {
            full_at.retain(|_, at| *at > now_ms);
        }
        let at = full_at.entry(key).or_insert(now_ms);
        let next = (*at).max(now_ms).saturating_add(self.refill_ms);
        let wait = next - now_ms - self.burst * self.refill_ms;
        if wait > 0 {
            return Err(wait);
        }
        *at = next;
        Ok(())
    }

    /// Forgets the tries of a key, after one that was right.
    pub fn forget(&self, key: &K) {
        self.full_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_allowed_then_one_for_each_refill() {
        let throttle = Throttle::new(3, 1_000);
        for _ in 0..3 {
            assert_eq!(throttle.try_once("a", 0), Ok(()));
        }
        assert_eq!(throttle.try_once("a", 0), Err(1_000));
        assert_eq!(throttle.try_once("b", 0), Ok(()));
        assert_eq!(throttle.try_once("a", 999), Err(1));
        assert_eq!(throttle.try_once("a", 1_000), Ok(()));
        throttle.forget(&"a");
        assert_eq!(throttle.try_once("a", 1_000), Ok(()));
    }
}
