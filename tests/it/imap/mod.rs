//! Mail out of mailboxes of others: nothing is lost and nothing is there twice, whatever servers do.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use helpdesky::audit::By;
use helpdesky::config::{Hidden, Tls};
use helpdesky::ids::MailboxId;
use helpdesky::mail_in::imap::{self, Afterwards, Kind, Mailbox, Patience, Settings, State};

use crate::support::imap::{ImapServer, Script};
use crate::support::{TestApp, TestHelpdesk};

mod answered;
mod chaos;
mod dovecot;
mod fetching;
mod filed;
mod hostile;
mod nodes;
mod tls;

/// When every test begins.
const START_MS: i64 = 1_780_000_000_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const PASSWORD: &str = "a p\u{e4}ssword, findable";
/// How long anything may take; nothing waits that long.
const AT_MOST: Duration = Duration::from_secs(60);

/// An application that fetches, without patience for silence.
async fn fetching(app: &TestApp) -> (TestApp, TestHelpdesk) {
    let app = app.fetching(None).await;
    be_impatient(&app);
    let helpdesk = app.helpdesk("Acme").await;
    (app, helpdesk)
}

fn be_impatient(app: &TestApp) {
    let patience = Patience {
        rest: Duration::from_millis(5),
        ..Patience::default()
    };
    imap::set_patience(&app.app, patience);
}

fn settings(server: &ImapServer) -> Settings {
    settings_of(server.port, Tls::Off)
}

fn settings_of(port: u16, tls: Tls) -> Settings {
    Settings {
        name: "Support".to_owned(),
        host: "localhost".to_owned(),
        port,
        tls,
        is_token: false,
        user: "user@example.com".to_owned(),
        password: Hidden(PASSWORD.to_owned()),
        folder: String::new(),
        afterwards: Afterwards::Seen,
    }
}

async fn add(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    settings: &Settings,
    since_ms: Option<i64>,
) -> MailboxId {
    let id = helpdesk.id.parse().expect("an id");
    imap::add(&app.app, id, &By::console(), settings, since_ms)
        .await
        .expect("a mailbox")
}

async fn mailbox(app: &TestApp, helpdesk: &TestHelpdesk, id: MailboxId) -> Mailbox {
    let helpdesk = helpdesk.id.parse().expect("an id");
    imap::get(&app.app, helpdesk, id).await.expect("a mailbox")
}

async fn resume(app: &TestApp, helpdesk: &TestHelpdesk, id: MailboxId) {
    let helpdesk = helpdesk.id.parse().expect("an id");
    imap::resume(&app.app, helpdesk, id, &By::console())
        .await
        .expect("it goes on");
}

/// A server, and a mailbox on it that is looked into.
async fn looked_into(app: &TestApp, helpdesk: &TestHelpdesk, script: Script) -> (ImapServer, MailboxId) {
    let server = ImapServer::start(script).await;
    let id = add(app, helpdesk, &settings(&server), None).await;
    until_looked(app, helpdesk, id).await;
    (server, id)
}

async fn until_looked(app: &TestApp, helpdesk: &TestHelpdesk, id: MailboxId) {
    until("it is looked into", async || {
        let found = mailbox(app, helpdesk, id).await;
        found.looked_at.is_some() && matches!(found.state, State::Connected { .. })
    })
    .await;
}

/// Waits until something holds.
async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !holds().await {
        assert!(began.elapsed() < AT_MOST, "waited for this in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Waits until something holds, and moves the clock on to the next try whenever a mailbox waits for one.
async fn until_tried(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    id: MailboxId,
    what: &str,
    holds: impl AsyncFn() -> bool,
) {
    let tries = std::cell::Cell::new(0_u32);
    until(what, async || {
        tries.set(tries.get() + 1);
        if let State::Waiting { until, .. } = mailbox(app, helpdesk, id).await.state {
            let left = until - app.app.now_ms();
            if left > 0 {
                app.advance(left + 1);
            }
        } else if tries.get().is_multiple_of(300) {
            // Servers that forget to tell are asked after a while.
            app.advance(16_000);
        }
        holds().await
    })
    .await;
}

/// A mail that can be told from all others; every third has no Message-ID.
pub(crate) fn raw(number: usize) -> Vec<u8> {
    let id = if number.is_multiple_of(3) {
        String::new()
    } else {
        format!("Message-ID: <{number}@example.com>\r\n")
    };
    format!(
        "From: Ann <ann-{number}@example.com>\r\nTo: support@example.com\r\nSubject: mail-{number}\r\n\
         Date: Thu, 28 May 2026 20:26:40 +0000\r\n{id}\r\nThis is mail {number}.\r\n"
    )
    .into_bytes()
}

/// Every one of these is there once, and no other.
fn assert_once(filed: &BTreeMap<String, usize>, numbers: impl IntoIterator<Item = usize>) {
    let wanted: BTreeMap<String, usize> = numbers
        .into_iter()
        .map(|number| (format!("mail-{number}"), 1))
        .collect();
    let lost: Vec<_> = wanted.keys().filter(|mail| !filed.contains_key(*mail)).collect();
    let odd: Vec<_> = filed
        .iter()
        .filter(|(mail, times)| wanted.get(*mail) != Some(*times))
        .collect();
    assert!(
        lost.is_empty() && odd.is_empty(),
        "lost {lost:?}, doubled or odd {odd:?}"
    );
}

fn waits_as(state: &State, wanted: Kind) -> Option<String> {
    match state {
        State::Waiting { kind, words, .. } if *kind == wanted => Some(words.clone()),
        _ => None,
    }
}
