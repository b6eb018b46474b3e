//! When a job runs, and what becomes of it.

use crate::support::{AtWork, Does, SETTINGS, START, Task, on_both_engines, until};
use db::{Error, Tx};
use jobs::{Claim, Clock, Failure, Job};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A kind that no runner here knows.
#[derive(Serialize, Deserialize)]
struct Unknown;

impl Job for Unknown {
    type Context = ();
    const KIND: &'static str = "unknown";

    async fn run(&self, (): &(), _: &Claim) -> Result<(), Failure> {
        Ok(())
    }
}

on_both_engines! {
    async fn nothing_runs_before_its_time(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        scene.add(1, Does::Nothing, START + 1_000).await;
        scene.sentinel(2).await;
        scene.clock.advance(999);
        scene.sentinel(3).await;
        scene.clock.advance(-500);
        scene.sentinel(4).await;
        assert_eq!(scene.world.begun.borrow().as_slice(), [2, 3, 4]);
        scene.clock.advance(501);
        until(&scene.world.done, |done| done == [2, 3, 4, 1]).await;
        runner.stop().await;
        assert!(scene.waiting().await.is_empty());
    }

    async fn a_panicking_job_is_retried_then_parked_then_runs_again(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        let id = scene.add(1, Does::Panics, START).await;
        // Without randomness the pause is half of 1 s, then half of 2 s.
        for (attempt, pause) in [(1, 500), (2, 1_000)] {
            let due_at = scene.clock.now_ms() + pause;
            scene.until_waiting(|waiting| {
                waiting[0].attempts == attempt && waiting[0].due_at_ms == due_at
            }).await;
            scene.clock.advance(pause - 1);
            scene.sentinel(attempt * 10).await;
            assert_eq!(scene.world.begun.borrow().iter().filter(|it| **it == 1).count() as i64, attempt);
            scene.clock.advance(1);
        }
        scene.until_waiting(<[_]>::is_empty).await;
        let parked = scene.parked().await;
        assert_eq!(parked.len(), 1);
        assert_eq!((parked[0].id, parked[0].attempts), (id, 3));
        assert_eq!(parked[0].last_error.as_deref(), Some("it panicked: task 1 panics"));
        assert_eq!(parked[0].parked_at_ms, scene.clock.now_ms());
        let now_ms = scene.clock.now_ms();
        let again = scene.db.write(async move |tx: &mut Tx| jobs::unpark(tx, id, now_ms).await).await;
        assert!(again.unwrap());
        until(&scene.world.begun, |begun| begun.iter().filter(|it| **it == 1).count() == 4).await;
        runner.stop().await;
    }

    async fn a_job_that_cannot_succeed_is_parked_at_once_and_can_be_discarded(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        let id = scene.add(1, Does::Fails, START).await;
        scene.add(2, Does::Retries, START).await;
        scene.until_waiting(|waiting| waiting.len() == 1 && waiting[0].due_at_ms > START).await;
        let parked = scene.parked().await;
        assert_eq!(parked[0].last_error.as_deref(), Some("never"));
        let removed = scene.db.write(async move |tx: &mut Tx| jobs::discard(tx, id).await).await;
        assert!(removed.unwrap());
        assert!(scene.parked().await.is_empty());
        runner.stop().await;
    }

    async fn a_kind_that_this_version_does_not_know_is_not_lost(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        scene.db.write(async |tx: &mut Tx| {
            jobs::enqueue(tx, &Unknown, START, Uuid::from_u128(77)).await
        }).await.unwrap();
        scene.until_waiting(|waiting| waiting[0].due_at_ms == START + 500).await;
        runner.stop().await;
    }

    async fn a_run_that_takes_too_long_is_given_up(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        scene.add(1, Does::Waits, START).await;
        until(&scene.world.begun, |begun| begun == [1]).await;
        let mut lease = scene.waiting().await[0].due_at_ms;
        for _ in 0..11 {
            scene.clock.advance(SETTINGS.lease_ms / 3);
            scene.until_waiting(|waiting| waiting[0].due_at_ms > lease).await;
            lease = scene.waiting().await[0].due_at_ms;
        }
        scene.clock.advance(SETTINGS.lease_ms / 3);
        let due_at = START + Task::LONGEST_MS + 500;
        scene.until_waiting(|waiting| waiting[0].due_at_ms == due_at).await;
        runner.stop().await;
    }

    async fn a_job_exists_only_with_the_transaction_that_caused_it(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        let undone: Result<(), Error> = scene.db.write(async |tx: &mut Tx| {
            jobs::enqueue(tx, &Task::new(1, Does::Nothing), START, Uuid::from_u128(77)).await?;
            Err(Error::Internal("its own error".to_owned()))
        }).await;
        assert!(undone.is_err());
        scene.sentinel(2).await;
        runner.stop().await;
        assert_eq!(scene.world.begun.borrow().as_slice(), [2]);
    }

    async fn a_key_keeps_a_job_single_until_it_is_finished(scene: Scene) {
        let add = async |id: u128, key: &'static str| {
            scene.db.write(async move |tx: &mut Tx| {
                let task = Task::new(1, Does::Nothing);
                jobs::enqueue_once(tx, &task, key, START, Uuid::from_u128(id)).await
            }).await.unwrap()
        };
        assert!(add(1_001, "a").await);
        assert!(!add(1_002, "a").await);
        assert!(add(1_003, "b").await);
        let runner = AtWork::start(scene.runner(scene.node().await));
        scene.until_waiting(<[_]>::is_empty).await;
        assert!(add(1_004, "a").await);
        scene.until_waiting(<[_]>::is_empty).await;
        runner.stop().await;
        assert_eq!(scene.world.done.borrow().as_slice(), [1, 1, 1]);
    }

    async fn stopping_waits_for_what_runs_and_begins_nothing_more(scene: Scene) {
        let runner = AtWork::start(scene.runner(scene.node().await));
        for number in 0..SETTINGS.workers as i64 + 3 {
            scene.add(number, Does::Waits, START).await;
        }
        until(&scene.world.begun, |begun| begun.len() == SETTINGS.workers).await;
        let stopping = runner.ask_to_stop();
        assert!(!stopping.is_finished());
        scene.world.release();
        stopping.await.unwrap();
        assert_eq!(scene.world.done.borrow().len(), SETTINGS.workers);
        let left = scene.waiting().await;
        assert_eq!(left.len(), 3);
        assert!(left.iter().all(|job| job.attempts == 0));
    }
}
