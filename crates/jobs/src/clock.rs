//! The wall clock, and waiting for it.

use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Tells the time and wakes sleepers. Time may jump either way.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the epoch.
    fn now_ms(&self) -> i64;
    /// Returns once the clock shows this time, or was put back: who wakes looks at it again.
    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// Timers run on monotonic time: after at most this long a sleeper looks at the clock again and
/// notices that it was set.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// What the clock may lose against monotonic time in one such while, by being steered.
const STEERING_MS: i64 = 1_000;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        system_now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            loop {
                let before = self.now_ms();
                let Ok(left @ 1..) = u64::try_from(at_ms.saturating_sub(before)) else {
                    return;
                };
                let nap = Duration::from_millis(left).min(LOOK_AGAIN);
                tokio::time::sleep(nap).await;
                let passed = i128::from(self.now_ms()) - i128::from(before);
                if passed + i128::from(STEERING_MS) < i128::try_from(nap.as_millis()).unwrap_or(0) {
                    return;
                }
            }
        })
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the clock itself: whoever wants the time is given one"
)]
fn system_now() -> SystemTime {
    SystemTime::now()
}
