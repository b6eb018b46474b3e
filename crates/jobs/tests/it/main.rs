//! The queue on SQLite and on PostgreSQL, under a clock that the tests move.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod claims;
mod runs;
mod schedules;
mod support;
