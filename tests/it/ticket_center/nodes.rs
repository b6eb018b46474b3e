//! Several nodes on one PostgreSQL: what changes on one holds on the others within two seconds, and
//! what is written on one is live on the others.

use helpdesky::embeds::origins;
use serde_json::json;

use crate::support::events::EventStream;
use crate::support::{Engine, TestApp, on};

/// The longest that another node may go on with what it knew.
const LONGEST_MS: i64 = 2_000;

#[test]
fn a_change_on_one_node_holds_on_the_others_within_two_seconds() {
    on(Engine::Postgres, async |app: TestApp| {
        let other = app.another_node().await;
        let helpdesk = app.helpdesk("Acme").await;
        let here = app.contact(&helpdesk, "user@example.com");
        let there = other.contact(&helpdesk, "user@example.com");
        let conversation = here.open("Hello").await;
        let token = there.token().await;
        assert_eq!(there.bodies(&conversation).await, ["Hello"]);

        app.set_messaging(&helpdesk, false).await;
        other.advance(LONGEST_MS);
        there
            .call("message", json!({"message": "Hello"}))
            .await
            .refused(403, "messaging_off");
        app.set_messaging(&helpdesk, true).await;

        app.set_domains(&helpdesk, &["example.com"]).await.unwrap();
        other.advance(LONGEST_MS);
        let address = format!("{}/verify", crate::support::PREFIX);
        let evil = [("origin", "https://evil.example")];
        let answer = other.post_with(&address, &there.credentials(), &evil).await;
        answer.refused(403, "origin_not_allowed");

        app.revoke_secret(&helpdesk).await;
        other.advance(LONGEST_MS);
        there
            .call("verify", json!({}))
            .await
            .refused(401, "verification_failed");
        there
            .by_token(&token, "conversations", json!({}))
            .await
            .refused(401, "token_expired");
    });
}

#[test]
fn a_reply_on_one_node_is_live_on_the_others() {
    on(Engine::Postgres, async |app: TestApp| {
        let other = app.another_node().await;
        let helpdesk = app.helpdesk("Acme").await;
        let there = other.contact(&helpdesk, "user@example.com");
        let conversation = there.open("Hello").await;
        let mut stream = EventStream::open(&other, &there.token().await, None).await;
        app.operator_reply(&helpdesk, &conversation, "From the other node")
            .await;
        let event = stream.next_of("message").await;
        assert_eq!(event.data["message"]["body"], "From the other node");
    });
}

#[test]
fn a_page_that_called_one_node_is_known_on_the_others() {
    on(Engine::Postgres, async |app: TestApp| {
        let other = app.another_node().await;
        let helpdesk = app.helpdesk("Acme").await;
        let id = helpdesk.id.parse().expect("an id");
        let address = format!("{}/verify", crate::support::PREFIX);
        for (node, origin) in [(&app, "https://one.example"), (&other, "https://two.example")] {
            let contact = node.contact(&helpdesk, "user@example.com");
            let headers = [("origin", origin)];
            node.post_with(&address, &contact.credentials(), &headers)
                .await
                .ok();
            origins::flush(&node.app).await.expect("written");
        }
        for node in [&app, &other] {
            let seen = origins::recent(&node.app, id).await.expect("origins");
            let names: std::collections::BTreeSet<_> = seen.into_iter().map(|seen| seen.origin).collect();
            let both = ["https://one.example".to_owned(), "https://two.example".to_owned()];
            assert_eq!(names, both.into_iter().collect());
        }
    });
}
