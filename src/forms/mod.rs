//! What a helpdesk's Contact Form asks, and what keeps robots, bombers and impostors out of it: the
//! form's token, the proof of work, limits, block lists, and an account of what was refused.
//!
//! The room knows forms and nothing of who fills them in: whatever passes here proves no identity.

pub mod block_list;
pub mod limits;
pub mod proof;
pub mod refusals;
pub mod settings;
mod store;
pub mod token;
pub mod turnstile;
pub mod typed;

pub use settings::{FormSettings, get, set};
