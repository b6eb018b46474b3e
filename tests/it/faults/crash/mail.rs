//! kill -9 of the real binary while it mails: inside the hold, inside a claim, around the relay's 250.
//! What was written is mailed once, or its mail is shown as uncertain. `TEST_CRASH_CYCLES` says how often.

use super::{Client, Engine, Installation, Random};
use crate::support::smtp::{Script, SmtpServer};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

const WRITERS: usize = 6;
/// How long the relay thinks about a mail: long enough that many kills fall between dot and answer.
const THINKS: Duration = Duration::from_millis(20);
const DRAINED_WITHIN: Duration = Duration::from_secs(120);

/// What was written and acknowledged: the text that is to be mailed, and its conversation.
type Written = HashMap<String, String>;

/// Messages that were mailed twice, and messages that neither a mail nor an uncertain one carries.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    doubled: Vec<String>,
    lost: Vec<String>,
}

fn judge(written: &Written, mailed: &HashMap<String, usize>, uncertain: &HashSet<String>) -> Verdict {
    let mut verdict = Verdict::default();
    for (text, conversation) in written {
        match mailed.get(text).copied().unwrap_or(0) {
            0 if !uncertain.contains(conversation) => verdict.lost.push(text.clone()),
            0 | 1 => {}
            _ => verdict.doubled.push(text.clone()),
        }
    }
    verdict
}

/// Opens conversations of one to three messages until it is told to stop.
async fn write(client: Client, number: usize, stop: Arc<AtomicBool>) -> Written {
    let mut written = Written::new();
    let mut conversations = 0;
    while !stop.load(SeqCst) {
        let email = format!("writer-{number}-{conversations}@example.com");
        let mut conversation: Option<String> = None;
        for message in 0..=(conversations % 3) {
            let text = format!("message-{number}-{conversations}-{message}-ends");
            let id = loop {
                // The first line becomes the subject, which every mail carries.
                let body = format!("Hello\n{text}");
                match client
                    .message(&email, &body, &text, conversation.as_deref())
                    .await
                {
                    Some((200, answer)) => break answer["conversationId"].as_str().unwrap().to_owned(),
                    None | Some((429 | 502..=504, _)) => tokio::time::sleep(Duration::from_millis(10)).await,
                    Some(other) => panic!("{text}: {other:?}"),
                }
            };
            written.insert(text, id.clone());
            conversation = Some(id);
        }
        conversations += 1;
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    written
}

/// Every mail of the installation in a state.
fn in_state(installation: &Installation, state: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let helpdesk = &installation.helpdesk;
        let mut arguments = vec!["notifications", "list", "--helpdesk", helpdesk, "--state", state];
        let last = all.last().map(|mail| mail["id"].as_str().unwrap().to_owned());
        if let Some(last) = &last {
            arguments.extend(["--before", last]);
        }
        let page = installation.ask(&arguments);
        let page = page.as_array().unwrap();
        if page.is_empty() {
            return all;
        }
        all.extend(page.iter().cloned());
    }
}

/// How often each text of ours stands in what the relay took.
fn read(relay: &SmtpServer) -> HashMap<String, usize> {
    let mut mailed = HashMap::new();
    for mail in relay.mails() {
        let viewed = ::mail::view(&mail.bytes).expect("a mail");
        let words = viewed.text.split_whitespace();
        for text in words.filter(|word| word.starts_with("message-") && word.ends_with("-ends")) {
            *mailed.entry(text.to_owned()).or_default() += 1;
        }
    }
    mailed
}

async fn mails_once(engine: Engine) {
    let cycles: u64 = std::env::var("TEST_CRASH_CYCLES").map_or(10, |cycles| cycles.parse().unwrap());
    let relay = SmtpServer::start(Script {
        thinks: Some(THINKS),
        ..Script::default()
    })
    .await;
    let mut installation = Installation::new(engine).await;
    let helpdesk = installation.helpdesk.clone();
    let add = "operator add --email operator@example.com --name Olga --password-stdin --helpdesk";
    let mut add: Vec<&str> = add.split(' ').collect();
    add.push(&helpdesk);
    installation.tell(&add, "a password for tests\n");
    installation.ask(&[
        "notifications",
        "hold",
        "--helpdesk",
        &helpdesk,
        "--operators",
        "1",
    ]);
    let url = format!("smtp://127.0.0.1:{}?tls=off", relay.port);
    for (name, value) in [
        ("HELPDESKY_SMTP_URL", url.as_str()),
        ("HELPDESKY_MAIL_FROM", "support@example.com"),
    ] {
        installation.environment.push((name.to_owned(), value.to_owned()));
    }
    let mut random = Random::new();
    println!("crash test with mail: seed {}, {cycles} cycles", random.0);
    let stop = Arc::new(AtomicBool::new(false));
    let client = Client::new(&installation);
    let (mut server, _) = installation.start().await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| tokio::spawn(write(client.clone(), number, Arc::clone(&stop))))
        .collect();
    for _ in 0..cycles {
        tokio::time::sleep(Duration::from_millis(400 + random.below(1200))).await;
        server.kill();
        (server, _) = installation.start().await;
    }
    stop.store(true, SeqCst);
    let mut written = Written::new();
    for writer in writers {
        written.extend(writer.await.unwrap());
    }
    let began = Instant::now();
    while ["held", "sending", "retrying"]
        .iter()
        .any(|state| !in_state(&installation, state).is_empty())
    {
        assert!(began.elapsed() < DRAINED_WITHIN, "mail still waits");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let (mailed, uncertain) = (read(&relay), in_state(&installation, "uncertain"));
    let of = |mail: &Value| mail["conversationId"].as_str().unwrap().to_owned();
    let verdict = judge(&written, &mailed, &uncertain.iter().map(of).collect());
    println!(
        "crash test with mail on {engine:?}: {cycles} kills, {} written, {} mails, {} uncertain, {} lost, {} doubled",
        written.len(),
        relay.mails().len(),
        uncertain.len(),
        verdict.lost.len(),
        verdict.doubled.len(),
    );
    assert_eq!(verdict, Verdict::default());
    assert!(written.len() > WRITERS && !mailed.is_empty());
    assert!(mailed.keys().all(|text| written.contains_key(text)));
    assert!(in_state(&installation, "failed").is_empty());
    drop(server);
}

mod what_was_written_is_mailed_once_or_is_uncertain {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        mails_once(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        mails_once(Engine::Postgres).await;
    }
}

/// The check on the check.
#[test]
fn a_mail_too_many_and_a_mail_too_few_are_seen() {
    let written: Written = ["a", "b", "c", "d"]
        .map(|text| (text.to_owned(), format!("conversation of {text}")))
        .into();
    let mailed = [("a".to_owned(), 2), ("b".to_owned(), 1)].into();
    let uncertain = ["conversation of a", "conversation of c"]
        .map(str::to_owned)
        .into();
    let verdict = judge(&written, &mailed, &uncertain);
    assert_eq!(
        (verdict.doubled, verdict.lost),
        (vec!["a".to_owned()], vec!["d".to_owned()])
    );
}
