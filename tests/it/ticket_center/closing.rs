//! A contact closes a conversation, and opens it again by writing.

use serde_json::json;

use crate::support::TestApp;

both_engines!(
    closing_closes_and_closing_again_does_nothing,
    writing_into_a_closed_conversation_opens_it,
    a_note_opens_nothing,
    closing_twenty_times_at_once_is_closing_once,
);

async fn closing_closes_and_closing_again_does_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let untouched = contact.open("Another").await;
    let closed = contact.close(&conversation).await["conversation"].clone();
    assert_eq!(closed["status"], "closed");
    assert_eq!(closed["id"], conversation.as_str());
    let mut fewest = u64::MAX;
    for _ in 0..10 {
        let before = app.app.db().stats().commits;
        contact.close(&conversation).await;
        fewest = fewest.min(app.app.db().stats().commits - before);
    }
    // The fewest of several, because the program's own work commits as well.
    assert_eq!(fewest, 0, "that costs no commit");
    app.advance(3_000_000);
    assert_eq!(
        contact.close(&conversation).await["conversation"],
        closed,
        "a no-op"
    );
    assert_eq!(contact.listed(&conversation).await, closed);
    assert_eq!(contact.listed(&untouched).await["status"], "open");
    assert_eq!(
        contact.bodies(&conversation).await,
        ["Hello"],
        "the history stays"
    );
}

async fn writing_into_a_closed_conversation_opens_it(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    for round in 0..2 {
        if round == 0 {
            contact.close(&conversation).await;
        } else {
            app.operator_close(&helpdesk, &conversation).await;
        }
        assert_eq!(contact.listed(&conversation).await["status"], "closed");
        let answer = contact.reply(&conversation, "Still broken").await;
        assert_eq!(answer["conversationId"], conversation.as_str());
        assert_eq!(answer["conversation"]["status"], "open");
        assert_eq!(contact.listed(&conversation).await["status"], "open");
    }
    assert_eq!(contact.conversations().await.len(), 1);
}

async fn a_note_opens_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    contact.close(&conversation).await;
    app.operator_note(&helpdesk, &conversation, "For us").await;
    assert_eq!(contact.listed(&conversation).await["status"], "closed");
    app.operator_reopen(&helpdesk, &conversation).await;
    assert_eq!(contact.listed(&conversation).await["status"], "open");
}

async fn closing_twenty_times_at_once_is_closing_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let path = format!("conversations/{conversation}/close");
    let calls = (0..20).map(|_| contact.call(&path, json!({})));
    for answer in futures_util::future::join_all(calls).await {
        assert_eq!(answer.ok()["conversation"]["status"], "closed");
    }
}
