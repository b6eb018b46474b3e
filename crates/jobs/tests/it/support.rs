//! A database with the queue's tables, a clock, runners, and jobs that tell what happened.

use db::{Db, Engine, Error, Location, Migration, Tx};
use jobs::testing::TestClock;
use jobs::{Claim, Clock, Environment, Failure, Job, Runner, Settings};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

const SCHEMA: &[Migration] = &[
    Migration {
        number: 1,
        name: "effects",
        sqlite: "CREATE TABLE effects (number BIGINT PRIMARY KEY)",
        postgres: "CREATE TABLE effects (number BIGINT PRIMARY KEY)",
    },
    Migration {
        number: 2,
        name: "jobs",
        sqlite: include_str!("../../../../migrations/sqlite/0002_jobs.sql"),
        postgres: include_str!("../../../../migrations/postgres/0002_jobs.sql"),
    },
];

pub(crate) const START: i64 = 1_790_000_000_000;
pub(crate) const SETTINGS: Settings = Settings {
    workers: 4,
    lease_ms: 30_000,
    first_retry_ms: 1_000,
    longest_retry_ms: 60_000,
};

/// What a job does when it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Does {
    Nothing,
    /// A row in `effects`, committed together with the end of the job.
    Effect,
    Panics,
    Retries,
    Fails,
    /// Waits, with its whole thread, until the world lets this run go on; then as `Effect`.
    BlocksThenEffect,
    /// Waits as it should until the world is released.
    Waits,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) number: i64,
    pub(crate) does: Does,
}

impl Task {
    pub(crate) fn new(number: i64, does: Does) -> Self {
        Self { number, does }
    }
}

/// What the runners of a test share.
pub(crate) struct World {
    pub(crate) db: Db,
    /// Numbers of the tasks whose runs have begun, and of those that have ended well, in order.
    pub(crate) begun: watch::Sender<Vec<i64>>,
    pub(crate) done: watch::Sender<Vec<i64>>,
    /// Numbers of those whose claim was no longer valid at their effect.
    pub(crate) refused: watch::Sender<Vec<i64>>,
    released: watch::Sender<bool>,
    /// Runs up to this one go on.
    let_go: (Mutex<i64>, Condvar),
}

impl World {
    pub(crate) fn release(&self) {
        self.let_go_on(i64::MAX);
        self.released.send_replace(true);
    }

    pub(crate) fn let_go_on(&self, attempt: i64) {
        *self.let_go.0.lock().unwrap() = attempt;
        self.let_go.1.notify_all();
    }

    async fn effect(&self, number: i64, claim: Claim) -> Result<(), Error> {
        let refused = self.refused.clone();
        self.db
            .write(async move |tx: &mut Tx| {
                tx.execute("INSERT INTO effects (number) VALUES ($1)", &[&number])
                    .await?;
                let finished = claim.finish(tx).await;
                if finished.is_err() {
                    refused.send_modify(|refused| refused.push(number));
                }
                finished
            })
            .await
    }
}

impl Job for Task {
    type Context = World;
    const KIND: &'static str = "task";
    const ATTEMPTS: i64 = 3;
    const LONGEST_MS: i64 = 120_000;

    async fn run(&self, world: &World, claim: &Claim) -> Result<(), Failure> {
        world.begun.send_modify(|begun| begun.push(self.number));
        match self.does {
            Does::Nothing => {}
            Does::Effect => world.effect(self.number, *claim).await?,
            Does::Panics => panic!("task {} panics", self.number),
            Does::Retries => return Err(Failure::Retry("not now".to_owned())),
            Does::Fails => return Err(Failure::Fail("never".to_owned())),
            Does::BlocksThenEffect => {
                let let_go = world.let_go.0.lock().unwrap();
                let waiting = world.let_go.1.wait_while(let_go, |it| *it < claim.attempt);
                drop(waiting.unwrap());
                let effect = world.effect(self.number, *claim).await;
                if effect.is_err() {
                    world.refused.send_modify(|refused| refused.push(self.number));
                }
                effect?;
            }
            Does::Waits => drop(world.released.subscribe().wait_for(|it| *it).await),
        }
        world.done.send_modify(|done| done.push(self.number));
        Ok(())
    }
}

pub(crate) struct Scene {
    pub(crate) db: Db,
    pub(crate) clock: TestClock,
    pub(crate) world: Arc<World>,
    location: Location,
    ids: Arc<AtomicU64>,
    _folder: tempfile::TempDir,
}

