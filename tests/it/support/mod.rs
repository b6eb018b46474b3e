//! What every test uses: an application started in this process, contacts who call it, and an
//! HTTP client that can also misbehave.

#[macro_use]
mod engines;

mod administration;
mod answer;
pub(crate) mod app;
mod contact;
pub(crate) mod dns;
pub(crate) mod events;
mod files;
pub(crate) mod imap;
pub(crate) mod letters;
pub(crate) mod postfix;
pub(crate) mod random;
pub(crate) mod raw;
pub(crate) mod signing;
pub(crate) mod smtp;

pub(crate) use answer::Answer;
pub(crate) use app::{TestApp, TestHelpdesk};
pub(crate) use contact::{TestContact, array, merged, string};
pub(crate) use engines::{Engine, on};
pub(crate) use files::{BOUNDARY, file_head, media_type, multipart};

/// The prefix of every path of the Ticket Center.
pub(crate) const PREFIX: &str = "/api/messaging/ticket-center";

/// True when the release counts are asked for: `TEST_COUNTS=full`.
pub(crate) fn full_counts() -> bool {
    std::env::var("TEST_COUNTS").is_ok_and(|counts| counts == "full")
}

/// `small` in the daily run, `full` before a release.
pub(crate) fn count(small: usize, full: usize) -> usize {
    if full_counts() { full } else { small }
}
