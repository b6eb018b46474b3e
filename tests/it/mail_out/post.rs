//! The round of the post: everything that is due is carried once, what fails alone fails alone, and
//! what is in hand when the program stops is brought to its end.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use helpdesky::app::App;
use helpdesky::error::Result;
use helpdesky::mail_out::post::{self, Queue};
use helpdesky::mail_out::{Outcome, Outgoing, mailer};
use uuid::Uuid;

use super::delivery::due;
use crate::support::TestApp;

both_engines!(
    everything_that_is_due_is_carried_once_and_written_down,
    what_falls_due_while_the_post_looks_does_not_wait_for_its_next_look,
);

struct Waiting {
    due: Mutex<Vec<Outgoing>>,
    became: Mutex<BTreeMap<Uuid, Vec<Outcome>>>,
    all: usize,
}

impl Queue for Waiting {
    type Claimed = Outgoing;
    const TOPIC: Uuid = Uuid::nil();

    async fn next_due(&self, app: &App) -> Result<Option<i64>> {
        let due = self.due.lock().expect("the queue");
        Ok((!due.is_empty()).then(|| app.now_ms()))
    }

    async fn claim(&self, _: &App, limit: usize) -> Result<Vec<Outgoing>> {
        let mut due = self.due.lock().expect("the queue");
        let at = due.len().saturating_sub(limit);
        Ok(due.split_off(at))
    }

    async fn outgoing(&self, _: &App, claimed: &Outgoing) -> Outgoing {
        claimed.clone()
    }

    async fn record(&self, app: &App, claimed: Outgoing, outcome: Outcome) -> Result<()> {
        let mut became = self.became.lock().expect("what became of it");
        became.entry(claimed.id).or_default().push(outcome);
        if became.len() == self.all {
            app.stop();
        }
        Ok(())
    }
}

async fn everything_that_is_due_is_carried_once_and_written_down(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let mut mails: Vec<Outgoing> = (0..100).map(|_| due(&app, &helpdesk)).collect();
    mails[41].address = "no address".to_owned();
    mails[42].helpdesk_id = app.app.new_id();
    let (bad, odd) = (mails[41].id, mails[42].id);
    let queue = Waiting {
        all: mails.len(),
        due: Mutex::new(mails),
        became: Mutex::default(),
    };
    post::run(&app.app, &queue).await;

    let became = queue.became.into_inner().expect("what became of it");
    assert_eq!(became.len(), 100);
    for (id, outcomes) in &became {
        let good = match outcomes.as_slice() {
            [
                Outcome::Refused {
                    address_is_bad: true, ..
                },
            ] => *id == bad,
            [Outcome::Later { .. }] => *id == odd,
            [Outcome::Accepted { .. }] => *id != bad && *id != odd,
            _ => false,
        };
        assert!(good, "{id}: {outcomes:?}");
    }
    assert_eq!(mailer::take_memory(&app.app).len(), 98);
}

/// A mail that falls due just after the post has asked what is due.
struct Late {
    mail: Mutex<Option<Outgoing>>,
    due_at: i64,
    looks: AtomicUsize,
}

impl Queue for Late {
    type Claimed = Outgoing;
    const TOPIC: Uuid = Uuid::nil();

    async fn next_due(&self, _: &App) -> Result<Option<i64>> {
        let mail = self.mail.lock().expect("the mail");
        Ok(mail.as_ref().map(|_| self.due_at))
    }

    async fn claim(&self, app: &App, _: usize) -> Result<Vec<Outgoing>> {
        if self.looks.fetch_add(1, Ordering::Relaxed) == 0 {
            app.clock().advance(10);
            return Ok(Vec::new());
        }
        let mail = self.mail.lock().expect("the mail").take();
        Ok(mail.into_iter().collect())
    }

    async fn outgoing(&self, _: &App, claimed: &Outgoing) -> Outgoing {
        claimed.clone()
    }

    async fn record(&self, app: &App, _: Outgoing, _: Outcome) -> Result<()> {
        app.stop();
        Ok(())
    }
}

async fn what_falls_due_while_the_post_looks_does_not_wait_for_its_next_look(app: TestApp) {
    let app = app.sending().await;
    let helpdesk = app.helpdesk("Fernway").await;
    let queue = Late {
        mail: Mutex::new(Some(due(&app, &helpdesk))),
        due_at: app.app.now_ms() + 5,
        looks: AtomicUsize::new(0),
    };
    // Nobody moves the clock any more: a post that waits for a time waits for ever.
    tokio::time::timeout(Duration::from_secs(20), post::run(&app.app, &queue))
        .await
        .expect("the mail is carried at once");
}
