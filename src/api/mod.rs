//! The API for programs: calls with a key in `Authorization: Bearer …`.

mod mail;

pub use mail::create;
