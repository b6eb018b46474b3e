//! kill -9 of the real binary while mail comes in, around the 250 after the final dot: what was acknowledged
//! is a message, once; what was not is handed in again, and is no second one. `TEST_CRASH_CYCLES` says how
//! often.

use super::{Client, Engine, Installation, Random};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

const SENDERS: usize = 8;
const FILED_WITHIN: Duration = Duration::from_secs(120);
const PATIENCE: Duration = Duration::from_secs(5);

/// One mail over SMTP; true when it was acknowledged.
async fn hand_in(port: u16, from: &str) -> Option<bool> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    let mut stream = BufReader::new(stream);
    let mut answer = String::new();
    let mail = format!(
        "From: {from}\r\nTo: support@example.com\r\nSubject: {from}\r\nMessage-ID: <{from}>\r\n\r\nHello from {from}\r\n.\r\n"
    );
    for (say, wanted) in [
        (String::new(), "220"),
        ("HELO x.example\r\n".to_owned(), "250"),
        (format!("MAIL FROM:<{from}>\r\n"), "250"),
        ("RCPT TO:<postmaster>\r\n".to_owned(), "250"),
        ("DATA\r\n".to_owned(), "354"),
        (mail, "250"),
    ] {
        stream.get_mut().write_all(say.as_bytes()).await.ok()?;
        answer.clear();
        stream.read_line(&mut answer).await.ok()?;
        if !answer.starts_with(wanted) {
            return Some(false);
        }
    }
    Some(true)
}

/// Sends mails from an address each, every one again until it is acknowledged. The addresses.
async fn send(port: u16, number: usize, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut sent = Vec::new();
    while !stop.load(SeqCst) {
        let from = format!("sender-{number}-{}@example.com", sent.len());
        while !matches!(
            tokio::time::timeout(PATIENCE, hand_in(port, &from)).await,
            Ok(Some(true))
        ) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        sent.push(from);
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    sent
}

async fn takes_mail_once(engine: Engine) {
    let cycles: u64 = std::env::var("TEST_CRASH_CYCLES").map_or(10, |cycles| cycles.parse().unwrap());
    let mut installation = Installation::new(engine).await;
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let listen = format!("127.0.0.1:{port}");
    for (name, value) in [
        ("HELPDESKY_SMTP_LISTEN", listen.as_str()),
        ("HELPDESKY_MAIL_DOMAIN", "in.example.com"),
    ] {
        installation.environment.push((name.to_owned(), value.to_owned()));
    }
    let mut random = Random::new();
    println!(
        "crash test with mail that comes in: seed {}, {cycles} cycles",
        random.0
    );
    let stop = Arc::new(AtomicBool::new(false));
    let (mut server, _) = installation.start().await;
    let senders: Vec<_> = (0..SENDERS)
        .map(|number| tokio::spawn(send(port, number, Arc::clone(&stop))))
        .collect();
    for _ in 0..cycles {
        tokio::time::sleep(Duration::from_millis(200 + random.below(800))).await;
        server.kill();
        (server, _) = installation.start().await;
    }
    stop.store(true, SeqCst);
    let mut sent = Vec::new();
    for sender in senders {
        sent.extend(sender.await.unwrap());
    }
    let (client, began) = (Client::new(&installation), Instant::now());
    let (mut lost, mut doubled) = (Vec::new(), Vec::new());
    for from in &sent {
        loop {
            let Some((200, listed)) = client.verify(from).await else {
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            let conversations = listed["conversations"].as_array().unwrap();
            let messages: i64 = conversations
                .iter()
                .map(|conversation| conversation["messageCount"].as_i64().unwrap_or(1))
                .sum();
            match messages {
                0 if began.elapsed() < FILED_WITHIN => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
                0 => lost.push(from.clone()),
                1 => {}
                _ => doubled.push(from.clone()),
            }
            break;
        }
    }
    println!(
        "crash test with mail that comes in on {engine:?}: {cycles} kills, {} acknowledged, {} lost, {} doubled",
        sent.len(),
        lost.len(),
        doubled.len()
    );
    assert_eq!((lost, doubled), (Vec::new(), Vec::new()));
    assert!(sent.len() > SENDERS);
    let quarantined = installation.ask(&["mail", "quarantine", "--helpdesk", &installation.helpdesk]);
    assert_eq!(quarantined.as_array().map(Vec::len), Some(0));
    drop(server);
}

mod what_was_acknowledged_is_a_message_once {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        takes_mail_once(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        takes_mail_once(Engine::Postgres).await;
    }
}
