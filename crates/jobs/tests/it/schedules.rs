//! Recurring jobs.

use crate::support::{AtWork, Does, Task, on_both_engines, until};
use jobs::Clock;
use jobs::testing::TestClock;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const MINUTE: i64 = 60_000;
const TICK: i64 = 100;

/// The clock of a node that looked at it, and then had nothing of the machine for a while.
struct LateClock {
    clock: TestClock,
    looked_at: i64,
    has_looked: AtomicBool,
}

impl Clock for LateClock {
    fn now_ms(&self) -> i64 {
        match self.has_looked.swap(true, Ordering::Relaxed) {
            false => self.looked_at,
            true => self.clock.now_ms(),
        }
    }

    fn sleep_until(&self, at_ms: i64) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.clock.sleep_until(at_ms)
    }
}

on_both_engines! {
    async fn a_schedule_on_two_runners_fires_once_a_period(scene: Scene) {
        // In the middle of a minute, so that ticks stand apart from the start.
        scene.clock.advance(MINUTE - scene.clock.now_ms() % MINUTE + MINUTE / 2);
        let mut runners = Vec::new();
        for _ in 0..2 {
            let runner = scene.runner(scene.node().await);
            runners.push(AtWork::start(runner.schedule("tick", MINUTE, Task::new(TICK, Does::Nothing))));
        }
        let ticks = |told: &[i64]| told.iter().filter(|it| **it == TICK).count();
        until(&scene.world.done, |done| ticks(done) == 1).await;
        scene.clock.advance(MINUTE / 2 - 1);
        scene.sentinel(1).await;
        assert_eq!(ticks(&scene.world.begun.borrow()), 1);
        scene.clock.advance(1);
        until(&scene.world.done, |done| ticks(done) == 2).await;
        for minute in 3..10_i64 {
            scene.until_waiting(<[_]>::is_empty).await;
            scene.clock.advance(MINUTE);
            until(&scene.world.done, |done| ticks(done) as i64 == minute).await;
            scene.sentinel(minute * 1_000).await;
        }
        // What was missed is made up for by one run.
        scene.until_waiting(<[_]>::is_empty).await;
        scene.clock.advance(5 * MINUTE);
        until(&scene.world.done, |done| ticks(done) == 10).await;
        scene.sentinel(2).await;
        for runner in runners {
            runner.stop().await;
        }
        assert_eq!(ticks(&scene.world.begun.borrow()), 10);
        assert!(scene.waiting().await.is_empty());
    }

    async fn a_node_that_was_slow_does_not_fire_what_another_has_fired(scene: Scene) {
        scene.clock.advance(MINUTE - scene.clock.now_ms() % MINUTE + MINUTE / 2);
        let looked_at = scene.clock.now_ms();
        scene.clock.advance(5 * MINUTE);
        let runner = scene.runner(scene.node().await);
        let runner = AtWork::start(runner.schedule("tick", MINUTE, Task::new(TICK, Does::Nothing)));
        until(&scene.world.done, |done| done == [TICK]).await;
        scene.until_waiting(<[_]>::is_empty).await;
        runner.stop().await;
        let late = LateClock {
            clock: scene.clock.clone(),
            looked_at,
            has_looked: AtomicBool::new(false),
        };
        let slow = scene.runner_by(scene.node().await, Arc::new(late));
        let slow = AtWork::start(slow.schedule("tick", MINUTE, Task::new(TICK, Does::Nothing)));
        scene.sentinel(1).await;
        scene.sentinel(2).await;
        slow.stop().await;
        assert_eq!(*scene.world.begun.borrow(), [TICK, 1, 2]);
        assert!(scene.waiting().await.is_empty());
    }

    async fn a_clock_that_is_put_back_does_not_silence_a_schedule(scene: Scene) {
        scene.clock.advance(MINUTE - scene.clock.now_ms() % MINUTE);
        let runner = scene.runner(scene.node().await);
        let runner = AtWork::start(runner.schedule("tick", MINUTE, Task::new(TICK, Does::Nothing)));
        until(&scene.world.done, |done| done == [TICK]).await;
        scene.until_waiting(<[_]>::is_empty).await;
        scene.clock.advance(-60 * MINUTE);
        scene.sentinel(1).await;
        scene.clock.advance(MINUTE);
        until(&scene.world.done, |done| done == [TICK, 1, TICK]).await;
        runner.stop().await;
    }
}
