//! The Contact Form's HTTP API and its hosted page. A caller proves nothing and is given nothing: what is
//! sent opens a conversation, and no answer tells more than that it came in.

mod form;
mod json;
mod message;
mod submission;

pub use form::form;
pub use message::message;
