//! Everything that happens without a request, on one page: which jobs there are, and when.

use crate::app::App;
use crate::attachments::{self, blobs};
use crate::contacts;
use crate::conversations::{by_contact, by_visitor, leaving, viewers};
use crate::embeds::origins;
use crate::forms::refusals;
use crate::helpdesks;
use crate::mail_in;
use crate::notifications;
use crate::operators::members::Left;
use crate::operators::{invitations, sessions};
use crate::search::indexing;
use crate::secrets::failures;
use jobs::{Claim, Environment, Failure, Job, Runner, Settings};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

mod post;

const FLUSH: Duration = Duration::from_secs(1);
const HOUR_MS: i64 = 60 * 60 * 1000;

/// Works until the application stops, then finishes what is in memory.
pub(crate) async fn run(app: App) {
    let runner = Runner::new(
        app.db().clone(),
        environment(&app),
        Settings::default(),
        Arc::new(app.clone()),
    )
    .register::<Left>()
    .register::<ContactWords>()
    .schedule("housekeeping", HOUR_MS, Housekeeping {});
    tokio::join!(
        runner.run(app.stopping()),
        keep_what_is_noted(&app),
        indexing::follow(&app),
        notifications::follow(&app),
        mail_in::run(&app),
        mail_in::imap::run(&app),
        post::run(&app)
    );
}

fn environment(app: &App) -> Environment {
    let (random, ids) = (app.random().clone(), app.clone());
    Environment {
        clock: Arc::new(app.clock().clone()),
        random: Arc::new(move || u64::from_be_bytes(random.bytes())),
        ids: Arc::new(move || ids.new_id()),
    }
}

/// Failed verifications, refused forms and the origins of calls wait in memory and are written at most once a second.
async fn keep_what_is_noted(app: &App) {
    let mut stopping = false;
    while !stopping {
        tokio::select! {
            () = tokio::time::sleep(FLUSH) => {}
            () = app.stopping() => stopping = true,
        }
        if let Err(error) = failures::flush(app).await {
            tracing::warn!(%error, "failed verifications could not be kept");
        }
        if let Err(error) = origins::flush(app).await {
            tracing::warn!(%error, "the origins of calls could not be kept");
        }
        if let Err(error) = refusals::flush(app).await {
            tracing::warn!(%error, "refused forms could not be kept");
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err asks for")]
fn again(error: crate::error::Error) -> Failure {
    Failure::Retry(error.to_string())
}

/// Lets the conversations of somebody go who is no operator of the helpdesk any more.
impl Job for Left {
    type Context = App;
    const KIND: &'static str = "operator_left";

    async fn run(&self, app: &App, _: &Claim) -> Result<(), Failure> {
        while leaving::release(app, self.helpdesk_id, self.operator_id, self.removed_by)
            .await
            .map_err(again)?
        {}
        Ok(())
    }
}

/// Forgets what has ended by itself: sessions, one-time links, invitations, idempotency keys,
/// forms that were sent, viewers, files that were not sent, uploads that broke off, old mails to operators.
#[derive(Serialize, Deserialize)]
struct Housekeeping {}

impl Job for Housekeeping {
    type Context = App;
    const KIND: &'static str = "housekeeping";

    async fn run(&self, app: &App, _: &Claim) -> Result<(), Failure> {
        sessions::forget_expired(app).await.map_err(again)?;
        for helpdesk in helpdesks::list(app).await.map_err(again)? {
            by_contact::forget_old_keys(app, helpdesk.id)
                .await
                .map_err(again)?;
            by_visitor::forget_old(app, helpdesk.id).await.map_err(again)?;
            invitations::forget_expired(app, helpdesk.id)
                .await
                .map_err(again)?;
            viewers::forget_gone(app, helpdesk.id).await.map_err(again)?;
            attachments::forget_waiting(app, helpdesk.id)
                .await
                .map_err(again)?;
            blobs::forget_unused(app, helpdesk.id).await.map_err(again)?;
            notifications::forget_old(app, helpdesk.id).await.map_err(again)?;
        }
        Ok(())
    }
}

/// Writes the words of contacts who were there before contacts could be searched. A migration adds it.
#[derive(Serialize, Deserialize)]
struct ContactWords {}

impl Job for ContactWords {
    type Context = App;
    const KIND: &'static str = "contact words";

    async fn run(&self, app: &App, _: &Claim) -> Result<(), Failure> {
        let again = |error: crate::error::Error| Failure::Retry(error.to_string());
        for helpdesk in helpdesks::list(app).await.map_err(again)? {
            contacts::words::write_all(app, helpdesk.id)
                .await
                .map_err(again)?;
        }
        Ok(())
    }
}
