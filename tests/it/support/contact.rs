//! A signed-in user of a host app, as the Ticket Center sees them.

use serde_json::{Value, json};

use super::{Answer, PREFIX, TestApp, TestHelpdesk, signing};

/// One contact of one helpdesk, who calls with a valid signature.
#[derive(Clone)]
pub(crate) struct TestContact<'app> {
    pub(crate) app: &'app TestApp,
    pub(crate) helpdesk: TestHelpdesk,
    pub(crate) email: String,
}

impl TestContact<'_> {
    /// The three fields of every documented call.
    pub(crate) fn credentials(&self) -> Value {
        json!({
            "helpdeskId": self.helpdesk.id,
            "email": self.email,
            "signature": signing::sign(&self.helpdesk.secret, &self.email),
        })
    }

    /// A documented call by its path after the prefix, e.g. `verify`, with more fields.
    pub(crate) async fn call(&self, path: &str, more: Value) -> Answer {
        self.app.call(path, &merged(self.credentials(), &more)).await
    }

    pub(crate) async fn verify(&self) -> Value {
        self.call("verify", json!({})).await.ok()
    }

    /// The first page of conversations.
    pub(crate) async fn conversations(&self) -> Vec<Value> {
        array(&self.verify().await["conversations"])
    }

    /// One conversation as the list shows it.
    pub(crate) async fn listed(&self, conversation: &str) -> Value {
        let list = self.conversations().await;
        let found = list.iter().find(|listed| listed["id"] == conversation);
        found
            .cloned()
            .unwrap_or_else(|| panic!("{conversation} is listed: {list:?}"))
    }

    /// Opens a conversation; its id.
    pub(crate) async fn open(&self, text: &str) -> String {
        string(&self.call("message", json!({"message": text})).await.ok()["conversationId"])
    }

    /// Writes into a conversation; the answer.
    pub(crate) async fn reply(&self, conversation: &str, text: &str) -> Value {
        let more = json!({"message": text, "conversationId": conversation});
        self.call("message", more).await.ok()
    }

    /// The documented messages call, which marks the conversation read.
    pub(crate) async fn history(&self, conversation: &str) -> Value {
        self.call(&format!("conversations/{conversation}/messages"), json!({}))
            .await
            .ok()
    }

    /// The bodies of the newest page of messages.
    pub(crate) async fn bodies(&self, conversation: &str) -> Vec<String> {
        let history = self.history(conversation).await;
        array(&history["messages"])
            .iter()
            .map(|message| string(&message["body"]))
            .collect()
    }

    pub(crate) async fn close(&self, conversation: &str) -> Value {
        self.call(&format!("conversations/{conversation}/close"), json!({}))
            .await
            .ok()
    }

    /// A fresh token.
    pub(crate) async fn token(&self) -> String {
        string(&self.verify().await["token"])
    }

    /// A call of a token path, e.g. `conversations`.
    pub(crate) async fn by_token(&self, token: &str, path: &str, body: Value) -> Answer {
        self.app
            .post_with(
                &format!("{PREFIX}/{path}"),
                &body,
                &[("authorization", &format!("Bearer {token}"))],
            )
            .await
    }
}

/// The fields of both, the second's where they meet.
pub(crate) fn merged(mut fields: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("fields") {
        fields[name] = value.clone();
    }
    fields
}

/// The text of a JSON string.
#[track_caller]
pub(crate) fn string(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("a string: {value}"))
        .to_owned()
}

/// The elements of a JSON array.
#[track_caller]
pub(crate) fn array(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("an array: {value}"))
        .clone()
}
