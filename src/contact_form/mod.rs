//! The Contact Form's HTTP API and its hosted page. A caller proves nothing and is given nothing: what is
//! sent opens a conversation, and no answer tells more than that it came in.

pub mod check;
pub mod confirmation;
mod files;
mod form;
pub mod hosted;
mod json;
mod message;
mod strings;
mod submission;

pub use form::form;
pub use message::message;
