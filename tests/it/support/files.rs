//! Files, as contacts send and fetch them.

use serde_json::{Value, json};

use super::{Answer, PREFIX, TestContact, string};

pub(crate) const BOUNDARY: &str = "----a-boundary-of-tests";

/// A form with a file: its media type and its body.
pub(crate) fn multipart(fields: &[(&str, &str)], name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (field, value) in fields {
        let part =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    body.extend_from_slice(file_head(name).as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    (media_type(), body)
}

pub(crate) fn media_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// What stands before the bytes of a file, named as browsers name it.
pub(crate) fn file_head(name: &str) -> String {
    let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: text/html\r\n\r\n"
    )
}

impl TestContact<'_> {
    /// Uploads a file; the answer.
    pub(crate) async fn try_upload(&self, name: &str, bytes: &[u8]) -> Answer {
        self.upload_with(&self.token().await, name, bytes).await
    }

    pub(crate) async fn upload_with(&self, token: &str, name: &str, bytes: &[u8]) -> Answer {
        let (content_type, body) = multipart(&[], name, bytes);
        let request = self
            .app
            .http
            .post(format!("{}{PREFIX}/attachments", self.app.base))
            .bearer_auth(token)
            .header("content-type", content_type)
            .body(body);
        self.app.send(request).await
    }

    /// Uploads a file; what is told of it.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> Value {
        self.try_upload(name, bytes).await.ok()["attachment"].clone()
    }

    /// Uploads a file; its id.
    pub(crate) async fn uploaded(&self, name: &str, bytes: &[u8]) -> String {
        string(&self.upload(name, bytes).await["id"])
    }

    /// Writes with files, into a conversation or a new one.
    pub(crate) async fn send_files(&self, conversation: Option<&str>, files: &[&str]) -> Answer {
        let mut fields = json!({"message": "With files", "attachmentIds": files});
        if let Some(conversation) = conversation {
            fields["conversationId"] = json!(conversation);
        }
        self.call("message", fields).await
    }

    /// Fetches a file.
    pub(crate) async fn fetch(&self, id: &str) -> Answer {
        self.by_token(&self.token().await, &format!("attachments/{id}"), json!({}))
            .await
    }
}
