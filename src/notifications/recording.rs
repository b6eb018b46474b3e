//! What became of an attempt.

use super::store::{self, Notification};
use super::{Claimed, Recipient, State};
use crate::app::App;
use crate::error::{Error, Result};
use db::Tx;

/// How long a mail is tried, from its first attempt on.
pub const GIVES_UP_AFTER_MS: i64 = 4 * 24 * 60 * 60 * 1000;
const FIRST_RETRY_MS: i64 = 60 * 1000;
const LONGEST_RETRY_MS: i64 = 4 * 60 * 60 * 1000;
const WORDS_CHARACTERS: usize = 500;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The relay took the mail over.
    Accepted {
        /// What it said.
        words: String,
    },
    /// The relay refused it for good.
    Refused {
        /// What it said.
        words: String,
        /// True when it refused this recipient: then nothing more is sent to the contact's address.
        address_is_bad: bool,
    },
    /// It did not work now: the relay said so, or could not be reached. The mail was not taken over.
    Later {
        /// What was said, or what happened.
        words: String,
    },
    /// The connection broke after the end of the mail and before an answer.
    Uncertain {
        /// What happened.
        words: String,
    },
    /// There is nothing to send it with.
    NotSetUp {
        /// What is missing.
        words: String,
    },
}

/// Writes down how a claimed attempt ended: `accepted`, `failed`, `retrying` with a longer and longer
/// jittered back-off (`failed` after four days of it), `uncertain`, or `unreachable` when nothing is set up to send it with,
/// so that what piled up meanwhile does not leave all at once one day. False when the claim is no
/// longer valid, because somebody retried or dropped the mail meanwhile: then nothing changed.
///
/// # Errors
/// When the database refuses; then call it again, or the mail becomes `uncertain` when the lease ends.
pub async fn record(app: &App, claimed: &Claimed, outcome: Outcome) -> Result<bool> {
    let (now, jitter) = (app.now_ms(), u16::from_be_bytes(app.random().bytes()));
    let (helpdesk_id, id, fence) = (claimed.helpdesk_id, claimed.id, claimed.fence);
    app.db()
        .write(async move |tx: &mut Tx| {
            let row = store::lock(tx, helpdesk_id, id).await?;
            let is_open = |row: &Notification| {
                row.fence == fence && matches!(row.state, State::Sending | State::Uncertain)
            };
            let Some(row) = row.filter(is_open) else {
                return Ok(false);
            };
            settle(tx, &row, &outcome, now, jitter).await?;
            Ok::<_, Error>(true)
        })
        .await
}

async fn settle(tx: &mut Tx, row: &Notification, outcome: &Outcome, now: i64, jitter: u16) -> Result<()> {
    match outcome {
        Outcome::Accepted { words } => {
            store::end(tx, row, State::Accepted, (&one_line(words), ""), now).await?;
        }
        Outcome::Uncertain { words } => {
            store::end(tx, row, State::Uncertain, (&one_line(words), ""), now).await?;
        }
        Outcome::NotSetUp { words } => {
            store::end(tx, row, State::Unreachable, (&one_line(words), ""), now).await?;
        }
        Outcome::Refused {
            words,
            address_is_bad,
        } => {
            let words = one_line(words);
            // A relay that takes no empty sender may say so in the words for a bad address.
            let address_is_bad = *address_is_bad && row.automatic.is_none();
            if let (true, Recipient::Contact { contact_id }) = (address_is_bad, row.thread.recipient) {
                store::mark_bad(tx, row.thread.helpdesk_id, contact_id, &words, now).await?;
            }
            store::end(tx, row, State::Failed, (&words, ""), now).await?;
        }
        Outcome::Later { words } => {
            let words = one_line(words);
            if now - row.first_tried_at.unwrap_or(now) >= GIVES_UP_AFTER_MS {
                let words = format!("Given up after four days: {words}");
                store::end(tx, row, State::Failed, (&one_line(&words), ""), now).await?;
            } else {
                store::try_again(tx, row, now + back_off_ms(row.attempt, jitter), &words, false).await?;
            }
        }
    }
    Ok(())
}

/// A minute, doubled with each attempt up to four hours, and up to a fifth more or less, so that mails
/// that failed together are not tried together.
fn back_off_ms(attempt: i64, jitter: u16) -> i64 {
    let doublings = u32::try_from(attempt - 1).unwrap_or(0).min(16);
    let whole = (FIRST_RETRY_MS << doublings).min(LONGEST_RETRY_MS);
    let fifth = whole / 5;
    whole - fifth + 2 * fifth * i64::from(jitter) / i64::from(u16::MAX)
}

/// What others said, as one line that is not too long.
pub(super) fn one_line(words: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    words
        .chars()
        .map(|c| if breaks(c) { ' ' } else { c })
        .take(WORDS_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{FIRST_RETRY_MS, LONGEST_RETRY_MS, back_off_ms, one_line};

    #[test]
    fn the_back_off_doubles_stays_within_a_fifth_and_has_an_end() {
        assert_eq!(back_off_ms(1, 0), FIRST_RETRY_MS * 4 / 5);
        assert_eq!(back_off_ms(1, u16::MAX), FIRST_RETRY_MS * 6 / 5);
        assert_eq!(back_off_ms(3, 0), FIRST_RETRY_MS * 4 * 4 / 5);
        assert_eq!(back_off_ms(1_000_000, u16::MAX), LONGEST_RETRY_MS * 6 / 5);
    }

    #[test]
    fn words_of_a_relay_are_one_line_without_nul() {
        assert_eq!(one_line("550 5.1.1\r\nno\0body"), "550 5.1.1  no body");
        assert_eq!(one_line(&"é".repeat(900)).chars().count(), 500);
    }
}
