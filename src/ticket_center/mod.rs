//! The Ticket Center's HTTP API: the four documented calls, and what the embed needs besides.
//!
//! A caller is always a contact, proved by signature or token, and reaches that contact's
//! conversations only. Private notes cannot be reached from here at all.

mod attachment_calls;
mod json;
mod live_cursor;
mod portal;
mod signed;
mod stream;
mod strings;
mod token_calls;

pub use attachment_calls::{create as upload, remove as remove_upload, show as download};
pub use portal::portal;
pub use signed::{close, message, messages, verify};
pub use stream::stream;
pub use token_calls::{list, read, show};
