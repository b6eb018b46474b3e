//! What was acknowledged, kept by another process that syncs every line before it says so.

use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

/// Set for the ledger process, which is this test binary run once more.
const FOLDER: &str = "HELPDESKY_TEST_LEDGER";
const ITSELF: &str = "faults::ledger::what_is_recorded_outlives_the_process";

/// One acknowledged message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) email: String,
    pub(crate) conversation: String,
    pub(crate) message: String,
    pub(crate) text: String,
}

pub(crate) struct Ledger {
    folder: PathBuf,
    process: Child,
}

impl Ledger {
    pub(crate) fn start(folder: &Path) -> Self {
        let process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", ITSELF, "--nocapture"])
            .env(FOLDER, folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            folder: folder.to_owned(),
            process,
        }
    }

    pub(crate) async fn page(&self) -> Page {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            match UnixStream::connect(self.folder.join("socket")).await {
                Ok(stream) => return Page(stream),
                Err(error) => assert!(Instant::now() < deadline, "no ledger: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Everything recorded so far, from its file.
    pub(crate) fn read(&self) -> Vec<Record> {
        let file = File::open(self.folder.join("ledger")).unwrap();
        BufReader::new(file)
            .lines()
            .map(|line| serde_json::from_str(&line.unwrap()).unwrap())
            .collect()
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A writer's connection to the ledger.
pub(crate) struct Page(UnixStream);

impl Page {
    /// Returns once the record is on the disk.
    pub(crate) async fn record(&mut self, record: &Record) {
        let mut line = serde_json::to_vec(record).unwrap();
        line.push(b'\n');
        self.0.write_all(&line).await.unwrap();
        assert_eq!(self.0.read_u8().await.unwrap(), b'k');
    }
}

fn serve(folder: &Path) {
    let listener = UnixListener::bind(folder.join("socket")).unwrap();
    let file = File::create(folder.join("ledger")).unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
    let file = Arc::new(Mutex::new(file));
    for stream in listener.incoming() {
        let (stream, file) = (stream.unwrap(), Arc::clone(&file));
        std::thread::spawn(move || {
            let mut answers = stream.try_clone().unwrap();
            let mut lines = BufReader::new(stream);
            let mut line = Vec::new();
            while lines.read_until(b'\n', &mut line).unwrap_or(0) > 0 {
                let mut file = file.lock().unwrap();
                file.write_all(&line).unwrap();
                file.sync_data().unwrap();
                drop(file);
                line.clear();
                if answers.write_all(b"k").is_err() {
                    return;
                }
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_recorded_outlives_the_process() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        // This is the process itself; whoever started it ends it.
        return tokio::task::block_in_place(|| serve(Path::new(&folder)));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::start(folder.path());
    let record = Record {
        email: "user@example.com".to_owned(),
        conversation: "c".to_owned(),
        message: "m".to_owned(),
        text: "two\nlines 🙂".to_owned(),
    };
    let mut page = ledger.page().await;
    page.record(&record).await;
    ledger.page().await.record(&record).await;
    ledger.process.kill().unwrap();
    assert_eq!(ledger.read(), [record.clone(), record]);
}
