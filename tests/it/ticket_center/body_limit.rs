//! Bodies over 256 KiB are refused with an answer the client can read while it is still sending.

use serde_json::json;

use super::complete;
use crate::support::{PREFIX, TestApp, raw};

const LIMIT: usize = 256 * 1024;

/// The JSON with white space after it, to this length.
fn padded(json: &str, length: usize) -> Vec<u8> {
    let mut bytes = json.as_bytes().to_vec();
    bytes.resize(length, b' ');
    bytes
}

both_engines!(
    a_body_at_the_limit_is_read_and_one_byte_more_is_not,
    a_large_body_is_refused_readably_while_the_client_still_sends,
    a_large_body_of_another_kind_is_refused_readably_too,
    a_connection_serves_on_after_a_refused_body,
);

async fn a_body_at_the_limit_is_read_and_one_byte_more_is_not(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let fields = complete(&contact).to_string();
    let path = format!("{PREFIX}/message");
    raw::post_bytes(&app, &path, &padded(&fields, LIMIT)).await.ok();
    let before = app.counts().await;
    raw::post_bytes(&app, &path, &padded(&fields, LIMIT + 1))
        .await
        .refused(413, "body_too_large");
    assert_eq!(app.counts().await, before);
}

async fn a_large_body_is_refused_readably_while_the_client_still_sends(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let fields = complete(&contact).to_string();
    let path = format!("{PREFIX}/message");
    for megabytes in [1, 5, 15] {
        let body = padded(&fields, megabytes * 1024 * 1024);
        raw::post_bytes(&app, &path, &body)
            .await
            .refused(413, "body_too_large");

        let mut pieces = vec![raw::head(
            &app,
            "POST",
            &path,
            &["Content-Type: application/json", "Transfer-Encoding: chunked"],
        )];
        for bytes in body.chunks(60_000) {
            pieces.push([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat());
        }
        pieces.push(b"0\r\n\r\n".to_vec());
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        raw::send(&app, &pieces).await.refused(413, "body_too_large");
    }
    assert_eq!(app.counts().await.contacts, 0);
}

async fn a_large_body_of_another_kind_is_refused_readably_too(app: TestApp) {
    let body = "x".repeat(5 * 1024 * 1024);
    let length = format!("Content-Length: {}", body.len());
    for (method, status, code) in [
        ("POST", 415, "unsupported_media_type"),
        ("PUT", 405, "method_not_allowed"),
    ] {
        let path = format!("{PREFIX}/message");
        let head = raw::head(&app, method, &path, &["Content-Type: text/plain", &length]);
        raw::send(&app, &[&head, body.as_bytes()])
            .await
            .refused(status, code);
    }
}

async fn a_connection_serves_on_after_a_refused_body(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for _ in 0..5 {
        contact
            .call("message", json!({"message": "x".repeat(600_000)}))
            .await
            .refused(413, "body_too_large");
        contact.verify().await;
    }
}
