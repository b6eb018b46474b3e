//! Forms that are sent twice by a double click happen once: each carries a key, and the second
//! arrival of a key is answered like the first without doing anything.
//!
//! The keys live in this process. Two clicks reach the same node, because browsers reuse the
//! connection; what must survive restarts and retries is the business of idempotency keys.

use crate::app::App;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// A second click comes within seconds; somebody who goes back to the page later comes later.
const KEPT_MS: i64 = 60 * 60 * 1000;
const SWEEP_ABOVE: usize = 10_000;

type Seen = Mutex<HashMap<(Uuid, String), i64>>;

#[derive(Default)]
struct Keys(Seen);

/// The permission to do what one form asks for. Dropped before [`Once::done`], it gives the key
/// back, so that a failed attempt can be repeated.
pub struct Once {
    keys: Arc<Keys>,
    key: Option<(Uuid, String)>,
}

impl Once {
    /// Takes the key of this person's form; `None` when it was taken before. A form without a key
    /// is always done.
    pub fn take(app: &App, person: Uuid, key: Option<&str>) -> Option<Self> {
        let keys = app.room(|_| Keys::default());
        let key = key
            .filter(|key| !key.is_empty() && key.len() <= 64)
            .map(|key| (person, key.to_owned()));
        if let Some(key) = &key {
            let now = app.now_ms();
            let mut seen = keys.0.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.len() > SWEEP_ABOVE {
                seen.retain(|_, at| now - *at < KEPT_MS);
            }
            if seen.get(key).is_some_and(|at| now - at < KEPT_MS) {
                return None;
            }
            seen.insert(key.clone(), now);
        }
        Some(Self { keys, key })
    }

    /// It was done: the key stays taken.
    pub fn done(mut self) {
        self.key = None;
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.keys
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(key);
        }
    }
}
