//! Claims due jobs and runs them. Sleeps until the next one is due, a hint comes or one ends.

use crate::execution::{Execution, Handler};
use crate::schedule::Schedule;
use crate::{Clock, Job, store};
use db::{Db, Error, Hint, Tx};
use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::broadcast::{Receiver, error::RecvError, error::TryRecvError};
use tokio::task::JoinSet;
use uuid::Uuid;

/// How long a runner waits after the database refused it, and between looks while hints of other
/// nodes do not arrive.
const LOOK_AGAIN_MS: i64 = 2_000;
/// When what is due is just being taken, or held, by somebody else.
const HELD_MS: i64 = 50;

/// What the queue gets from outside.
#[derive(Clone)]
pub struct Environment {
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// Random numbers, for jitter.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// Ids of scheduled jobs.
    pub ids: Arc<dyn Fn() -> Uuid + Send + Sync>,
}

/// How a runner works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Jobs at once.
    pub workers: usize,
    /// How long a job belongs to a runner that gives no sign of life; renewed while it runs.
    pub lease_ms: i64,
    /// Pause after the first failure; doubles with each further one.
    pub first_retry_ms: i64,
    /// The longest such pause.
    pub longest_retry_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: 4,
            lease_ms: 60_000,
            first_retry_ms: 1_000,
            longest_retry_ms: 3_600_000,
        }
    }
}

impl Settings {
    /// Between half of the doubled pause and the whole of it, so that jobs that failed together
    /// do not come back together.
    pub(crate) fn retry_delay_ms(&self, failures: i64, random: u64) -> i64 {
        let doublings = u32::try_from(failures.clamp(1, 62) - 1).unwrap_or(0);
        let whole = self
            .first_retry_ms
            .saturating_mul(1_i64 << doublings)
            .clamp(1, self.longest_retry_ms.max(1));
        let half = whole / 2;
        let spread = u64::try_from(whole - half).unwrap_or(0).saturating_add(1);
        half.saturating_add(i64::try_from(random % spread).unwrap_or(0))
    }
}

/// Runs jobs of the registered kinds. `C` is what they share.
pub struct Runner<C> {
    db: Db,
    environment: Environment,
    settings: Settings,
    context: Arc<C>,
    handlers: HashMap<&'static str, Arc<Handler<C>>>,
    schedules: Vec<Schedule>,
}

