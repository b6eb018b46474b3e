//! kill -9 of the real binary at random times under fifty writers, again and again: whatever was
//! acknowledged is there exactly once and whole. TEST_CRASH_CYCLES says how often.

mod mail;
mod mailbox;
mod received;

use super::client::Client;
use super::ledger::{Ledger, Page, Record};
use super::server::Installation;
use db::Engine;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

const WRITERS: usize = 50;
const READY_WITHIN: Duration = Duration::from_secs(5);
const MESSAGES_PER_CONVERSATION: usize = 4;

/// What the ledger and the installation say about each other after the last cycle.
#[derive(Debug, Default)]
struct Outcome {
    acknowledged: usize,
    lost: Vec<String>,
    duplicated: Vec<String>,
    half_written: Vec<String>,
    unexpected: Vec<String>,
    slowest_start: Duration,
}

impl Outcome {
    fn add(&mut self, other: Self) {
        self.lost.extend(other.lost);
        self.duplicated.extend(other.duplicated);
        self.half_written.extend(other.half_written);
        self.unexpected.extend(other.unexpected);
    }
}

/// Repeatable randomness; the seed is printed.
struct Random(u64);

impl Random {
    fn new() -> Self {
        use std::hash::{BuildHasher, Hasher};
        let seed = std::env::var("TEST_CRASH_SEED")
            .ok()
            .and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| std::hash::RandomState::new().build_hasher().finish());
        Self(seed | 1)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// One writer: a contact per conversation, each message under its key until it is acknowledged.
struct Writer {
    number: usize,
    client: Client,
    page: Page,
    stop: Arc<AtomicBool>,
    unexpected: Vec<String>,
}

impl Writer {
    /// Returns the addresses it wrote from, and answers that should not have been.
    async fn work(mut self) -> (Vec<String>, Vec<String>) {
        let mut emails = Vec::new();
        while !self.stop.load(SeqCst) {
            let email = format!("writer-{}-{}@example.com", self.number, emails.len());
            emails.push(email.clone());
            let mut conversation: Option<String> = None;
            for message in 0..MESSAGES_PER_CONVERSATION {
                let key = format!("{email}/{message}");
                let text = format!(
                    "{key}\n{}end of {message}",
                    "text that must stay whole 🙂 ".repeat(20)
                );
                let Some(record) = self.send(&email, &text, &key, conversation.as_deref()).await else {
                    break;
                };
                self.page.record(&record).await;
                conversation = Some(record.conversation);
                if self.stop.load(SeqCst) {
                    break;
                }
            }
        }
        (emails, self.unexpected)
    }