impl Scene {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = match engine {
            Engine::Sqlite => Location::Sqlite(folder.path().join("helpdesky.sqlite")),
            Engine::Postgres => Location::Postgres(db::testing::fresh_postgres_database().await.unwrap()),
        };
        let db = Db::open(&location, SCHEMA, START).await.unwrap();
        Self {
            world: Arc::new(Self::world_on(db.clone())),
            db,
            clock: TestClock::new(START),
            location,
            ids: Arc::default(),
            _folder: folder,
        }
    }

    fn world_on(db: Db) -> World {
        World {
            db,
            begun: watch::Sender::default(),
            done: watch::Sender::default(),
            refused: watch::Sender::default(),
            released: watch::Sender::new(false),
            let_go: (Mutex::new(0), Condvar::new()),
        }
    }

    /// A handle as another node has one; SQLite has a single node.
    pub(crate) async fn node(&self) -> Db {
        match self.db.engine() {
            Engine::Sqlite => self.db.clone(),
            Engine::Postgres => Db::open(&self.location, SCHEMA, START).await.unwrap(),
        }
    }

    fn id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.ids.fetch_add(1, Ordering::Relaxed)))
    }

    pub(crate) fn runner(&self, db: Db) -> Runner<World> {
        self.runner_by(db, Arc::new(self.clock.clone()))
    }

    /// One that goes by another clock.
    pub(crate) fn runner_by(&self, db: Db, clock: Arc<dyn Clock>) -> Runner<World> {
        let ids = Arc::clone(&self.ids);
        let environment = Environment {
            clock,
            random: Arc::new(|| 0),
            ids: Arc::new(move || Uuid::from_u128(u128::from(ids.fetch_add(1, Ordering::Relaxed)))),
        };
        Runner::new(db, environment, SETTINGS, Arc::clone(&self.world)).register::<Task>()
    }

    pub(crate) async fn add(&self, number: i64, does: Does, run_at_ms: i64) -> Uuid {
        let id = self.id();
        self.db
            .write(async move |tx: &mut Tx| jobs::enqueue(tx, &Task::new(number, does), run_at_ms, id).await)
            .await
            .map_err(|error: Error| error)
            .unwrap();
        id
    }

    /// Runs a task that is due now and waits for its end: by then a runner has looked at whatever
    /// else was due before.
    pub(crate) async fn sentinel(&self, number: i64) {
        let id = self.add(number, Does::Nothing, self.clock.now_ms()).await;
        until(&self.world.done, |done| done.contains(&number)).await;
        self.until_waiting(|waiting| waiting.iter().all(|job| job.id != id))
            .await;
    }

    pub(crate) async fn effects(&self) -> Vec<i64> {
        self.db
            .read(async |tx: &mut Tx| {
                tx.all("SELECT number FROM effects ORDER BY number", &[], |row| {
                    row.get(0)
                })
                .await
            })
            .await
            .map_err(|error: Error| error)
            .unwrap()
    }

    pub(crate) async fn waiting(&self) -> Vec<jobs::Waiting> {
        self.db
            .read(async |tx: &mut Tx| jobs::waiting(tx, 10_000).await)
            .await
            .unwrap()
    }

    pub(crate) async fn parked(&self) -> Vec<jobs::Parked> {
        self.db
            .read(async |tx: &mut Tx| jobs::parked(tx, 100).await)
            .await
            .unwrap()
    }

    /// Waits until the database says so. Every recorded outcome comes with a hint.
    pub(crate) async fn until_waiting(&self, wanted: impl Fn(&[jobs::Waiting]) -> bool) {
        let looking = async {
            while !wanted(&self.waiting().await) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), looking)
            .await
            .unwrap();
    }
}

/// Waits until what a world tells fulfils the condition.
pub(crate) async fn until(told: &watch::Sender<Vec<i64>>, wanted: impl Fn(&[i64]) -> bool) {
    let mut told = told.subscribe();
    let waiting = told.wait_for(|numbers| wanted(numbers));
    let ended = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(ended.is_ok(), "what the test waits for did not happen");
}

/// A runner at work, and the way to end it.
pub(crate) struct AtWork {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl AtWork {
    pub(crate) fn start(runner: Runner<World>) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(runner.run(async move { drop(stopped.await) }));
        Self { stop, task }
    }

    pub(crate) fn ask_to_stop(self) -> JoinHandle<()> {
        drop(self.stop);
        self.task
    }

    pub(crate) async fn stop(self) {
        let task = self.ask_to_stop();
        tokio::time::timeout(Duration::from_secs(10), task)
            .await
            .unwrap()
            .unwrap();
    }

    /// As the death of its process: nothing more happens in it.
    pub(crate) async fn kill(self) {
        self.task.abort();
        drop(self.task.await);
    }
}

macro_rules! on_both_engines {
    ($(async fn $name:ident($scene:ident: Scene) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($scene: crate::support::Scene) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run(crate::support::Scene::new(db::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                run(crate::support::Scene::new(db::Engine::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;
