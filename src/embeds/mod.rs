//! The channel shared by all embeds: who calls, from which page, with what proof.
//!
//! A call passes these gates in this order: media type, size, JSON, fields, helpdesk, origin,
//! signature or token, rate. Nothing is written before the last one.

mod body;
mod calls;
mod cors;
mod fields;
pub mod framing;
mod open_calls;
pub mod origin;
pub mod origins;
pub mod page_check;
mod script;
mod store;
pub mod strings;
pub mod token;

pub use calls::{Call, is_good, signed, uploading, with_token};
pub use cors::{Refusal, answer, method_not_allowed, not_found, preflight, with_cors};
pub use fields::Fields;
pub use open_calls::{OpenCall, Visit, open, open_form, visit};
pub use script::contact_form as contact_form_script;
pub use script::contact_form_files as contact_form_files_script;
pub use script::ticket_center as ticket_center_script;
pub use script::ticket_center_files as ticket_center_files_script;
