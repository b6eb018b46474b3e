//! kill -9 of the real binary while it fetches: between fetch, commit and mark. What arrived is here once,
//! and marked where it came from. `TEST_CRASH_CYCLES` says how often.

use super::{Engine, Installation, Random};
use crate::imap::raw;
use crate::support::imap::{ImapServer, Script};
use db::Tx;
use helpdesky::app::App;
use helpdesky::clock::Clock;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

const AT_MOST: Duration = Duration::from_secs(120);
const PASSWORD: &str = "a password";

async fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < AT_MOST, "waited for this in vain: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn seen(server: &ImapServer) -> usize {
    let is_seen = |mail: &&crate::support::imap::Kept| mail.flags.contains("\\Seen");
    server.inbox(|inbox| inbox.mails.iter().filter(is_seen).count())
}

/// State and subject of every mail, from the data that a killed server leaves behind.
async fn mails(installation: &Installation) -> Vec<(String, String)> {
    let app = App::open(
        installation.config(),
        Clock::system(),
        helpdesky::ids::Random::system(),
    )
    .await
    .unwrap();
    let mails: Result<_, db::Error> = app
        .db()
        .read(async |tx: &mut Tx| {
            tx.all("SELECT state, subject FROM mails", &[], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .await
        })
        .await;
    mails.unwrap()
}

async fn fetches_once(engine: Engine) {
    let cycles: u64 = std::env::var("TEST_CRASH_CYCLES").map_or(10, |cycles| cycles.parse().unwrap());
    let server = ImapServer::start(Script {
        password: PASSWORD,
        ..Script::default()
    })
    .await;
    let installation = Installation::new(engine).await;
    let add = "mailbox add --tls off --user user@example.com --password-stdin --helpdesk";
    let mut add: Vec<&str> = add.split(' ').collect();
    let place = format!("127.0.0.1:{}", server.port);
    add.extend([installation.helpdesk.as_str(), "--server", &place]);
    installation.tell(&add, PASSWORD);
    let (mut process, _) = installation.start().await;
    until("it is looked into", || {
        server.lines().iter().any(|line| line == "IDLE")
    })
    .await;

    let mut random = Random::new();
    println!("crash test with a mailbox: seed {}, {cycles} cycles", random.0);
    let now = Clock::system().now_ms();
    let mut sent = 0;
    for _ in 0..cycles {
        for _ in 0..5 + random.below(10) {
            server.inbox(|inbox| inbox.add(&raw(sent), now));
            sent += 1;
            tokio::time::sleep(Duration::from_millis(random.below(20))).await;
        }
        tokio::time::sleep(Duration::from_millis(random.below(200))).await;
        process.kill();
        (process, _) = installation.start().await;
    }
    until("all are marked", || seen(&server) == sent).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    process.kill();
    let mails: Vec<_> = mails(&installation)
        .await
        .into_iter()
        .filter(|(state, _)| state != "duplicate")
        .collect();
    // What a kill caught in the middle of being read is read again once its lease ends.
    let (waiting, read): (Vec<_>, Vec<_>) = mails.iter().partition(|(state, _)| state == "waiting");
    let subjects: BTreeSet<&String> = read.iter().map(|(_, subject)| subject).collect();
    println!(
        "crash test with a mailbox on {engine:?}: {cycles} kills, {sent} mails, {} here, {} connections",
        mails.len(),
        server.connections(),
    );
    assert_eq!(
        (mails.len(), subjects.len() + waiting.len()),
        (sent, sent),
        "lost or doubled: {mails:?}"
    );
}

mod what_arrived_is_here_once_and_is_marked {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_sqlite() {
        fetches_once(Engine::Sqlite).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn on_postgres() {
        fetches_once(Engine::Postgres).await;
    }
}
