//! Who may run a job, and who may finish it.

use crate::support::{AtWork, Does, SETTINGS, Scene, Task, on_both_engines, until};
use db::{Db, Error, Tx};
use jobs::Clock;
use uuid::Uuid;

/// A runner on a thread of its own, which a blocking task stops altogether: it renews no lease
/// and notices nothing, like a process that was suspended.
fn on_its_own_thread(scene: &Scene, db: Db) -> std::thread::JoinHandle<()> {
    let runner = scene.runner(db);
    let world = std::sync::Arc::clone(&scene.world);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(runner.run(async move {
            // Over once it has woken up and seen the sentinel's end.
            until(&world.done, |done| done.contains(&-1)).await;
        }));
    })
}

on_both_engines! {
    async fn a_zombie_cannot_finish_what_another_has_taken_over(scene: Scene) {
        let zombie = on_its_own_thread(&scene, scene.node().await);
        scene.add(1, Does::BlocksThenEffect, scene.clock.now_ms()).await;
        until(&scene.world.begun, |begun| begun == [1]).await;
        scene.clock.advance(SETTINGS.lease_ms + 1);
        let other = on_its_own_thread(&scene, scene.node().await);
        until(&scene.world.begun, |begun| begun == [1, 1]).await;
        scene.world.let_go_on(1);
        until(&scene.world.refused, |refused| refused == [1]).await;
        assert!(scene.effects().await.is_empty());
        let second = scene.waiting().await;
        assert_eq!((second.len(), second[0].attempts), (1, 2));
        scene.world.let_go_on(2);
        until(&scene.world.done, |done| done.contains(&1)).await;
        scene.sentinel(-1).await;
        tokio::task::spawn_blocking(move || {
            zombie.join().unwrap();
            other.join().unwrap();
        }).await.unwrap();
        assert_eq!(scene.effects().await, [1]);
        let done = scene.world.done.borrow().clone();
        assert_eq!(done.iter().filter(|number| **number == 1).count(), 1, "{done:?}");
        assert!(scene.waiting().await.is_empty());
        assert!(scene.parked().await.is_empty());
    }

    async fn a_lease_survives_a_clock_that_is_put_back(scene: Scene) {
        let holder = on_its_own_thread(&scene, scene.node().await);
        scene.add(1, Does::BlocksThenEffect, scene.clock.now_ms()).await;
        until(&scene.world.begun, |begun| begun == [1]).await;
        scene.clock.advance(-3_600_000);
        let other = AtWork::start(scene.runner(scene.node().await));
        scene.sentinel(2).await;
        scene.clock.advance(SETTINGS.lease_ms + 1);
        scene.sentinel(3).await;
        assert_eq!(scene.world.begun.borrow().as_slice(), [1, 2, 3]);
        scene.world.release();
        until(&scene.world.done, |done| done.contains(&1)).await;
        scene.sentinel(-1).await;
        other.stop().await;
        tokio::task::spawn_blocking(move || holder.join().unwrap()).await.unwrap();
        assert_eq!(scene.effects().await, [1]);
        assert!(scene.waiting().await.is_empty());
    }

    async fn a_job_of_a_dead_runner_runs_again_when_its_lease_ends(scene: Scene) {
        let dead = AtWork::start(scene.runner(scene.node().await));
        scene.add(1, Does::Waits, scene.clock.now_ms()).await;
        until(&scene.world.begun, |begun| begun == [1]).await;
        dead.kill().await;
        scene.world.release();
        let other = AtWork::start(scene.runner(scene.node().await));
        scene.sentinel(2).await;
        assert_eq!(scene.world.begun.borrow().as_slice(), [1, 2]);
        scene.clock.advance(SETTINGS.lease_ms);
        until(&scene.world.done, |done| done.contains(&1)).await;
        other.stop().await;
        assert!(scene.waiting().await.is_empty());
    }

    async fn a_running_job_keeps_its_lease(scene: Scene) {
        let holder = AtWork::start(scene.runner(scene.node().await));
        scene.add(1, Does::Waits, scene.clock.now_ms()).await;
        until(&scene.world.begun, |begun| begun == [1]).await;
        let other = AtWork::start(scene.runner(scene.node().await));
        for round in 2..8 {
            let lease = scene.waiting().await[0].due_at_ms;
            scene.clock.advance(SETTINGS.lease_ms / 3);
            scene.until_waiting(|waiting| waiting[0].due_at_ms > lease).await;
            scene.sentinel(round).await;
        }
        scene.world.release();
        until(&scene.world.done, |done| done.contains(&1)).await;
        holder.stop().await;
        other.stop().await;
        assert_eq!(scene.world.begun.borrow().iter().filter(|number| **number == 1).count(), 1);
    }

    async fn four_runners_make_each_of_two_thousand_effects_once(scene: Scene) {
        let mut runners = Vec::new();
        for _ in 0..4 {
            runners.push(AtWork::start(scene.runner(scene.node().await)));
        }
        let now_ms = scene.clock.now_ms();
        for part in 0..20_i64 {
            scene.db.write(async move |tx: &mut Tx| {
                for number in part * 100..(part + 1) * 100 {
                    let id = Uuid::from_u128(1_000_000 + number.unsigned_abs() as u128);
                    jobs::enqueue(tx, &Task::new(number, Does::Effect), now_ms, id).await?;
                }
                Ok::<_, Error>(())
            }).await.unwrap();
        }
        until(&scene.world.done, |done| done.len() == 2_000).await;
        for runner in runners {
            runner.stop().await;
        }
        assert_eq!(scene.effects().await, (0..2_000).collect::<Vec<_>>());
        assert_eq!(scene.world.begun.borrow().len(), 2_000, "some job ran twice");
        assert!(scene.waiting().await.is_empty());
        assert!(scene.parked().await.is_empty());
    }
}
