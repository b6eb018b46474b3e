//! The pages, each a struct with its template: what is on it, in the words of the page. No page
//! knows where its content comes from; each has a `sample()`, and one test renders them all.

pub mod audit_log;
pub mod choice;
pub mod code;
pub mod contact;
pub mod contact_form;
pub mod contacts;
pub mod email_settings;
pub mod files;
pub mod general_settings;
pub mod inbox;
pub mod incoming;
pub mod join;
pub mod mailboxes;
pub mod mails;
pub mod members;
pub mod messages_settings;
pub mod new_helpdesk;
pub mod notification_settings;
pub mod outbox;
pub mod preview;
pub mod profile;
pub mod remove_member;
pub mod reset;
pub mod retire_secret;
pub mod search;
pub mod setup;
pub mod shell;
pub mod shortcuts;
pub mod sign_in;
pub mod sign_in_link;
pub mod ticket_center;

#[cfg(test)]
mod tests;

/// The moment at which the sample pages are read: Thursday 20 November 2025, 11:00 UTC.
pub const SAMPLE_NOW_MS: i64 = 1_763_636_400_000;
