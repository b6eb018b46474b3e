//! The program as a process: how it ends.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Whoever reads the log may be gone by the time the program is asked to stop.
#[test]
fn it_stops_when_asked_also_when_nobody_reads_its_log() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = Command::new(env!("CARGO_BIN_EXE_helpdesky"))
        .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(server.stderr.take());
    let mut line = String::new();
    let mut output = BufReader::new(server.stdout.take().expect("its output"));
    output.read_line(&mut line).expect("its first line");
    drop(output);
    assert!(line.contains("listening"), "{line}");

    let id = server.id().to_string();
    let asked = Command::new("kill").args(["-TERM", &id]).status().expect("kill");
    assert!(asked.success());
    let since = Instant::now();
    loop {
        if let Some(status) = server.try_wait().expect("its status") {
            assert!(status.success(), "{status}");
            return;
        }
        if since.elapsed() > Duration::from_secs(30) {
            drop(server.kill());
            panic!("it runs on after SIGTERM");
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
}
