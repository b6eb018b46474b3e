//! How often something may be tried, by key. Refills with time, so nobody is locked out for good.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

/// Above this many keys the full ones are forgotten; they would be allowed anyway. Those that
/// remain must double before the next sweep, so that a flood of keys pays for its own sweeps.
const SWEEP_ABOVE: usize = 10_000;

/// Allows `burst` tries at once and one more every `refill_ms`, for each key.
#[derive(Debug)]
pub struct Throttle<K> {
    burst: i64,
    refill_ms: i64,
    keys: Mutex<Keys<K>>,
}

#[derive(Debug)]
struct Keys<K> {
    /// When each key will be full again.
    full_at: HashMap<K, i64>,
    sweep_above: usize,
}

impl<K: Eq + Hash> Throttle<K> {
    /// An empty one.
    pub fn new(burst: i64, refill_ms: i64) -> Self {
        Self {
            burst,
            refill_ms,
            keys: Mutex::new(Keys {
                full_at: HashMap::new(),
                sweep_above: SWEEP_ABOVE,
            }),
        }
    }

    /// Counts a try.
    ///
    /// # Errors
    /// The milliseconds to wait when there were too many.
    pub fn try_once(&self, key: K, now_ms: i64) -> Result<(), i64> {
        self.try_within(key, now_ms, self.burst, self.refill_ms)
    }

    /// Counts a try under a burst and a refill of its own. They may change from one try to the next.
    ///
    /// # Errors
    /// The milliseconds to wait when there were too many.
    pub fn try_within(&self, key: K, now_ms: i64, burst: i64, refill_ms: i64) -> Result<(), i64> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.full_at.len() > keys.sweep_above {
            keys.full_at.retain(|_, at| *at > now_ms);
            keys.sweep_above = SWEEP_ABOVE.max(2 * keys.full_at.len());
        }
        let at = keys.full_at.entry(key).or_insert(now_ms);
        let next = (*at).max(now_ms).saturating_add(refill_ms);
        let wait = next - now_ms - burst * refill_ms;
        if wait > 0 {
            return Err(wait);
        }
        *at = next;
        Ok(())
    }

    /// Forgets the tries of a key, after one that was right.
    pub fn forget(&self, key: &K) {
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .full_at
            .remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_keys_is_swept_ever_more_rarely() {
        let throttle = Throttle::new(1, 1_000);
        for key in 0..3 * SWEEP_ABOVE {
            assert_eq!(throttle.try_once(key, 0), Ok(()));
        }
        let state = |throttle: &Throttle<usize>| {
            let keys = throttle.keys.lock().unwrap();
            (keys.full_at.len(), keys.sweep_above)
        };
        let (kept, sweep_above) = state(&throttle);
        assert_eq!(kept, 3 * SWEEP_ABOVE);
        assert!(sweep_above > 4 * SWEEP_ABOVE, "swept twice, and not at each try");
        for key in 3 * SWEEP_ABOVE..5 * SWEEP_ABOVE {
            assert_eq!(throttle.try_once(key, 2_000), Ok(()));
        }
        let (kept, _) = state(&throttle);
        assert_eq!(kept, 2 * SWEEP_ABOVE, "the full ones are gone");
    }

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
