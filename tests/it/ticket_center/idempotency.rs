//! A message sent again with its key is the same message.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{TestApp, string};

fn ids(answer: &Value) -> (String, String) {
    (
        string(&answer["conversationId"]),
        string(&answer["message"]["id"]),
    )
}

both_engines!(
    any_text_as_a_key_is_a_key_or_refused_by_name,
    the_same_key_with_the_same_body_is_one_message,
    the_same_key_with_another_body_is_a_conflict,
    a_key_belongs_to_one_contact,
    twenty_posts_at_once_with_one_key_are_one_message,
    a_first_contact_that_calls_many_times_at_once_is_made_once,
    a_refused_message_does_not_use_up_its_key,
);

async fn the_same_key_with_the_same_body_is_one_message(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let more = json!({"message": "Hello", "idempotencyKey": "key-1"});
    let first = contact.call("message", more.clone()).await.ok();
    for _ in 0..3 {
        app.advance(60_000);
        assert_eq!(
            ids(&contact.call("message", more.clone()).await.ok()),
            ids(&first)
        );
    }
    let conversation = ids(&first).0;
    assert_eq!(contact.bodies(&conversation).await, ["Hello"]);

    let reply = json!({"message": "More", "conversationId": conversation, "idempotencyKey": "key-2"});
    let answer = contact.call("message", reply.clone()).await.ok();
    contact.close(&conversation).await;
    assert_eq!(ids(&contact.call("message", reply).await.ok()), ids(&answer));
    assert_eq!(contact.bodies(&conversation).await, ["Hello", "More"]);
    assert_eq!(
        contact.listed(&conversation).await["status"],
        "closed",
        "a repetition does nothing again"
    );
}

async fn the_same_key_with_another_body_is_a_conflict(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let other = contact.open("Another").await;
    contact
        .call("message", json!({"message": "Hello", "idempotencyKey": "key"}))
        .await
        .ok();
    let before = app.counts().await;
    let others = [
        json!({"message": "Hello!", "idempotencyKey": "key"}),
        json!({"message": "Hello ", "idempotencyKey": "key"}),
        json!({"message": "Hello", "conversationId": other, "idempotencyKey": "key"}),
    ];
    for more in others {
        contact
            .call("message", more)
            .await
            .refused(409, "idempotency_conflict");
    }
    assert_eq!(app.counts().await, before);
}

async fn a_key_belongs_to_one_contact(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let mut made = BTreeSet::new();
    for (helpdesk, email) in [
        (&acme, "a@example.com"),
        (&acme, "b@example.com"),
        (&globex, "a@example.com"),
    ] {
        let more = json!({"message": format!("From {email}"), "idempotencyKey": "shared"});
        made.insert(ids(&app
            .contact(helpdesk, email)
            .call("message", more)
            .await
            .ok()));
    }
    assert_eq!(made.len(), 3);
}

async fn twenty_posts_at_once_with_one_key_are_one_message(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for round in 0..5 {
        let more = json!({"message": "Hello", "idempotencyKey": format!("round-{round}")});
        let calls = (0..20).map(|_| contact.call("message", more.clone()));
        let answers = futures_util::future::join_all(calls).await;
        let made: BTreeSet<_> = answers.iter().map(|answer| ids(&answer.ok())).collect();
        assert_eq!(made.len(), 1);
    }
    assert_eq!(app.counts().await.messages, 5);
    assert_eq!(app.counts().await.contacts, 1);
}

async fn a_first_contact_that_calls_many_times_at_once_is_made_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "new@example.com");
    let answers = futures_util::future::join_all((0..20).map(|_| contact.verify())).await;
    let made: BTreeSet<_> = answers
        .iter()
        .map(|answer| string(&answer["contact"]["id"]))
        .collect();
    assert_eq!(made.len(), 1);
    assert_eq!(app.counts().await.contacts, 1);
}

async fn a_refused_message_does_not_use_up_its_key(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact
        .call("message", json!({"message": " ", "idempotencyKey": "key"}))
        .await
        .refused(422, "message_empty");
    contact
        .call("message", json!({"message": "Hello", "idempotencyKey": "key"}))
        .await
        .ok();
}

async fn any_text_as_a_key_is_a_key_or_refused_by_name(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let texts = [
        String::new(),
        " ".to_owned(),
        "\0".to_owned(),
        "a\0b".to_owned(),
        "line\nbreak".to_owned(),
        "😀".repeat(100),
        "'; DROP TABLE messages; --".to_owned(),
        "k".repeat(255),
        "k".repeat(9_000),
        "k".repeat(100_000),
    ];
    for key in texts {
        let more = json!({"message": "Hello", "idempotencyKey": key});
        let first = contact.call("message", more.clone()).await;
        let again = contact.call("message", more).await;
        if first.status == 200 {
            assert_eq!(ids(&first.ok()), ids(&again.ok()), "{} bytes", key.len());
        } else {
            first.names_field("idempotencyKey");
            again.names_field("idempotencyKey");
        }
    }
    let uuid = json!({"message": "Hello", "idempotencyKey": "0190f3b1-7b1e-7a53-8f1c-2f0a3c1d9e11"});
    contact.call("message", uuid).await.ok();
}
