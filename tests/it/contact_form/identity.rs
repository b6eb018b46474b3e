//! Who writes by form has proved nothing, and gains nothing.

use serde_json::{Value, json};

use super::received;
use crate::support::{TestApp, array, string};

both_engines!(
    the_family_holds_together_in_one_contact_and_two_conversations,
    a_form_never_writes_into_a_verified_conversation,
    what_the_sender_gets_opens_nothing,
    the_answer_does_not_tell_who_is_known,
    the_owner_of_the_address_hears_of_it_live,
);

async fn the_family_holds_together_in_one_contact_and_two_conversations(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "marta@oliveira.example");
    let signed = contact.open("Written signed in").await;
    received(
        &app.write_by_form(&helpdesk, "MARTA@oliveira.example", "Written by form", json!({}))
            .await,
    );
    assert_eq!(app.counts().await.contacts, 1);
    let listed = contact.conversations().await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        listed[0]["channel"], "contact_form",
        "how an unverified one is told"
    );
    assert_eq!(listed[0]["preview"], "Written by form");
    assert_eq!(listed[1]["id"], Value::from(signed.as_str()));
    assert_eq!(listed[1]["channel"], "ticket_center");
    let by_form = string(&listed[0]["id"]);
    assert_eq!(contact.bodies(&by_form).await, ["Written by form"]);
    assert_eq!(contact.bodies(&signed).await, ["Written signed in"]);
    // Nobody else's list has it.
    assert!(
        app.contact(&helpdesk, "other@example.com")
            .conversations()
            .await
            .is_empty()
    );
    let rows = app.open_list(&helpdesk).await;
    assert!(rows[0].conversation.unverified && !rows[1].conversation.unverified);
    assert_eq!(rows[0].contact.id, rows[1].contact.id);
}

async fn a_form_never_writes_into_a_verified_conversation(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "victim@example.com");
    let signed = contact.open("Mine").await;
    let more = json!({"conversationId": signed, "subject": "Mine", "signature": "0".repeat(64)});
    received(
        &app.write_by_form(&helpdesk, "victim@example.com", "Give it to me", more)
            .await,
    );
    assert_eq!(contact.bodies(&signed).await, ["Mine"]);
    assert_eq!(contact.listed(&signed).await["preview"], "Mine");
    assert_eq!(app.counts().await.conversations, 2);
    // The owner answers in it: the first message stays what it was.
    let by_form = string(&contact.conversations().await[0]["id"]);
    contact.reply(&by_form, "That was not me").await;
    let rows = app.open_list(&helpdesk).await;
    assert!(rows[0].conversation.unverified);
    assert_eq!(contact.listed(&by_form).await["channel"], "contact_form");
}

async fn what_the_sender_gets_opens_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let body = filled.with("no-reply@some-saas.example", "Hello", &json!({}));
    received(&app.send_form(&body).await);
    let id = app.open_list(&helpdesk).await[0].conversation.id.to_string();
    app.operator_reply(&helpdesk, &id, "Your code is 123456").await;
    let bearer = format!("Bearer {}", filled.token);
    for path in [
        "verify".to_owned(),
        "message".to_owned(),
        "conversations".to_owned(),
        "stream".to_owned(),
        format!("conversations/{id}"),
        format!("conversations/{id}/messages"),
        format!("conversations/{id}/close"),
    ] {
        let body = json!({"helpdeskId": helpdesk.id, "email": "no-reply@some-saas.example",
            "signature": filled.token, "token": filled.token, "message": "x", "after": ""});
        let answer = app
            .post_with(
                &format!("/api/messaging/ticket-center/{path}"),
                &body,
                &[("authorization", &bearer)],
            )
            .await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.text());
        assert!(!answer.text().contains("123456"));
    }
}

async fn the_answer_does_not_tell_who_is_known(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.contact(&helpdesk, "known@example.com").open("Hello").await;
    let known = app
        .write_by_form(&helpdesk, "known@example.com", "Hello", json!({}))
        .await;
    let unknown = app
        .write_by_form(&helpdesk, "unknown@example.com", "Hello", json!({}))
        .await;
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    let without_date = |answer: &crate::support::Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("date");
        headers
    };
    assert_eq!(without_date(&known), without_date(&unknown));
}

async fn the_owner_of_the_address_hears_of_it_live(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "marta@oliveira.example");
    let token = contact.token().await;
    received(
        &app.write_by_form(&helpdesk, "marta@oliveira.example", "Hello", json!({}))
            .await,
    );
    let listed = contact.by_token(&token, "conversations", json!({})).await.ok();
    assert_eq!(array(&listed["conversations"]).len(), 1);
}
