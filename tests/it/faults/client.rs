//! The documented calls, made as a host app's page makes them.

use super::server::Installation;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

const PREFIX: &str = "/api/messaging/ticket-center";

#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    helpdesk: String,
    secret: String,
}

/// What came back: a status and JSON, or nothing because the connection was lost.
pub(crate) type Answer = Option<(u16, Value)>;

impl Client {
    pub(crate) fn new(installation: &Installation) -> Self {
        Self {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(20))
                .build()
                .unwrap(),
            base: installation.url(PREFIX),
            helpdesk: installation.helpdesk.clone(),
            secret: installation.secret.clone(),
        }
    }

    fn signature(&self, email: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes()).unwrap();
        mac.update(email.as_bytes());
        let digest = mac.finalize().into_bytes();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    async fn call(&self, path: &str, email: &str, fields: Value) -> Answer {
        let mut body = json!({
            "helpdeskId": self.helpdesk, "email": email, "signature": self.signature(email),
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let answer = self
            .http
            .post(format!("{}{path}", self.base))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        // The connection may break in the middle of the answer, too.
        let text = answer.bytes().await.ok()?;
        Some((status, serde_json::from_slice(&text).ok()?))
    }

    pub(crate) async fn verify(&self, email: &str) -> Answer {
        self.call("/verify", email, json!({})).await
    }

    pub(crate) async fn message(
        &self,
        email: &str,
        text: &str,
        key: &str,
        conversation: Option<&str>,
    ) -> Answer {
        let mut fields = json!({"message": text, "idempotencyKey": key});
        if let Some(conversation) = conversation {
            fields["conversationId"] = json!(conversation);
        }
        self.call("/message", email, fields).await
    }

    pub(crate) async fn messages(&self, email: &str, conversation: &str) -> Answer {
        let path = format!("/conversations/{conversation}/messages");
        self.call(&path, email, json!({})).await
    }
}
