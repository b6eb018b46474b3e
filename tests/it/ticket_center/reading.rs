//! What is unread, and the only calls that mark it read.

use serde_json::json;

use crate::support::TestApp;

both_engines!(
    replies_of_operators_are_unread_until_the_history_is_asked_for,
    only_read_marks_among_the_token_paths,
    each_conversation_is_read_alone,
    marking_read_moves_nothing_else,
    writing_is_not_reading,
);

async fn replies_of_operators_are_unread_until_the_history_is_asked_for(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let unread = async || contact.listed(&conversation).await["unreadCount"].clone();
    assert_eq!(unread().await, 0, "one's own message is read");
    for number in 1..=3 {
        app.operator_reply(&helpdesk, &conversation, "An answer").await;
        assert_eq!(unread().await, number);
    }
    app.operator_note(&helpdesk, &conversation, "A note").await;
    assert_eq!(
        unread().await,
        3,
        "verify marks nothing, a note counts for nothing"
    );
    assert_eq!(
        contact.history(&conversation).await["conversation"]["unreadCount"],
        0
    );
    assert_eq!(unread().await, 0);
    app.operator_reply(&helpdesk, &conversation, "One more").await;
    assert_eq!(unread().await, 1);
}

async fn only_read_marks_among_the_token_paths(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let token = contact.token().await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    let unread = async || contact.listed(&conversation).await["unreadCount"].clone();
    for _ in 0..2 {
        let list = contact.by_token(&token, "conversations", json!({})).await.ok();
        assert_eq!(list["conversations"][0]["unreadCount"], 1);
        let shown = contact
            .by_token(&token, &format!("conversations/{conversation}"), json!({}))
            .await
            .ok();
        assert_eq!(shown["conversation"]["unreadCount"], 1);
        assert_eq!(shown["messages"][1]["body"], "An answer");
    }
    let mut stream = crate::support::events::EventStream::open(&app, &token, None).await;
    app.operator_reply(&helpdesk, &conversation, "Another").await;
    stream.next_of("message").await;
    assert_eq!(unread().await, 2, "neither lists nor streams mark");

    let read = contact
        .by_token(&token, &format!("conversations/{conversation}/read"), json!({}))
        .await
        .ok();
    assert_eq!(read["conversation"]["unreadCount"], 0);
    assert_eq!(unread().await, 0);
}

async fn each_conversation_is_read_alone(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let (first, second) = (contact.open("First").await, contact.open("Second").await);
    for conversation in [&first, &second] {
        app.operator_reply(&helpdesk, conversation, "An answer").await;
    }
    contact.history(&first).await;
    assert_eq!(contact.listed(&first).await["unreadCount"], 0);
    assert_eq!(contact.listed(&second).await["unreadCount"], 1);
}

async fn marking_read_moves_nothing_else(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    let mut before = contact.listed(&conversation).await;
    contact.history(&conversation).await;
    before["unreadCount"] = json!(0);
    assert_eq!(contact.listed(&conversation).await, before);
}

async fn writing_is_not_reading(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    app.operator_reply(&helpdesk, &conversation, "An answer").await;
    app.operator_reply(&helpdesk, &conversation, "Another").await;
    let answer = contact.reply(&conversation, "One more question").await;
    assert_eq!(answer["conversation"]["unreadCount"], 2);
    assert_eq!(contact.listed(&conversation).await["unreadCount"], 2);
    contact.history(&conversation).await;
    assert_eq!(contact.listed(&conversation).await["unreadCount"], 0);
    contact.reply(&conversation, "Thank you").await;
    assert_eq!(contact.listed(&conversation).await["unreadCount"], 0);
    app.operator_reply(&helpdesk, &conversation, "Welcome").await;
    assert_eq!(contact.listed(&conversation).await["unreadCount"], 1);
}
