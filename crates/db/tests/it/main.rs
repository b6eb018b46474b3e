//! What the rest of the program relies on, shown on SQLite and on PostgreSQL.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod hints;
mod load;
mod lock;
mod migrations;
mod postgres;
mod reads;
mod support;
mod values;
mod writes;
