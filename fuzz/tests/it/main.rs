//! The command as it is typed.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::process::{Command, Output};

fn run(arguments: &[&str]) -> (Output, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_fuzz"))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .expect("the program");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, said)
}

#[test]
fn every_target_is_tried_and_says_how_often() {
    let (output, said) = run(&["all", "--seconds", "0", "--seed", "7"]);
    assert!(output.status.success(), "{said}");
    for target in fuzz::TARGETS {
        let line = said
            .lines()
            .find(|line| line.starts_with(&format!("{}: ", target.name)));
        assert!(
            line.is_some_and(|line| line.contains(" inputs")),
            "{}: {said}",
            target.name
        );
    }
    let (output, said) = run(&["imap", "--seconds", "1"]);
    assert!(output.status.success(), "{said}");
    let tried = said
        .split_once("imap: ")
        .and_then(|(_, rest)| rest.split_once(" inputs"));
    let tried: u64 = tried
        .and_then(|(number, _)| number.parse().ok())
        .expect("a number");
    assert!(tried > 0);
}

#[test]
fn what_is_no_target_is_said() {
    for arguments in [
        &["nothing"] as &[&str],
        &[],
        &["mail", "--seconds"],
        &["mail", "--seed", "x"],
    ] {
        let (output, said) = run(arguments);
        assert!(
            !output.status.success() && said.contains("fuzz <growth|all|mail|"),
            "{arguments:?}: {said}"
        );
    }
}
