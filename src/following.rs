//! Following what is committed: the loop of a room that reacts to events from a cursor of its own.

use crate::app::App;
use crate::error::Result;
use db::Hint;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

/// How long to wait after the database refused.
const AGAIN: Duration = Duration::from_secs(5);
/// How long to wait without a hint, when hints of other nodes are missing, and when not.
const POLL: Duration = Duration::from_secs(1);
const SLOW_POLL: Duration = Duration::from_secs(30);

/// Catches up at once and again whenever something may have happened, until the application stops.
/// After a hint it rests first, so that events that come in a flock are taken together.
pub(crate) async fn follow<Work>(app: &App, what: &str, rest: Duration, catch_up: Work)
where
    Work: AsyncFn(&App) -> Result<()>,
{
    let mut hints = app.db().subscribe();
    let work = async {
        loop {
            if let Err(error) = catch_up(app).await {
                tracing::warn!(%error, "{what} could not be kept in step; trying again");
                tokio::time::sleep(AGAIN).await;
            }
            wait(app, &mut hints, rest).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = app.stopping() => {}
    }
}

async fn wait(app: &App, hints: &mut Receiver<Hint>, rest: Duration) {
    let longest = if app.db().hears_other_nodes() {
        SLOW_POLL
    } else {
        POLL
    };
    let hinted = async {
        if matches!(hints.recv().await, Err(RecvError::Closed)) {
            std::future::pending::<()>().await;
        }
    };
    drop(tokio::time::timeout(longest, hinted).await);
    tokio::time::sleep(rest).await;
    while !matches!(hints.try_recv(), Err(TryRecvError::Empty | TryRecvError::Closed)) {}
}
