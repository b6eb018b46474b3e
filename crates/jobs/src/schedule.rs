//! Recurring jobs: on every multiple of a period one node, whichever is first, enqueues the job.

use crate::{Job, enqueue_once, store};
use db::{Db, Error, Tx};
use std::pin::Pin;
use std::sync::Arc;
use uuid::Uuid;

type Added = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

pub(crate) struct Schedule {
    pub(crate) name: &'static str,
    every_ms: i64,
    fire: Box<dyn Fn(Db, Turn, Uuid) -> Added + Send + Sync>,
}

#[derive(Clone, Copy)]
struct Turn {
    now_ms: i64,
    next_ms: i64,
    latest_ms: i64,
}

impl Schedule {
    pub(crate) fn new<J: Job>(name: &'static str, every_ms: i64, job: J) -> Self {
        let job = Arc::new(job);
        let fire = move |db: Db, turn: Turn, id: Uuid| -> Added {
            let job = Arc::clone(&job);
            Box::pin(async move {
                db.write(async move |tx: &mut Tx| {
                    let Turn {
                        now_ms,
                        next_ms,
                        latest_ms,
                    } = turn;
                    if store::take_turn(tx, name, now_ms, next_ms, latest_ms).await? {
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
            every_ms: every_ms.max(1),
            fire: Box::new(fire),
        }
    }

    /// The next multiple of the period after this time.
    pub(crate) fn next_after(&self, now_ms: i64) -> i64 {
        now_ms
            .saturating_sub(now_ms.rem_euclid(self.every_ms))
            .saturating_add(self.every_ms)
    }

    /// Enqueues the job if it is due and no other node has done so.
    pub(crate) async fn fire(&self, db: &Db, now_ms: i64, id: Uuid) -> Result<(), Error> {
        let turn = Turn {
            now_ms,
            next_ms: self.next_after(now_ms),
            latest_ms: now_ms.saturating_add(self.every_ms),
        };
        (self.fire)(db.clone(), turn, id).await
    }
}
