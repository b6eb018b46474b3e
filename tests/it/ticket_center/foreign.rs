//! What is somebody else's is answered exactly as what never existed.

use serde_json::json;

use super::NO_SUCH_ID;
use crate::support::{Answer, Engine, TestApp, TestContact};

/// The three documented calls that name a conversation.
async fn attempts(contact: &TestContact<'_>, conversation: &str) -> Vec<Answer> {
    vec![
        contact
            .call(&format!("conversations/{conversation}/messages"), json!({}))
            .await,
        contact
            .call(&format!("conversations/{conversation}/close"), json!({}))
            .await,
        contact
            .call(
                "message",
                json!({"message": "Intruding", "conversationId": conversation}),
            )
            .await,
    ]
}

/// The token paths that name one.
async fn token_attempts(contact: &TestContact<'_>, token: &str, conversation: &str) -> Vec<Answer> {
    vec![
        contact
            .by_token(token, &format!("conversations/{conversation}"), json!({}))
            .await,
        contact
            .by_token(token, &format!("conversations/{conversation}/read"), json!({}))
            .await,
    ]
}

fn assert_alike(foreign: &[Answer], never: &[Answer]) {
    for (foreign, never) in foreign.iter().zip(never) {
        foreign.refused(404, "conversation_not_found");
        assert_eq!(foreign.status, never.status);
        assert_eq!(foreign.text(), never.text());
        assert_eq!(foreign.comparable_headers(), never.comparable_headers());
    }
    assert_eq!(foreign.len(), never.len());
}

both_engines!(
    a_foreign_conversation_is_answered_as_one_that_never_was,
    an_id_that_is_no_id_is_not_found_as_well,
    messages_and_close_of_an_unknown_contact_are_not_found,
    a_message_alone_makes_its_contact,
    a_foreign_attachment_is_never_attached,
    a_foreign_conversation_is_never_locked,
);

async fn a_foreign_conversation_is_answered_as_one_that_never_was(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let owner = app.contact(&acme, "owner@example.com");
    let conversation = owner.open("Mine").await;
    app.operator_reply(&acme, &conversation, "Yours").await;
    let before = (app.counts().await, owner.listed(&conversation).await);

    let intruders = [
        app.contact(&acme, "other@example.com"),
        app.contact(&globex, "owner@example.com"),
        app.contact(&globex, "other@example.com"),
    ];
    for intruder in &intruders {
        intruder.verify().await;
    }
    let known = app.counts().await;
    for intruder in &intruders {
        let token = intruder.token().await;
        assert_alike(
            &attempts(intruder, &conversation).await,
            &attempts(intruder, NO_SUCH_ID).await,
        );
        let foreign = token_attempts(intruder, &token, &conversation).await;
        assert_alike(&foreign, &token_attempts(intruder, &token, NO_SUCH_ID).await);
    }
    assert_eq!(app.counts().await, known, "nothing was written");
    assert_eq!(
        owner.listed(&conversation).await,
        before.1,
        "unread, open, and as it was"
    );
    assert_eq!(owner.bodies(&conversation).await, ["Mine", "Yours"]);
}

async fn an_id_that_is_no_id_is_not_found_as_well(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Mine").await;
    let before = app.counts().await;
    let never = contact
        .call(
            "message",
            json!({"message": "Hello", "conversationId": NO_SUCH_ID}),
        )
        .await;
    let texts = [
        "",
        "x",
        "0",
        "null",
        "undefined",
        "../x",
        "' OR 1=1 --",
        "\0",
        "é",
        &conversation.to_uppercase()[..35],
        "00000000-0000-0000-0000-000000000000",
    ];
    for text in texts {
        let answer = contact
            .call("message", json!({"message": "Hello", "conversationId": text}))
            .await;
        assert_alike(&[answer], std::slice::from_ref(&never));
    }
    assert_eq!(app.counts().await, before);
}

async fn messages_and_close_of_an_unknown_contact_are_not_found(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "owner@example.com").open("Mine").await;
    let newcomer = app.contact(&helpdesk, "new@example.com");
    for verb in ["messages", "close"] {
        for id in [conversation.as_str(), NO_SUCH_ID] {
            newcomer
                .call(&format!("conversations/{id}/{verb}"), json!({}))
                .await
                .refused(404, "conversation_not_found");
        }
    }
    let before = app.counts().await.conversations;
    newcomer
        .call(
            "message",
            json!({"message": "Hello", "conversationId": conversation}),
        )
        .await
        .refused(404, "conversation_not_found");
    assert_eq!(app.counts().await.conversations, before);
}

async fn a_message_alone_makes_its_contact(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "new@example.com");
    let conversation = contact.open("The first call ever").await;
    assert_eq!(app.counts().await.contacts, 1);
    assert_eq!(contact.bodies(&conversation).await, ["The first call ever"]);
    assert_eq!(app.counts().await.contacts, 1);
}

async fn a_foreign_attachment_is_never_attached(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let before = app.counts().await;
    let answer = contact
        .call(
            "message",
            json!({"message": "Hello", "attachmentIds": [NO_SUCH_ID]}),
        )
        .await;
    assert!(
        (400..500).contains(&answer.status),
        "{}: {}",
        answer.status,
        answer.text()
    );
    assert_eq!(app.counts().await.messages, before.messages);
    contact
        .call("message", json!({"message": "Hello", "attachmentIds": []}))
        .await
        .ok();
}

async fn a_foreign_conversation_is_never_locked(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let owner = app.contact(&helpdesk, "owner@example.com");
    let conversation = owner.open("Hello").await;
    let stranger = app.contact(&helpdesk, "stranger@example.com");
    stranger.verify().await;
    // PostgreSQL notes on a row which transaction locked it last, also one that was undone.
    let sql = match app.engine {
        Engine::Sqlite => "SELECT CAST(message_count AS TEXT) FROM conversations",
        Engine::Postgres => "SELECT CAST(xmax AS TEXT) FROM conversations",
    };
    let locked_by = async || -> Result<Option<String>, db::Error> {
        let read = app.app.db();
        read.read(async move |tx: &mut db::Tx| tx.first(sql, &[], |row| row.get(0)).await)
            .await
    };
    let before = locked_by().await.unwrap();
    attempts(&stranger, &conversation).await;
    assert_eq!(locked_by().await.unwrap(), before);
}
