//! A backup of the real binary while fifty writers go on: what was acknowledged before it began is in
//! it, and a server starts on it.

use super::client::Client;
use super::server::Installation;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

const EMAIL: &str = "user@example.com";
const WRITERS: usize = 20;

fn run(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_helpdesky"))
        .args(arguments)
        .arg("--json")
        .arg("--data")
        .arg(data)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

fn said(output: &Output) -> Value {
    let bytes = if output.status.success() {
        &output.stdout
    } else {
        &output.stderr
    };
    serde_json::from_slice(bytes).unwrap_or_else(|_| panic!("{output:?}"))
}

/// Writes without a pause until it is told to stop; returns what was acknowledged.
async fn write(client: Client, number: usize, stop: Arc<AtomicBool>) -> usize {
    let (email, mut written) = (format!("writer-{number}@example.com"), 0);
    while !stop.load(SeqCst) {
        let text = format!("Message {written} of {number}");
        let answer = client.message(&email, &text, &text, None).await;
        assert_eq!(answer.map(|(status, _)| status), Some(200));
        written += 1;
    }
    written
}

async fn conversations(client: &Client, email: &str) -> usize {
    let (status, list) = client.verify(email).await.unwrap();
    assert_eq!(status, 200, "{list}");
    list["conversations"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_taken_while_others_write_and_a_server_starts_on_it() {
    let installation = Installation::new(db::Engine::Sqlite).await;
    let (server, _) = installation.start().await;
    let client = Client::new(&installation);
    for n in 0..30 {
        let text = format!("Question {n}");
        assert_eq!(client.message(EMAIL, &text, &text, None).await.unwrap().0, 200);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS)
        .map(|number| tokio::spawn(write(client.clone(), number, Arc::clone(&stop))))
        .collect();
    let folder = installation.folder().join("copies/of today.1");
    std::fs::create_dir(folder.parent().unwrap()).unwrap();
    let to = folder.to_str().unwrap();
    let answer = installation.ask(&["backup", "--to", to]);
    assert_eq!(answer["folder"], to, "{answer}");
    // The key was given in the environment, and stays out of the copy.
    assert_eq!(answer["holdsKey"], false);
    assert!(!folder.join("secret.key").exists());
    stop.store(true, SeqCst);
    let mut written = 0;
    for writer in writers {
        written += writer.await.unwrap();
    }
    assert!(written > WRITERS, "nobody wrote meanwhile: {written}");
    drop(server);

    let again = installation.ask(&["conversation", "list", "--helpdesk", &installation.helpdesk]);
    assert!(again.as_array().is_some_and(|list| !list.is_empty()), "{again}");
    let restored = installation.on_copy(&folder);
    let (_server, _) = restored.start().await;
    let client = Client::new(&restored);
    assert_eq!(conversations(&client, EMAIL).await, 30);
    assert_eq!(
        client
            .message(EMAIL, "And one more", "more", None)
            .await
            .unwrap()
            .0,
        200,
        "the copy is a whole installation"
    );
    let doctor = restored.ask(&["doctor"]);
    assert_eq!(doctor["ok"], true, "{doctor}");
}

#[test]
fn it_writes_over_nothing_and_takes_the_key_along() {
    let folder = tempfile::tempdir().unwrap();
    let (data, to) = (folder.path().join("data"), folder.path().join("copy"));
    let name = to.to_str().unwrap();
    let missing = run(&data, &["backup", "--to", name]);
    assert_eq!(said(&missing)["code"], "no_installation");
    assert!(run(&data, &["helpdesk", "add", "--name", "One"]).status.success());

    let answer = said(&run(&data, &["backup", "--to", name]));
    assert_eq!(answer["holdsKey"], true, "{answer}");
    for file in ["helpdesky.sqlite", "secret.key", "engine"] {
        use std::os::unix::fs::PermissionsExt;
        let (original, copy) = (data.join(file).metadata(), to.join(file).metadata());
        let rights = |metadata: std::io::Result<std::fs::Metadata>| metadata.unwrap().permissions().mode();
        assert_eq!(rights(original), rights(copy), "{file}");
    }
    let list = said(&run(&to, &["helpdesk", "list"]));
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");

    let taken = run(&data, &["backup", "--to", name]);
    assert!(!taken.status.success());
    assert_eq!(said(&taken)["code"], "backup_folder_taken");
    let nowhere = run(&data, &["backup", "--to", "/proc/nowhere"]);
    assert_eq!(said(&nowhere)["code"], "backup_not_written", "{nowhere:?}");
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "nothing is left lying about: {left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_it_names_the_tool_that_does_it() {
    let installation = Installation::new(db::Engine::Postgres).await;
    let to = installation.folder().join("copy");
    let output = installation.refused(&["backup", "--to", to.to_str().unwrap()]);
    assert_eq!(output["code"], "postgres_backup");
    assert!(output["error"].as_str().unwrap().contains("pg_dump"), "{output}");
    assert!(!to.exists());
}
