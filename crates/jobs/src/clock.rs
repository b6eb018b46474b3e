//! Time, as the queue asks for it.

use std::pin::Pin;

/// Tells the time and wakes sleepers. Time may jump either way.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the epoch.
    fn now_ms(&self) -> i64;
    /// Returns once the clock shows this time, or was put back: who wakes looks at it again.
    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}
