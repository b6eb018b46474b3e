//! Mail without I/O. So far: e-mail addresses as identities.

mod address;

pub use address::{Address, InvalidAddress, trim};
