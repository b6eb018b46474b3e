//! A full disk and a failing one under the real binary: nothing is acknowledged that is not safe.
//! (PostgreSQL's disk is the server's own affair.)

use super::client::Client;
use super::server::{Installation, KEY};
use helpdesky::app::App;
use helpdesky::clock::Clock;
use helpdesky::config::{Config, Hidden};
use helpdesky::ids::Random;
use std::path::PathBuf;
use std::process::Command;

const EMAIL: &str = "user@example.com";

struct Disk {
    installation: Installation,
    control: PathBuf,
}

impl Disk {
    /// An installation whose server loads the library that makes its disk fail.
    async fn new() -> Self {
        let mut installation = Installation::new(db::Engine::Sqlite).await;
        let library = installation.folder().join("preload.so");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/preload.c");
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .args([source, "-ldl"])
            .output()
            .unwrap();
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let control = installation.folder().join("control");
        let data = std::fs::canonicalize(installation.data()).unwrap();
        for (name, value) in [
            ("LD_PRELOAD", &library),
            ("FAULT_FOLDER", &data),
            ("FAULT_CONTROL", &control),
        ] {
            installation
                .environment
                .push((name.to_owned(), value.to_str().unwrap().to_owned()));
        }
        Self {
            installation,
            control,
        }
    }

    fn fails(&self, how: &str) {
        std::fs::write(&self.control, how).unwrap();
    }

    fn works(&self) {
        std::fs::remove_file(&self.control).unwrap();
    }

    async fn readiness(&self) -> u16 {
        let answer = reqwest::get(self.installation.url("/readyz")).await.unwrap();
        answer.status().as_u16()
    }
}

async fn send(client: &Client, number: usize) -> u16 {
    let (text, key) = (format!("message {number}"), format!("key {number}"));
    client.message(EMAIL, &text, &key, None).await.unwrap().0
}

/// The bodies of all messages, oldest conversation first.
async fn stored(client: &Client) -> Vec<String> {
    let (status, listed) = client.verify(EMAIL).await.unwrap();
    assert_eq!(status, 200, "{listed}");
    let mut bodies = Vec::new();
    for conversation in listed["conversations"].as_array().unwrap().iter().rev() {
        bodies.push(conversation["preview"].as_str().unwrap().to_owned());
    }
    bodies.sort();
    bodies
}

fn refused(status: u16) -> bool {
    matches!(status, 503 | 507)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_acknowledges_nothing_reads_go_on_and_it_recovers_by_itself() {
    let disk = Disk::new().await;
    let (server, _) = disk.installation.start().await;
    let client = Client::new(&disk.installation);
    assert_eq!(send(&client, 1).await, 200);
    disk.fails("write ENOSPC");
    for number in 2..5 {
        let status = send(&client, number).await;
        assert!(refused(status), "a full disk was answered by {status}");
    }
    assert_eq!(stored(&client).await, ["message 1"]);
    disk.works();
    for number in 1..5 {
        assert_eq!(send(&client, number).await, 200);
    }
    let expected = ["message 1", "message 2", "message 3", "message 4"];
    assert_eq!(stored(&client).await, expected);
    assert_eq!(disk.readiness().await, 200);
    server.kill();
    assert_eq!(disk.installation.ask(&["doctor"])["ok"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_acknowledged_after_a_failed_write_or_sync_until_a_restart() {
    for how in ["sync EIO", "write EIO"] {
        let disk = Disk::new().await;
        let (server, _) = disk.installation.start().await;
        let client = Client::new(&disk.installation);
        assert_eq!(send(&client, 1).await, 200);
        disk.fails(how);
        let status = send(&client, 2).await;
        assert!(refused(status), "{how} was answered by {status}");
        // The next sync would succeed without the pages that the kernel has dropped.
        disk.works();
        let status = send(&client, 3).await;
        assert!(refused(status), "after {how}: {status}");
        assert!(refused(disk.readiness().await));
        assert_eq!(stored(&client).await, ["message 1"]);
        server.kill();
        let (server, _) = disk.installation.start().await;
        for number in 1..4 {
            assert_eq!(send(&client, number).await, 200);
        }
        assert_eq!(
            stored(&client).await,
            ["message 1", "message 2", "message 3"],
            "{how}"
        );
        server.kill();
        assert_eq!(disk.installation.ask(&["doctor"])["ok"], true);
    }
}

/// A proof of identity is noted once a day. That this cannot be done is no reason not to let a known
/// contact read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_does_not_keep_a_known_contact_from_reading() {
    let disk = Disk::new().await;
    let (server, _) = disk.installation.start().await;
    let client = Client::new(&disk.installation);
    assert_eq!(send(&client, 1).await, 200);
    server.kill();
    let mut config = Config::for_folder(&disk.installation.data());
    config.key = Some(Hidden(KEY.to_owned()));
    let app = App::open(config, Clock::system(), Random::system())
        .await
        .unwrap();
    let days_ago = "UPDATE contacts SET proved_at = 1";
    let changed: Result<u64, db::Error> = app
        .db()
        .write(async |tx: &mut db::Tx| tx.execute(days_ago, &[]).await)
        .await;
    assert_eq!(changed.unwrap(), 1);
    drop(app);

    let (server, _) = disk.installation.start().await;
    disk.fails("write ENOSPC");
    assert_eq!(stored(&client).await, ["message 1"]);
    let stranger = client.verify("stranger@example.com").await.unwrap().0;
    assert!(
        refused(stranger),
        "a new contact would have to be stored: {stranger}"
    );
    disk.works();
    server.kill();
}
