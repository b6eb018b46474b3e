//! What the pipeline has made of what was fetched, seen from the database.

use std::collections::BTreeMap;

use db::Tx;
use helpdesky::ids::HelpdeskId;

use super::until;
use crate::support::{TestApp, TestHelpdesk};

/// How often each mail was filed, by its subject, once all of them are read. Duplicates that were
/// recognised do not count.
pub(crate) async fn filed(app: &TestApp, helpdesk: &TestHelpdesk) -> BTreeMap<String, usize> {
    let id: HelpdeskId = helpdesk.id.parse().expect("an id");
    let (tries, read) = (std::cell::Cell::new(0_u32), std::cell::RefCell::new(Vec::new()));
    until("all mail is read", async || {
        tries.set(tries.get() + 1);
        // What could not be read at once is read later, by a clock that only tests move.
        if tries.get().is_multiple_of(200) {
            app.advance(10_000);
        }
        let mails = mails(app, id).await;
        let is_read = mails.iter().all(|(state, _)| state != "waiting");
        read.replace(mails);
        is_read
    })
    .await;
    let mut filed = BTreeMap::new();
    for (_, subject) in read
        .into_inner()
        .into_iter()
        .filter(|(state, _)| state != "duplicate")
    {
        *filed.entry(subject).or_default() += 1;
    }
    filed
}

async fn mails(app: &TestApp, id: HelpdeskId) -> Vec<(String, String)> {
    let mails: Result<_, db::Error> = app
        .app
        .db()
        .read(async move |tx: &mut Tx| {
            tx.all(
                "SELECT state, subject FROM mails WHERE helpdesk_id = $1 AND door = 'imap'",
                &[&id],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .await
        })
        .await;
    mails.expect("mails")
}
