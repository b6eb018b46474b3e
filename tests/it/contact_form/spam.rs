//! What is held for spam, and what is none after all.

use helpdesky::conversations::by_operator::{self, Mailing};
use helpdesky::conversations::text::Body;
use helpdesky::conversations::{counts, spam};
use helpdesky::notifications;
use serde_json::json;

use super::received;
use crate::support::{TestApp, string};

both_engines!(
    the_hidden_field_leads_into_spam_and_says_nothing,
    block_lists_lead_into_spam,
    spam_stands_nowhere_but_in_its_list,
    an_operator_puts_an_unverified_conversation_into_spam_and_no_other,
);

async fn the_hidden_field_leads_into_spam_and_says_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let more = json!({"website": "https://spam.example"});
    received(&app.write_by_form(&helpdesk, "a@example.com", "Hello", more).await);
    assert!(app.open_list(&helpdesk).await.is_empty());
    assert_eq!(app.spam_list(&helpdesk).await.len(), 1);
    assert_eq!(app.form_refusals(&helpdesk).await, ["honeypot"]);
}

async fn block_lists_lead_into_spam(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.set_form(&helpdesk, |form| {
        form.protection.blocked_domains = vec!["spam.example".to_owned()];
        form.protection.blocked_words = vec!["cheap pills".to_owned()];
    })
    .await;
    for (email, text, more) in [
        ("a@mx.spam.example", "Hello", json!({})),
        ("a@example.com", "Buy CHEAP\npills now", json!({})),
        ("b@example.com", "Hello", json!({"subject": "cheap pills"})),
        ("c@example.com", "Hello", json!({"name": "Cheap Pills"})),
    ] {
        received(&app.write_by_form(&helpdesk, email, text, more).await);
    }
    assert!(app.open_list(&helpdesk).await.is_empty());
    assert_eq!(app.spam_list(&helpdesk).await.len(), 4);
    received(
        &app.write_by_form(&helpdesk, "d@notspam.example", "cheap and no pills", json!({}))
            .await,
    );
    assert_eq!(app.open_list(&helpdesk).await.len(), 1);
}

async fn spam_stands_nowhere_but_in_its_list(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "victim@example.com");
    let own = contact.open("Mine").await;
    let more = json!({"website": "x"});
    received(
        &app.write_by_form(&helpdesk, "victim@example.com", "BUY", more)
            .await,
    );
    let spam_id = app.spam_list(&helpdesk).await[0].conversation.id;
    let id = spam_id.to_string();
    let listed = contact.conversations().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(string(&listed[0]["id"]), own);
    for path in [
        format!("conversations/{id}/messages"),
        format!("conversations/{id}/close"),
    ] {
        contact
            .call(&path, json!({}))
            .await
            .refused(404, "conversation_not_found");
    }
    let reply = json!({"message": "Hello", "conversationId": id});
    contact
        .call("message", reply)
        .await
        .refused(404, "conversation_not_found");
    notifications::catch_up(&app.app).await.unwrap();
    let helpdesk_id = helpdesk.id.parse().unwrap();
    let mails = notifications::outbox(&app.app, helpdesk_id, notifications::Filter::default(), None)
        .await
        .unwrap();
    assert!(
        mails.items.iter().all(|mail| mail.conversation_id != spam_id),
        "nobody is called to it"
    );
    let member = app.member(&helpdesk).await;
    let numbers = counts::of(&app.app, &member).await.unwrap();
    assert_eq!((numbers.open, numbers.spam), (1, 1));
    let body = Body::parse("Hello").unwrap();
    let refused = by_operator::reply(&app.app, &member, spam_id, body, None, Mailing::Held).await;
    assert_eq!(refused.unwrap_err().code, "is_spam");

    spam::unmark(&app.app, &member, spam_id).await.unwrap();
    assert_eq!(contact.conversations().await.len(), 2);
    let numbers = counts::of(&app.app, &member).await.unwrap();
    assert_eq!((numbers.open, numbers.spam), (2, 0));
    assert_eq!(contact.bodies(&id).await, ["BUY"]);
}

async fn an_operator_puts_an_unverified_conversation_into_spam_and_no_other(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let own = app.contact(&helpdesk, "a@example.com").open("Mine").await;
    let member = app.member(&helpdesk).await;
    let refused = spam::mark(&app.app, &member, own.parse().unwrap()).await;
    assert_eq!(refused.unwrap_err().code, "sender_verified");
    received(
        &app.write_by_form(&helpdesk, "b@example.com", "BUY", json!({}))
            .await,
    );
    let id = app.open_list(&helpdesk).await[0].conversation.id;
    notifications::catch_up(&app.app).await.unwrap();
    spam::mark(&app.app, &member, id).await.unwrap();
    spam::mark(&app.app, &member, id).await.unwrap();
    assert_eq!(app.spam_list(&helpdesk).await.len(), 1);
    // The mail that was held for operators ends without being sent.
    app.advance(120_000);
    let claimed = notifications::claim_due(&app.app, 10).await.unwrap();
    assert!(claimed.iter().all(|mail| mail.conversation_id != id));
    assert_eq!(app.open_list(&helpdesk).await.len(), 1);
}
