//! The four documented calls of the Ticket Center and the token paths beside them, tested from
//! what is promised to host apps and to nobody else's code.

mod body_limit;
mod closing;
mod conversation_list;
mod cors;
mod email_syntax;
mod foreign;
mod hostile_json;
mod idempotency;
mod identity;
mod logs;
mod look_alikes;
mod malformed_signatures;
mod message_rules;
mod messages_list;
mod nodes;
mod notes;
mod origins;
mod portal;
mod rate_limits;
mod reading;
mod requests;
mod secrets;
mod shapes;
mod stream;
mod timing;
mod tokens;

use serde_json::Value;

use crate::support::TestContact;

/// The four documented calls; the conversation they are about is the given one.
pub(crate) fn documented_calls(conversation: &str) -> [String; 4] {
    [
        "verify".to_owned(),
        "message".to_owned(),
        format!("conversations/{conversation}/messages"),
        format!("conversations/{conversation}/close"),
    ]
}

/// What a contact's complete credentials and a message make of fields: enough for each call.
pub(crate) fn complete(contact: &TestContact<'_>) -> Value {
    crate::support::merged(contact.credentials(), &serde_json::json!({"message": "Hello"}))
}

/// An id that was never given out.
pub(crate) const NO_SUCH_ID: &str = "01890000-0000-7000-8000-000000000000";
