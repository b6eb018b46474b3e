//! What the pipeline has got, seen from the database.

use std::collections::BTreeMap;

use db::Tx;

use crate::support::{TestApp, TestHelpdesk};

/// How often each mail was filed, by its subject.
pub(crate) async fn filed(app: &TestApp, helpdesk: &TestHelpdesk) -> BTreeMap<String, usize> {
    let id: helpdesky::ids::HelpdeskId = helpdesk.id.parse().expect("an id");
    let mails: Result<Vec<Vec<u8>>, db::Error> = app
        .app
        .db()
        .read(async move |tx: &mut Tx| {
            tx.all("SELECT raw FROM mails WHERE helpdesk_id = $1", &[&id], |row| {
                row.get(0)
            })
            .await
        })
        .await;
    let mut filed = BTreeMap::new();
    for raw in mails.expect("mails") {
        let text = String::from_utf8_lossy(&raw).into_owned();
        let subject = text.lines().find_map(|line| line.strip_prefix("Subject: "));
        *filed.entry(subject.unwrap_or_default().to_owned()).or_default() += 1;
    }
    filed
}
