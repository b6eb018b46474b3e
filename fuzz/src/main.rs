//! `cargo run -p fuzz --release -- <target> [--seconds N] [--seed N]`, or `all` for every target.
//! `growth` measures instead how the time grows with the length of the input.

use fuzz::{Mutator, TARGETS, attempt, measure, seeds};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            say(&message);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), String> {
    let names: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    let usage = format!("fuzz <growth|all|{}> [--seconds N] [--seed N]", names.join("|"));
    let wanted = arguments.first().ok_or_else(|| usage.clone())?;
    if wanted == "growth" {
        for target in TARGETS
            .iter()
            .filter(|target| matches!(target.name, "mail" | "reply" | "html" | "dkim"))
        {
            let slowest = measure(target)?;
            say(&format!(
                "{}: the slowest took {} ms",
                target.name,
                slowest.as_millis()
            ));
        }
        return Ok(());
    }
    let number = |name: &str, usual: u64| -> Result<u64, String> {
        match arguments.iter().position(|argument| argument == name) {
            Some(at) => arguments
                .get(at + 1)
                .and_then(|text| text.parse().ok())
                .ok_or_else(|| usage.clone()),
            None => Ok(usual),
        }
    };
    let (seconds, seed) = (number("--seconds", 60)?, number("--seed", 1)?);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/mail");
    let seeds = seeds(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|target| wanted == "all" || wanted == target.name)
        .collect();
    if chosen.is_empty() {
        return Err(usage);
    }
    for target in chosen {
        let (begin, mut rounds) = (Instant::now(), 0_u64);
        let mut slowest = Duration::ZERO;
        let mut mutator = Mutator::new(seed, &seeds);
        while begin.elapsed() < Duration::from_secs(seconds) {
            let input = mutator.next_input();
            let start = Instant::now();
            if let Err(failure) = attempt(target, input) {
                let path = format!("{}-failure.bin", target.name);
                std::fs::write(&path, &failure.input).map_err(|error| format!("{path}: {error}"))?;
                return Err(format!(
                    "{}: {} after {rounds} inputs; the input is in {path}",
                    target.name, failure.what
                ));
            }
            slowest = slowest.max(start.elapsed());
            rounds += 1;
        }
        say(&format!(
            "{}: {rounds} inputs, the slowest took {} ms",
            target.name,
            slowest.as_millis()
        ));
    }
    Ok(())
}

fn say(line: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
