//! The answers have the promised fields and no others.

use serde_json::{Value, json};

use crate::support::{TestApp, array, string};

#[track_caller]
fn has_exactly(value: &Value, fields: &[&str]) {
    let mut found: Vec<&String> = value
        .as_object()
        .unwrap_or_else(|| panic!("an object: {value}"))
        .keys()
        .collect();
    found.sort();
    let mut expected: Vec<&str> = fields.to_vec();
    expected.sort_unstable();
    assert_eq!(found, expected, "{value}");
}

/// ISO 8601, in UTC.
#[track_caller]
fn is_time(value: &Value) {
    let text = string(value);
    let time: jiff::Timestamp = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
    assert!(text.ends_with('Z') && text.contains('T'), "{text}");
    assert!(time.as_millisecond() > 0);
}

/// A UUID of version 7.
#[track_caller]
fn is_id(value: &Value) {
    let id: uuid::Uuid = string(value)
        .parse()
        .unwrap_or_else(|error| panic!("{value}: {error}"));
    assert_eq!(id.get_version_num(), 7, "{value}");
}

#[track_caller]
fn is_conversation(value: &Value) {
    has_exactly(
        value,
        &[
            "id",
            "subject",
            "preview",
            "status",
            "channel",
            "unreadCount",
            "createdAt",
            "lastMessageAt",
        ],
    );
    is_id(&value["id"]);
    is_time(&value["createdAt"]);
    is_time(&value["lastMessageAt"]);
    assert!(value["unreadCount"].is_u64());
    assert!(value["subject"].is_string() && value["preview"].is_string());
    assert!(["open", "closed"].contains(&string(&value["status"]).as_str()));
    assert_eq!(value["channel"], "ticket_center");
}

#[track_caller]
fn is_message(value: &Value) {
    has_exactly(
        value,
        &[
            "id",
            "author",
            "authorName",
            "body",
            "html",
            "attachments",
            "createdAt",
        ],
    );
    is_id(&value["id"]);
    is_time(&value["createdAt"]);
    assert!(["visitor", "operator"].contains(&string(&value["author"]).as_str()));
    assert!(value["html"].is_null() || value["html"].is_string());
    assert_eq!(value["attachments"], json!([]));
}

both_engines!(
    every_answer_has_its_promised_fields,
    the_preview_begins_as_the_latest_public_message,
    the_token_expires_an_hour_from_now,
);

async fn every_answer_has_its_promised_fields(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let sent = contact.call("message", json!({"message": "Hello"})).await.ok();
    has_exactly(&sent, &["conversationId", "conversation", "message"]);
    is_conversation(&sent["conversation"]);
    is_message(&sent["message"]);
    assert_eq!(sent["conversation"]["id"], sent["conversationId"]);
    assert_eq!(
        sent["conversation"]["lastMessageAt"],
        sent["message"]["createdAt"]
    );
    let conversation = string(&sent["conversationId"]);
    app.operator_reply(&helpdesk, &conversation, "An answer").await;

    let verified = contact.verify().await;
    for field in [
        "contact",
        "conversations",
        "nextCursor",
        "token",
        "expiresAt",
        "helpdesk",
        "live",
        "strings",
        "direction",
    ] {
        assert!(verified.get(field).is_some(), "{field}: {verified}");
    }
    has_exactly(&verified["contact"], &["id", "email", "name"]);
    is_id(&verified["contact"]["id"]);
    is_time(&verified["expiresAt"]);
    assert_eq!(verified["helpdesk"]["name"], "Acme");
    assert_eq!(verified["helpdesk"]["messaging"], true);
    assert_eq!(verified["direction"], "ltr");
    array(&verified["conversations"]).iter().for_each(is_conversation);

    let history = contact.history(&conversation).await;
    has_exactly(&history, &["conversation", "messages", "nextCursor"]);
    is_conversation(&history["conversation"]);
    array(&history["messages"]).iter().for_each(is_message);

    let closed = contact.close(&conversation).await;
    has_exactly(&closed, &["conversation"]);
    is_conversation(&closed["conversation"]);

    let token = string(&verified["token"]);
    let listed = contact.by_token(&token, "conversations", json!({})).await.ok();
    has_exactly(&listed, &["conversations", "nextCursor"]);
    array(&listed["conversations"]).iter().for_each(is_conversation);
    let shown = contact
        .by_token(&token, &format!("conversations/{conversation}"), json!({}))
        .await
        .ok();
    has_exactly(&shown, &["conversation", "messages", "nextCursor"]);
    array(&shown["messages"]).iter().for_each(is_message);
    let read = contact
        .by_token(&token, &format!("conversations/{conversation}/read"), json!({}))
        .await
        .ok();
    has_exactly(&read, &["conversation"]);
    is_conversation(&read["conversation"]);
}

async fn the_preview_begins_as_the_latest_public_message(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact
        .open("The first message of this conversation, at some length")
        .await;
    let preview = async || string(&contact.listed(&conversation).await["preview"]);
    assert!(preview().await.starts_with("The first message of thi"));
    app.operator_reply(&helpdesk, &conversation, "An operator's answer, also rather long")
        .await;
    assert!(preview().await.starts_with("An operator's answer, al"));
    app.operator_note(&helpdesk, &conversation, "A note that nobody outside sees")
        .await;
    assert!(preview().await.starts_with("An operator's answer, al"));
}

async fn the_token_expires_an_hour_from_now(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let first: jiff::Timestamp = string(&contact.verify().await["expiresAt"]).parse().unwrap();
    app.advance(500_000 - 100);
    let second: jiff::Timestamp = string(&contact.verify().await["expiresAt"]).parse().unwrap();
    assert_eq!(second.as_millisecond() - first.as_millisecond(), 500_000);
    let sent: jiff::Timestamp =
        string(&contact.call("message", json!({"message": "Hello"})).await.ok()["message"]["createdAt"])
            .parse()
            .unwrap();
    assert_eq!(second.as_millisecond() - sent.as_millisecond(), 3_600_000 - 100);
}
