//! Values that are read on nearly every request, kept in memory for a moment.
//!
//! A change forgets its value after the commit and before the answer, so this node's next request
//! reads it anew; other nodes notice within [`FRESH_MS`].

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, RwLock};

/// A value may be served from memory for at most this long.
pub(crate) const FRESH_MS: i64 = 1_000;

/// Kept values by key. The keys are of things that exist, so there are few.
pub(crate) struct Kept<K, V>(RwLock<Inside<K, V>>);

struct Inside<K, V> {
    /// Counts changes, so that what was read before one is not kept after it.
    changes: u64,
    values: HashMap<K, (Arc<V>, i64)>,
}

/// What a look found: the value, or the right to keep it once it is read.
pub(crate) enum Look<V> {
    /// It is fresh.
    Fresh(Arc<V>),
    /// It has to be read.
    Stale(Ticket),
}

/// Stands for the moment of a look: a change after it voids the ticket.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(Option<u64>);

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self(RwLock::new(Inside {
            changes: 0,
            values: HashMap::new(),
        }))
    }
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Looks for a value.
    pub(crate) fn look(&self, key: &K, now_ms: i64) -> Look<V> {
        let Ok(inside) = self.0.read() else {
            return Look::Stale(Ticket(None));
        };
        match inside.values.get(key) {
            // A clock that went backwards must not keep a value alive.
            Some((value, read_at)) if (0..FRESH_MS).contains(&(now_ms - read_at)) => {
                Look::Fresh(Arc::clone(value))
            }
            _ => Look::Stale(Ticket(Some(inside.changes))),
        }
    }

    /// Keeps what was read since the look, unless something changed meanwhile.
    pub(crate) fn keep(&self, ticket: Ticket, key: K, value: &Arc<V>, now_ms: i64) {
        if let Ok(mut inside) = self.0.write()
            && ticket.0 == Some(inside.changes)
        {
            inside.values.insert(key, (Arc::clone(value), now_ms));
        }
    }

    /// Forgets a value that was changed. Call it after the commit.
    pub(crate) fn forget(&self, key: &K) {
        if let Ok(mut inside) = self.0.write() {
            inside.changes += 1;
            inside.values.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(look: Look<&str>) -> Ticket {
        match look {
            Look::Stale(ticket) => ticket,
            Look::Fresh(value) => panic!("{value} is fresh"),
        }
    }

    #[test]
    fn a_value_is_kept_for_a_moment_and_not_across_a_change() {
        let kept = Kept::default();
        let early = ticket(kept.look(&1, 0));
        kept.forget(&1);
        kept.keep(early, 1, &Arc::new("read before the change"), 0);
        let late = ticket(kept.look(&1, 0));
        kept.keep(late, 1, &Arc::new("new"), 0);
        assert!(matches!(kept.look(&1, FRESH_MS - 1), Look::Fresh(value) if *value == "new"));
        assert!(matches!(kept.look(&1, FRESH_MS), Look::Stale(_)));
        assert!(matches!(kept.look(&1, -1), Look::Stale(_)));
    }
}