    /// Sends the message until it is acknowledged; `None` when it is refused.
    async fn send(
        &mut self,
        email: &str,
        text: &str,
        key: &str,
        conversation: Option<&str>,
    ) -> Option<Record> {
        loop {
            let answer = self.client.message(email, text, key, conversation).await;
            match answer {
                Some((200, answer)) => {
                    return Some(Record {
                        email: email.to_owned(),
                        conversation: answer["conversationId"].as_str()?.to_owned(),
                        message: answer["message"]["id"].as_str()?.to_owned(),
                        text: text.to_owned(),
                    });
                }
                // Killed, starting, or slow: the same key again.
                None | Some((429 | 502..=504, _)) => tokio::time::sleep(Duration::from_millis(10)).await,
                Some((status, answer)) => {
                    self.unexpected.push(format!("{key}: {status} {answer}"));
                    return None;
                }
            }
        }
    }
}

/// Everything of one contact against the ledger.
async fn compare(client: &Client, email: &str, records: &[Record]) -> Outcome {
    let mut outcome = Outcome::default();
    let Some((200, listed)) = client.verify(email).await else {
        outcome.unexpected.push(format!("{email}: cannot be listed"));
        return outcome;
    };
    let conversations = listed["conversations"].as_array().cloned().unwrap_or_default();
    if conversations.len() > 1 {
        outcome
            .duplicated
            .push(format!("{email}: {} conversations", conversations.len()));
    }
    let mut found: HashMap<String, (String, String)> = HashMap::new();
    let mut keys: HashMap<String, usize> = HashMap::new();
    for conversation in &conversations {
        let id = conversation["id"].as_str().unwrap_or_default();
        let Some((200, shown)) = client.messages(email, id).await else {
            outcome
                .half_written
                .push(format!("{email}: {id} is listed and cannot be read"));
            continue;
        };
        let messages = shown["messages"].as_array().cloned().unwrap_or_default();
        if messages.is_empty() {
            outcome.half_written.push(format!("{email}: {id} has no message"));
        }
        for message in messages {
            let text = message["body"].as_str().unwrap_or_default().to_owned();
            let key = text.lines().next().unwrap_or_default().to_owned();
            let end = key.rsplit_once('/').map(|(_, number)| format!("end of {number}"));
            if end.is_none_or(|end| !text.ends_with(&end)) {
                outcome.half_written.push(format!("{email}: {text}"));
            }
            *keys.entry(key).or_default() += 1;
            found.insert(
                message["id"].as_str().unwrap_or_default().to_owned(),
                (id.to_owned(), text),
            );
        }
    }
    for (key, times) in keys.into_iter().filter(|(_, times)| *times > 1) {
        outcome.duplicated.push(format!("{key}: {times} times"));
    }
    for record in records {
        let there = found.get(&record.message);
        if there
            .is_none_or(|(conversation, text)| *conversation != record.conversation || *text != record.text)
        {
            outcome.lost.push(format!("{email}: {}", record.message));
        }
    }
    outcome
}

async fn run(installation: &Installation, cycles: u64) -> Outcome {
    let mut random = Random::new();
    println!("crash test: seed {}, {cycles} cycles", random.0);
    let ledger = Ledger::start(installation.folder());
    let stop = Arc::new(AtomicBool::new(false));
    let client = Client::new(installation);
    let mut outcome = Outcome::default();
    let (mut server, took) = installation.start().await;
    outcome.slowest_start = took;
    let mut writers = Vec::new();
    for number in 0..WRITERS {
        let writer = Writer {
            number,
            client: client.clone(),
            page: ledger.page().await,
            stop: Arc::clone(&stop),
            unexpected: Vec::new(),
        };
        writers.push(tokio::spawn(writer.work()));
    }
    for _ in 0..cycles {
        tokio::time::sleep(Duration::from_millis(50 + random.below(600))).await;
        server.kill();
        let (started, took) = installation.start().await;
        server = started;
        outcome.slowest_start = outcome.slowest_start.max(took);
    }
    stop.store(true, SeqCst);
    let mut emails = Vec::new();
    for writer in writers {
        let (wrote_from, unexpected) = writer.await.unwrap();
        emails.extend(wrote_from);
        outcome.unexpected.extend(unexpected);
    }
    let records = ledger.read();
    outcome.acknowledged = records.len();
    let mut by_email: HashMap<String, Vec<Record>> = HashMap::new();
    for record in records {
        by_email.entry(record.email.clone()).or_default().push(record);
    }
    for email in emails {
        let records = by_email.remove(&email).unwrap_or_default();
        outcome.add(compare(&client, &email, &records).await);
    }
    assert!(
        by_email.is_empty(),
        "the ledger knows addresses nobody wrote from"
    );
    drop(server);
    outcome
}

async fn loses_nothing(engine: Engine) {
    let cycles = std::env::var("TEST_CRASH_CYCLES").map_or(10, |cycles| cycles.parse().unwrap());
    let installation = Installation::new(engine).await;
    let outcome = run(&installation, cycles).await;
    println!(
        "crash test on {engine:?}: {cycles} kills, {} acknowledged, {} lost, {} duplicated, {} half-written, ready in at most {:?}",
        outcome.acknowledged,
        outcome.lost.len(),
        outcome.duplicated.len(),
        outcome.half_written.len(),
        outcome.slowest_start,
    );
    assert!(outcome.acknowledged > WRITERS, "{outcome:?}");
    assert!(outcome.lost.is_empty(), "{:?}", outcome.lost);
    assert!(outcome.duplicated.is_empty(), "{:?}", outcome.duplicated);
    assert!(outcome.half_written.is_empty(), "{:?}", outcome.half_written);
    assert!(outcome.unexpected.is_empty(), "{:?}", outcome.unexpected);
    assert!(
        outcome.slowest_start < READY_WITHIN,
        "{:?}",
        outcome.slowest_start
    );
    let findings = installation.ask(&["doctor"]);
    assert_eq!(findings["ok"], true, "{findings}");
}

mod what_was_acknowledged_survives_being_killed {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        loses_nothing(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        loses_nothing(Engine::Postgres).await;
    }
}

/// The check on the check: a program that answers before it commits must be caught.
#[cfg(feature = "fault-injection")]
mod a_run_that_acknowledges_before_the_commit_is_caught {
    use super::*;

    const CYCLES: u64 = 10;

    async fn is_caught(engine: Engine) {
        let mut installation = Installation::new(engine).await;
        installation
            .environment
            .push(("FAULT_ACKNOWLEDGE_BEFORE_COMMIT".to_owned(), "1".to_owned()));
        let outcome = run(&installation, CYCLES).await;
        println!(
            "broken on purpose on {engine:?}: {} acknowledged, {} lost",
            outcome.acknowledged,
            outcome.lost.len()
        );
        assert!(
            !outcome.lost.is_empty(),
            "the crash test noticed nothing: {outcome:?}"
        );
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        is_caught(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        is_caught(Engine::Postgres).await;
    }
}