impl<C: Send + Sync + 'static> Runner<C> {
    /// A runner that knows no job yet.
    pub fn new(db: Db, environment: Environment, settings: Settings, context: Arc<C>) -> Self {
        Self {
            db,
            environment,
            settings,
            context,
            handlers: HashMap::new(),
            schedules: Vec::new(),
        }
    }

    /// Lets jobs of this kind run here.
    #[must_use]
    pub fn register<J: Job<Context = C>>(mut self) -> Self {
        self.handlers.insert(J::KIND, Arc::new(Handler::of::<J>()));
        self
    }

    /// Registers the job and enqueues it on every multiple of the period: once, on however many
    /// nodes. What was missed while none ran is made up for by one run.
    #[must_use]
    pub fn schedule<J: Job<Context = C>>(mut self, name: &'static str, every_ms: i64, job: J) -> Self {
        self.schedules.push(Schedule::new(name, every_ms, job));
        self.register::<J>()
    }

    /// Works until `stop` is ready; then claims nothing more and returns when the jobs under way
    /// have ended. Dropping it instead cancels them: their leases end, and they run again.
    pub async fn run(self, stop: impl Future<Output = ()> + Send) {
        let mut stop = pin!(stop);
        let mut hints = self.db.subscribe();
        let mut running = JoinSet::new();
        let mut tick_at = i64::MIN;
        loop {
            let now_ms = self.environment.clock.now_ms();
            // A clock that was put back makes the next tick come sooner, too.
            if now_ms >= tick_at || self.next_tick(now_ms) < tick_at {
                self.fire_schedules().await;
                tick_at = self.next_tick(now_ms);
            }
            let wake_at = match self.claim(now_ms, &mut running).await {
                Ok(next_due_at) => self.wake_at(now_ms, next_due_at).min(tick_at),
                Err(error) => {
                    tracing::error!(%error, "jobs cannot be claimed");
                    now_ms.saturating_add(LOOK_AGAIN_MS)
                }
            };
            let has_room = running.len() < self.settings.workers;
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(_) = running.join_next() => {}
                () = hinted(&mut hints), if has_room => {}
                () = self.environment.clock.sleep_until(wake_at), if has_room || wake_at == tick_at => {}
            }
        }
        while running.join_next().await.is_some() {}
    }

    /// Starts what is due, as far as there is room. Returns when to look again.
    async fn claim(&self, now_ms: i64, running: &mut JoinSet<()>) -> Result<Option<i64>, Error> {
        let room = self.settings.workers.saturating_sub(running.len());
        let Ok(limit @ 1..) = i64::try_from(room) else {
            return Ok(None);
        };
        let lease_until = now_ms.saturating_add(self.settings.lease_ms);
        // Looking costs no fsync; claiming does.
        let next_due_at = self.next_due_at().await?;
        if next_due_at.is_none_or(|due_at| due_at > now_ms) {
            return Ok(next_due_at);
        }
        let claimed = self
            .db
            .write(async move |tx: &mut Tx| store::claim(tx, now_ms, lease_until, limit).await)
            .await?;
        if claimed.is_empty() {
            return Ok(Some(now_ms.saturating_add(HELD_MS)));
        }
        for claimed in claimed {
            let execution = Execution {
                db: self.db.clone(),
                environment: self.environment.clone(),
                settings: self.settings,
                context: Arc::clone(&self.context),
                handler: self.handlers.get(claimed.kind.as_str()).cloned(),
                claimed,
            };
            running.spawn(execution.run());
        }
        self.next_due_at().await
    }

    async fn next_due_at(&self) -> Result<Option<i64>, Error> {
        self.db
            .read(async |tx: &mut Tx| store::next_due_at(tx).await)
            .await
    }

    fn wake_at(&self, now_ms: i64, next_due_at: Option<i64>) -> i64 {
        let due_at = next_due_at.unwrap_or(i64::MAX);
        if self.db.hears_other_nodes() {
            return due_at;
        }
        due_at.min(now_ms.saturating_add(LOOK_AGAIN_MS))
    }

    fn next_tick(&self, now_ms: i64) -> i64 {
        self.schedules
            .iter()
            .map(|schedule| schedule.next_after(now_ms))
            .min()
            .unwrap_or(i64::MAX)
    }

    async fn fire_schedules(&self) {
        for schedule in &self.schedules {
            let id = (self.environment.ids)();
            let clock = Arc::clone(&self.environment.clock);
            if let Err(error) = schedule.fire(&self.db, clock, id).await {
                tracing::error!(%error, schedule = schedule.name, "a schedule could not fire");
            }
        }
    }
}

/// Returns when jobs may have been added. Hints that came meanwhile are taken together.
async fn hinted(hints: &mut Receiver<Hint>) {
    loop {
        match hints.recv().await {
            Ok(Hint::Topic(topic)) if topic != store::TOPIC => {}
            Ok(_) | Err(RecvError::Lagged(_)) => break,
            // The database is gone, and we with it.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
    while !matches!(hints.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
}

#[cfg(test)]
mod tests {
    use super::Settings;

    #[test]
    fn pauses_double_up_to_the_longest_with_half_of_it_random() {
        let settings = Settings::default();
        for (failures, low, high) in [
            (1, 500, 1_000),
            (2, 1_000, 2_000),
            (5, 8_000, 16_000),
            (12, 1_024_000, 2_048_000),
            (13, 1_800_000, 3_600_000),
            (1_000, 1_800_000, 3_600_000),
        ] {
            assert_eq!(settings.retry_delay_ms(failures, 0), low);
            assert_eq!(
                settings.retry_delay_ms(failures, (high - low).unsigned_abs()),
                high
            );
            for random in [1, 77, u64::MAX, u64::MAX / 3] {
                let delay = settings.retry_delay_ms(failures, random);
                assert!((low..=high).contains(&delay), "{failures}: {delay}");
            }
        }
    }
}
