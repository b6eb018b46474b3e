//! A clock that stands still until the test moves it.

use crate::Clock;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::watch;

/// Shared by clones. Moving it wakes the sleepers whose time has come.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<watch::Sender<i64>>);

impl TestClock {
    /// A clock that shows this time.
    pub fn new(now_ms: i64) -> Self {
        Self(Arc::new(watch::Sender::new(now_ms)))
    }

    /// Moves it forwards, or backwards by a negative number.
    pub fn advance(&self, by_ms: i64) {
        self.0.send_modify(|now| *now += by_ms);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        *self.0.borrow()
    }

    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async move {
            // The sender is ours, so it cannot go away while we wait.
            let mut time = self.0.subscribe();
            let asleep_at = *time.borrow_and_update();
            let awake = |now: &i64| *now >= at_ms || *now < asleep_at;
            drop(time.wait_for(awake).await);
        })
    }
}
