//! The real binary, killed and starved of its disk, under a ledger of what it acknowledged.

mod client;
mod crash;
mod disk;
mod ledger;
mod server;
