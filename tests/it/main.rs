//! Integration tests: one binary, a file per area of behaviour. They go through the outside, and
//! what touches data runs on both databases.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

#[macro_use]
mod support;

mod architecture;
mod attachments;
mod connections;
mod contact_form;
mod dashboard;
mod data_tests;
mod docs_site;
mod faults;
mod imap;
mod mail_in;
mod mail_out;
mod notifications;
mod plans;
mod process;
mod properties;
mod routes;
mod ticket_center;
