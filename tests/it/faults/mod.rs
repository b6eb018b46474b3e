//! The real binary, killed and starved of its disk, under a ledger of what it acknowledged.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking, and its counts are worth seeing"
)]

mod backup;
pub(crate) mod client;
mod crash;
mod disk;
mod ledger;
mod node;
pub(crate) mod server;
