//! Recurring jobs: on every multiple of a period one node, whichever is first, enqueues the job.

use crate::{Clock, Job, enqueue_once, store};
use db::{Db, Error, Tx};
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

type Added = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;
type Fire = dyn Fn(Db, Arc<dyn Clock>, Uuid) -> Added + Send + Sync;

pub(crate) struct Schedule {
    pub(crate) name: &'static str,
    period: Period,
    fire: Box<Fire>,
}

#[derive(Clone, Copy)]
struct Period {
    ms: i64,
}

impl Period {
    /// Its next multiple after this time.
    fn next_after(self, now_ms: i64) -> i64 {
        now_ms
            .saturating_sub(now_ms.rem_euclid(self.ms))
            .saturating_add(self.ms)
    }

    /// The latest time that a correct clock can have set: what lies behind it was set by a clock that has been
    /// put back since, and would keep the schedule silent until then.
    fn latest(self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.ms)
    }
}

impl Schedule {
    pub(crate) fn new<J: Job>(name: &'static str, every_ms: i64, job: J) -> Self {
        let (job, period) = (Arc::new(job), Period { ms: every_ms.max(1) });
        let fire = move |db: Db, clock: Arc<dyn Clock>, id: Uuid| -> Added {
            let job = Arc::clone(&job);
            Box::pin(async move {
                db.write(async move |tx: &mut Tx| {
                    if let Some(now_ms) = take_turn(tx, name, period, &*clock).await? {
                        // The last one may still be running; two at once would do nothing more.
                        enqueue_once(tx, &*job, name, now_ms, id).await?;
                    }
                    Ok(())
                })
                .await
            })
        };
        Self {
            name,
            period,
            fire: Box::new(fire),
        }
    }

    /// The next multiple of the period after this time.
    pub(crate) fn next_after(&self, now_ms: i64) -> i64 {
        self.period.next_after(now_ms)
    }

    /// Enqueues the job if it is due and no other node has done so.
    pub(crate) async fn fire(&self, db: &Db, clock: Arc<dyn Clock>, id: Uuid) -> Result<(), Error> {
        (self.fire)(db.clone(), clock, id).await
    }
}

/// Takes a schedule's turn if it is due: the time, for the one node that may fire it. The clock is asked when
/// nobody else can take the turn any more: by a time from before, what another node has set meanwhile would look
/// like that of a clock that was put back, and the schedule would fire twice.
async fn take_turn(tx: &mut Tx, name: &str, period: Period, clock: &dyn Clock) -> Result<Option<i64>, Error> {
    let is_usual = |next_ms: i64, now_ms: i64| next_ms > now_ms && next_ms <= period.latest(now_ms);
    let Some(next_ms) = store::next_turn(tx, name).await? else {
        let now_ms = clock.now_ms();
        let is_first = store::first_turn(tx, name, period.next_after(now_ms)).await?;
        return Ok(is_first.then_some(now_ms));
    };
    if is_usual(next_ms, clock.now_ms()) {
        return Ok(None);
    }
    let Some(next_ms) = store::lock_turn(tx, name).await? else {
        return Ok(None);
    };
    let now_ms = clock.now_ms();
    if is_usual(next_ms, now_ms) {
        return Ok(None);
    }
    store::set_turn(tx, name, period.next_after(now_ms)).await?;
    Ok((next_ms <= now_ms).then_some(now_ms))
}
