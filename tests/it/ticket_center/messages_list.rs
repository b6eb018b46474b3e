//! A conversation's messages: the newest hundred, oldest first within the page, older by cursor.

use serde_json::{Value, json};

use crate::support::{TestApp, TestContact, array, string};

/// The bodies of all pages, newest page first.
async fn walk(
    contact: &TestContact<'_>,
    token: Option<&str>,
    conversation: &str,
    between: impl AsyncFn(),
) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut more = json!({});
    loop {
        let answer = match token {
            Some(token) => contact
                .by_token(token, &format!("conversations/{conversation}"), more)
                .await
                .ok(),
            None => contact
                .call(&format!("conversations/{conversation}/messages"), more)
                .await
                .ok(),
        };
        assert_eq!(answer["conversation"]["id"], conversation);
        let messages = array(&answer["messages"]);
        let times: Vec<String> = messages
            .iter()
            .map(|message| string(&message["createdAt"]))
            .collect();
        assert!(times.is_sorted(), "oldest first: {times:?}");
        pages.push(messages.iter().map(|message| string(&message["body"])).collect());
        if answer["nextCursor"].is_null() {
            return pages;
        }
        more = json!({"cursor": answer["nextCursor"]});
        between().await;
    }
}

/// Pages as they come, put in the order of writing.
fn in_order(pages: Vec<Vec<String>>) -> Vec<String> {
    pages.into_iter().rev().flatten().collect()
}

both_engines!(
    the_newest_hundred_come_first_and_a_cursor_leads_to_older_ones,
    a_short_history_has_no_cursor,
    who_wrote_a_message_is_told,
    messages_of_the_same_millisecond_keep_one_order_and_none_is_lost,
);

async fn the_newest_hundred_come_first_and_a_cursor_leads_to_older_ones(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Number 0").await;
    let mut written = vec!["Number 0".to_owned()];
    for number in 1..230 {
        let text = format!("Number {number}");
        if number % 4 == 0 {
            app.operator_reply(&helpdesk, &conversation, &text).await;
        } else {
            contact.reply(&conversation, &text).await;
        }
        if number % 10 == 0 {
            app.operator_note(&helpdesk, &conversation, "a private note")
                .await;
        }
        written.push(text);
    }
    let token = contact.token().await;
    for token in [None, Some(token.as_str())] {
        let pages = walk(&contact, token, &conversation, async || ()).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 30]);
        assert_eq!(in_order(pages), written);
    }
    for token in [None, Some(token.as_str())] {
        let pages = walk(&contact, token, &conversation, async || {
            contact.reply(&conversation, "In between").await;
            app.operator_note(&helpdesk, &conversation, "a private note")
                .await;
        })
        .await;
        let old: Vec<String> = in_order(pages)
            .into_iter()
            .filter(|body| body != "In between")
            .collect();
        assert_eq!(old, written, "no gap and no double");
    }
}

async fn a_short_history_has_no_cursor(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("0").await;
    for number in 1..100 {
        contact.reply(&conversation, &number.to_string()).await;
    }
    app.operator_note(
        &helpdesk,
        &conversation,
        "a note that must not make a second page",
    )
    .await;
    let answer = contact.history(&conversation).await;
    assert_eq!(array(&answer["messages"]).len(), 100);
    assert_eq!(answer["nextCursor"], Value::Null);
}

async fn who_wrote_a_message_is_told(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("A question").await;
    let id = app.operator_reply(&helpdesk, &conversation, "An answer").await;
    let messages = array(&contact.history(&conversation).await["messages"]);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[0]["author"], "visitor");
    assert_eq!(messages[1]["author"], "operator");
    assert_eq!(messages[1]["id"], id.as_str());
    assert!(!string(&messages[1]["authorName"]).is_empty());
}

async fn messages_of_the_same_millisecond_keep_one_order_and_none_is_lost(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Start").await;
    let address = format!("{}/message", crate::support::PREFIX);
    for round in 0..3 {
        app.advance(60_000);
        let calls = (0..50).map(|number| {
            let more = json!({"message": format!("{round}-{number}"), "conversationId": conversation});
            let body = crate::support::merged(contact.credentials(), &more);
            let address = &address;
            let app = &app;
            async move { app.post_now(address, &body, &[]).await.ok() }
        });
        futures_util::future::join_all(calls).await;
    }
    let bodies = in_order(walk(&contact, None, &conversation, async || ()).await);
    assert_eq!(
        bodies,
        in_order(walk(&contact, None, &conversation, async || ()).await)
    );
    assert_eq!(bodies.len(), 151);
    let distinct: std::collections::BTreeSet<&String> = bodies.iter().collect();
    assert_eq!(distinct.len(), 151);
}
