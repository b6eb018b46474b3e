//! `cargo run -p fuzz --release -- <target> [--seconds N] [--seed N]`, or `all` for every target.
//! `growth` measures instead how the time grows with the length of the input.

use fuzz::{Mutator, TARGETS, Target, attempt, measure, seeds};
use std::io::Write;
use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
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
    say(&format!("seed {seed}, {seconds} s for each target"));
    // As many at a time as there are processors; what one of them finds does not stop the others.
    let next = AtomicUsize::new(0);
    let work = || -> Vec<String> {
        let mut failures = Vec::new();
        while let Some(target) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
            match attack(target, Duration::from_secs(seconds), Mutator::new(seed, &seeds)) {
                Ok(found) => say(&found),
                Err(failure) => failures.push(failure),
            }
        }
        failures
    };
    let workers = available_parallelism().map_or(1, NonZero::get).min(chosen.len());
    let failures = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                worker
                    .join()
                    .unwrap_or_else(|_| vec!["the fuzzer broke".to_owned()])
            })
            .collect::<Vec<_>>()
    });
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}

/// Tries inputs for a time, and says how many there were, or what was broken and where the input is.
fn attack(target: &Target, time: Duration, mut mutator: Mutator<'_>) -> Result<String, String> {
    let (begin, mut rounds, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while begin.elapsed() < time {
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
    Ok(format!(
        "{}: {rounds} inputs, the slowest took {} ms",
        target.name,
        slowest.as_millis()
    ))
}

fn say(line: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(std::io::stdout(), "{line}");
}
