//! Integration tests: one binary, a file per area of behaviour.

mod architecture;
mod faults;
