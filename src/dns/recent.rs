//! Answers of the last minutes: the mails of one sender ask for the same key again and again.

use std::collections::HashMap;
use std::sync::Mutex;

const FOUND_MS: i64 = 5 * 60 * 1_000;
/// Somebody who sets a key up looks again soon.
const MISSING_MS: i64 = 60 * 1_000;
/// Senders choose the names, so there is an end to them.
const MOST_NAMES: usize = 1_000;
/// Longer answers are asked for again; keys are far below.
const ANSWER_BYTES: usize = 4 * 1_024;

/// Texts by name.
#[derive(Default)]
pub(super) struct Recent(Mutex<HashMap<String, Answer>>);

struct Answer {
    texts: Vec<String>,
    at_ms: i64,
}

impl Answer {
    fn is_fresh(&self, now_ms: i64) -> bool {
        let most = if self.texts.is_empty() {
            MISSING_MS
        } else {
            FOUND_MS
        };
        // Also when the clock was put back.
        (0..most).contains(&now_ms.saturating_sub(self.at_ms))
    }
}

impl Recent {
    pub(super) fn get(&self, name: &str, now_ms: i64) -> Option<Vec<String>> {
        let answers = self.0.lock().ok()?;
        let answer = answers.get(name).filter(|answer| answer.is_fresh(now_ms))?;
        Some(answer.texts.clone())
    }

    pub(super) fn keep(&self, name: &str, texts: &[String], now_ms: i64) {
        let bytes: usize = texts.iter().map(|text| text.len() + size_of::<String>()).sum();
        let Ok(mut answers) = self.0.lock() else {
            return;
        };
        answers.remove(name);
        if bytes > ANSWER_BYTES {
            return;
        }
        if answers.len() >= MOST_NAMES {
            answers.retain(|_, answer| answer.is_fresh(now_ms));
        }
        if answers.len() >= MOST_NAMES {
            let oldest = answers.iter().min_by_key(|(_, answer)| answer.at_ms);
            if let Some(name) = oldest.map(|(name, _)| name.clone()) {
                answers.remove(&name);
            }
        }
        let answer = Answer {
            texts: texts.to_vec(),
            at_ms: now_ms,
        };
        answers.insert(name.to_owned(), answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_kept_for_some_minutes() {
        let recent = Recent::default();
        let texts = vec!["p=".to_owned()];
        recent.keep("found", &texts, 1_000);
        recent.keep("missing", &[], 1_000);
        for (now_ms, is_found, is_missing) in [
            (999, false, false),
            (1_000, true, true),
            (60_999, true, true),
            (61_000, true, false),
            (300_999, true, false),
            (301_000, false, false),
        ] {
            assert_eq!(
                recent.get("found", now_ms),
                is_found.then(|| texts.clone()),
                "{now_ms}"
            );
            assert_eq!(
                recent.get("missing", now_ms),
                is_missing.then(Vec::new),
                "{now_ms}"
            );
        }
        recent.keep("found", &[], 2_000);
        assert_eq!(recent.get("found", 2_000), Some(Vec::new()));
    }

    #[test]
    fn there_is_an_end_to_what_is_kept() {
        let recent = Recent::default();
        for number in 0..3_000 {
            recent.keep(&format!("name{number}"), &[], 1_000 + number);
        }
        let length = || recent.0.lock().unwrap().len();
        assert_eq!(length(), MOST_NAMES);
        assert_eq!(recent.get("name1999", 4_000), None);
        assert_eq!(recent.get("name2000", 4_000), Some(Vec::new()));
        recent.keep("one", &[], 400_000);
        assert_eq!(length(), 1);
        recent.keep("one", &["x".repeat(ANSWER_BYTES)], 400_000);
        recent.keep("two", &vec![String::new(); ANSWER_BYTES], 400_000);
        assert_eq!(length(), 0);
    }
}
