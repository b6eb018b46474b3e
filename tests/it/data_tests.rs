//! Both databases are tested alike: the tests of this binary are listed and counted per engine.

use std::io::Write as _;
use std::process::Command;

#[test]
fn every_data_test_runs_on_both_engines() {
    let program = std::env::current_exe().unwrap();
    let listed = Command::new(program)
        .args(["--list", "--format", "terse"])
        .output()
        .unwrap();
    assert!(listed.status.success(), "this binary lists its tests");
    let text = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
        .collect();
    let of = |engine: &str| -> Vec<&str> {
        names
            .iter()
            .filter_map(|name| name.strip_suffix(engine))
            .collect()
    };
    let (sqlite, postgres) = (of("::sqlite"), of("::postgres"));

    assert!(!sqlite.is_empty(), "there are tests that touch data");
    assert_eq!(sqlite, postgres, "the same tests on both engines");
    // Straight to the stream: `println!` is swallowed while the test passes, and `./test` reads it.
    let line = format!(
        "data tests: sqlite {}, postgres {}\n",
        sqlite.len(),
        postgres.len()
    );
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}
