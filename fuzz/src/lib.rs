//! Hostile input for what reads strangers' bytes: fixtures, mutated by a seeded generator, and what must
//! hold whatever comes in. It runs on stable Rust, without knowledge of the code's branches; the same
//! seed gives the same inputs.

mod growth;
mod mutate;
mod targets;

pub use growth::measure;
pub use mutate::Mutator;
pub use targets::{TARGETS, Target};

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// What went wrong, and with what.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The rule that was broken, or that something panicked.
    pub what: String,
    /// The input.
    pub input: Vec<u8>,
}

/// Reads the fixtures that inputs are made of, in a fixed order.
///
/// # Errors
/// When the folder cannot be read.
pub fn seeds(folder: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(std::fs::read).collect()
}

/// Tries one input.
///
/// # Errors
/// What was broken.
pub fn attempt(target: &Target, input: Vec<u8>) -> Result<(), Failure> {
    let result = catch_unwind(AssertUnwindSafe(|| (target.check)(&input)));
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(what)) => Err(Failure { what, input }),
        Err(_) => Err(Failure {
            what: "it panicked".to_owned(),
            input,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUNDS: usize = 400;
    /// With `TEST_COUNTS=full`, as before a release.
    const ROUNDS_IN_FULL: usize = 40_000;

    fn fixtures() -> Vec<Vec<u8>> {
        seeds(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/mail")).unwrap()
    }

    #[test]
    fn every_target_holds_for_a_while() {
        let seeds = fixtures();
        assert!(seeds.len() > 100);
        let is_full = std::env::var("TEST_COUNTS").is_ok_and(|counts| counts == "full");
        let rounds = if is_full { ROUNDS_IN_FULL } else { ROUNDS };
        for target in TARGETS {
            let mut mutator = Mutator::new(1, &seeds);
            for _ in 0..rounds {
                if let Err(failure) = attempt(target, mutator.next_input()) {
                    panic!(
                        "{}: {}: {:?}",
                        target.name,
                        failure.what,
                        String::from_utf8_lossy(&failure.input)
                    );
                }
            }
        }
    }

    #[test]
    fn a_broken_rule_and_a_panic_are_found() {
        let broken = Target {
            name: "broken",
            check: |input| {
                if input.contains(&b'@') {
                    Err("an at".to_owned())
                } else {
                    Ok(())
                }
            },
        };
        let panics = Target {
            name: "panics",
            check: |input| {
                if input.contains(&b'@') {
                    panic!("planted")
                } else {
                    Ok(())
                }
            },
        };
        for target in [broken, panics] {
            let (seeds, hook) = (fixtures(), std::panic::take_hook());
            std::panic::set_hook(Box::new(|_| {}));
            let mut mutator = Mutator::new(1, &seeds);
            let found = (0..ROUNDS).any(|_| attempt(&target, mutator.next_input()).is_err());
            std::panic::set_hook(hook);
            assert!(found, "{}", target.name);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_inputs() {
        let seeds = fixtures();
        let inputs = |seed| -> Vec<Vec<u8>> {
            let mut mutator = Mutator::new(seed, &seeds);
            (0..20).map(|_| mutator.next_input()).collect()
        };
        assert_eq!(inputs(7), inputs(7));
        assert_ne!(inputs(7), inputs(8));
    }
}
