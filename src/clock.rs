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

    /// Waits until the clock shows this time or later.
    pub async fn sleep_until(&self, at_ms: i64) {
        match &self.0 {
            Source::System => loop {
                let left = at_ms.saturating_sub(system_now_ms());
                let Ok(left) = u64::try_from(left) else { return };
                if left == 0 {
                    return;
                }
                // In short steps, so that a clock set forward by hand is noticed.
                tokio::time::sleep(Duration::from_millis(left.min(1_000))).await;
            },
            Source::Manual(manual) => {
                let mut moved = manual.moved.subscribe();
                while manual.now_ms.load(SeqCst) < at_ms {
                    if moved.changed().await.is_err() {
                        return;
                    }
                }
            }
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
