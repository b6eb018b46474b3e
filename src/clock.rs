//! Time as a parameter: the system's clock in the program, a hand-moved one in tests.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::SeqCst};
use std::time::{Duration, UNIX_EPOCH};
use tokio::sync::watch;

/// Tells the time in milliseconds since the epoch, and waits for a time to come.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now_ms: AtomicI64,
    moved: watch::Sender<()>,
}

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that only [`Clock::advance`] moves.
    pub fn manual(now_ms: i64) -> Self {
        Self(Source::Manual(Arc::new(Manual {
            now_ms: AtomicI64::new(now_ms),
            moved: watch::Sender::new(()),
        })))
    }

    /// Milliseconds since the epoch.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Source::System => system_now_ms(),
            Source::Manual(manual) => manual.now_ms.load(SeqCst),
        }
    }

    /// Moves a manual clock by this many milliseconds, also backwards; the system's clock stays.
    pub fn advance(&self, ms: i64) {
        if let Source::Manual(manual) = &self.0 {
            manual.now_ms.fetch_add(ms, SeqCst);
            manual.moved.send_replace(());
        }
    }

    /// Waits for a future no longer than this; `None` when it took longer.
    pub async fn within<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        match &self.0 {
            // Monotonic: a clock that is set ends nobody's wait.
            Source::System => tokio::time::timeout(limit, future).await.ok(),
            Source::Manual(_) => {
                let limit_ms = i64::try_from(limit.as_millis()).unwrap_or(i64::MAX);
                let ends_at = self.now_ms().saturating_add(limit_ms);
                let mut future = std::pin::pin!(future);
                loop {
                    tokio::select! {
                        // A future that always has something to do leaves the clock no turn.
                        biased;
                        () = self.sleep_until(ends_at) => {
                            if self.now_ms() >= ends_at {
                                return None;
                            }
                        }
                        output = &mut future => return Some(output),
                    }
                }
            }
        }
    }

    /// Waits until the clock shows this time, or was put back: who wakes looks at it again.
    pub async fn sleep_until(&self, at_ms: i64) {
        match &self.0 {
            Source::System => system_sleep_until(at_ms).await,
            Source::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                let mut before = manual.now_ms.load(SeqCst);
                while before < at_ms {
                    if moved.changed().await.is_err() {
                        return;
                    }
                    let now = manual.now_ms.load(SeqCst);
                    if now < before {
                        return;
                    }
                    before = now;
                }
            }
        }
    }
}

/// Timers run on monotonic time: after at most this long a sleeper looks at the clock again and
/// notices that it was set.
const LOOK_AGAIN: Duration = Duration::from_secs(10);
/// What the clock may lose against monotonic time in one such while, by being steered.
const STEERING_MS: i64 = 1_000;

async fn system_sleep_until(at_ms: i64) {
    loop {
        let before = system_now_ms();
        let Ok(left @ 1..) = u64::try_from(at_ms.saturating_sub(before)) else {
            return;
        };
        let nap = Duration::from_millis(left).min(LOOK_AGAIN);
        tokio::time::sleep(nap).await;
        let passed = system_now_ms().saturating_sub(before).saturating_add(STEERING_MS);
        if passed < i64::try_from(nap.as_millis()).unwrap_or(0) {
            return;
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that asks the machine for the time"
)]
fn system_now_ms() -> i64 {
    let since_epoch = std::time::SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// ISO 8601 in UTC with milliseconds, as the HTTP API prints times.
pub fn iso8601(ms: i64) -> String {
    let timestamp = jiff::Timestamp::from_millisecond(ms).unwrap_or_default();
    format!("{timestamp:.3}")
}

impl jobs::Clock for Clock {
    fn now_ms(&self) -> i64 {
        Self::now_ms(self)
    }

    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Self::sleep_until(self, at_ms))
    }
}
