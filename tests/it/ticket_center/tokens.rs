//! Tokens: of one helpdesk and one contact, for an hour, and only as they were given out.

use serde_json::json;

use crate::support::{PREFIX, TestApp, TestContact};

/// The token paths for a conversation.
fn paths(conversation: &str) -> [String; 4] {
    [
        "conversations".to_owned(),
        format!("conversations/{conversation}"),
        format!("conversations/{conversation}/read"),
        "stream".to_owned(),
    ]
}

async fn refused_everywhere(contact: &TestContact<'_>, authorization: Option<&str>, conversation: &str) {
    for path in paths(conversation) {
        let headers: Vec<(&str, &str)> = authorization
            .map(|value| ("authorization", value))
            .into_iter()
            .collect();
        let answer = contact
            .app
            .post_with(&format!("{PREFIX}/{path}"), &json!({}), &headers)
            .await;
        assert_eq!(answer.status, 401, "{path} {authorization:?}");
        answer.refused(401, "token_expired");
    }
}

both_engines!(
    a_token_sees_its_own_contact_and_no_other,
    what_is_no_token_is_refused,
    a_token_with_one_letter_changed_is_refused,
    a_token_ends_after_an_hour,
    a_token_does_not_replace_a_signature,
    a_token_in_the_address_or_the_body_is_not_read,
);

async fn a_token_sees_its_own_contact_and_no_other(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let parties = [
        app.contact(&acme, "a@example.com"),
        app.contact(&acme, "b@example.com"),
        app.contact(&globex, "a@example.com"),
    ];
    for contact in &parties {
        let own = contact.open("Mine").await;
        let token = contact.token().await;
        let listed = contact
            .by_token(
                &token,
                "conversations",
                json!({"helpdeskId": globex.id, "email": "b@example.com"}),
            )
            .await
            .ok();
        assert_eq!(listed["conversations"].as_array().unwrap().len(), 1);
        assert_eq!(listed["conversations"][0]["id"], own.as_str());
    }
}

async fn what_is_no_token_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let token = contact.token().await;
    refused_everywhere(&contact, None, &conversation).await;
    let signature = contact.credentials()["signature"].as_str().unwrap().to_owned();
    let wrong = [
        String::new(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        token.clone(),
        format!("Basic {token}"),
        format!("Bearer {token}x"),
        format!("Bearer x{token}"),
        format!("Bearer {token} {token}"),
        format!("Bearer {signature}"),
        format!("Bearer {}", helpdesk.id),
        format!("Bearer {}", token.to_uppercase()),
        "Bearer null".to_owned(),
        format!("Bearer {}", "A".repeat(4_000)),
    ];
    for value in &wrong {
        refused_everywhere(&contact, Some(value), &conversation).await;
    }
    contact.by_token(&token, "conversations", json!({})).await.ok();
}

async fn a_token_with_one_letter_changed_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.open("Hello").await;
    let token = contact.token().await;
    assert!(token.is_ascii() && token.len() >= 22, "128 bits or more: {token}");
    for at in 0..token.len() {
        // Another letter of the same class: the far end of the alphabet, so that bits really differ.
        let other = match token.as_bytes()[at] {
            letter @ b'a'..=b'm' | letter @ b'A'..=b'M' => char::from(letter + 13),
            letter @ b'n'..=b'z' | letter @ b'N'..=b'Z' => char::from(letter - 13),
            letter @ b'0'..=b'4' => char::from(letter + 5),
            letter @ b'5'..=b'9' => char::from(letter - 5),
            _ => 'A',
        };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        contact
            .by_token(&changed, "conversations", json!({}))
            .await
            .refused(401, "token_expired");
        contact
            .by_token(&token[..at], "conversations", json!({}))
            .await
            .refused(401, "token_expired");
    }
}

async fn a_token_ends_after_an_hour(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let token = contact.token().await;
    app.advance(3_600_000 - 200);
    contact.by_token(&token, "conversations", json!({})).await.ok();
    app.advance(200);
    refused_everywhere(&contact, Some(&format!("Bearer {token}")), &conversation).await;
    let renewed = contact.token().await;
    contact.by_token(&renewed, "conversations", json!({})).await.ok();
}

async fn a_token_does_not_replace_a_signature(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let bearer = format!("Bearer {}", contact.token().await);
    let before = app.counts().await;
    for path in super::documented_calls(&conversation) {
        let body = json!({"helpdeskId": helpdesk.id, "email": contact.email, "message": "Hello"});
        let answer = app
            .post_with(&format!("{PREFIX}/{path}"), &body, &[("authorization", &bearer)])
            .await;
        answer.names_field("signature");
    }
    assert_eq!(app.counts().await, before);
}

async fn a_token_in_the_address_or_the_body_is_not_read(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let token = contact.token().await;
    let address = format!("{PREFIX}/conversations?token={token}&access_token={token}");
    let body = json!({"token": token, "access_token": token, "authorization": format!("Bearer {token}")});
    app.post_with(&address, &body, &[])
        .await
        .refused(401, "token_expired");
}
