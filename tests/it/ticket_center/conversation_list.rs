//! The list: open and closed together, newest first, fifty a page, complete under a cursor.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{TestApp, TestContact, array, string};

/// What no cursor ever looked like.
pub(super) fn nonsense() -> Vec<String> {
    let fixed = [
        "x",
        "0",
        "-1",
        "1e9",
        "NaN",
        "null",
        "undefined",
        " ",
        "'; --",
        "é",
        "\0",
        "AAAA",
        "////",
        "e30=",
        "../..",
        "1|2",
        "1:2:3",
    ];
    let mut nonsense: Vec<String> = fixed.map(str::to_owned).to_vec();
    nonsense.push("A".repeat(10_000));
    nonsense
}

/// All ids from a cursor on, page by page, calling `between` before each next page.
async fn walk(contact: &TestContact<'_>, token: Option<&str>, between: impl AsyncFn()) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut more = json!({});
    loop {
        let answer = match token {
            Some(token) => contact.by_token(token, "conversations", more).await.ok(),
            None => contact.call("verify", more).await.ok(),
        };
        let list = array(&answer["conversations"]);
        let times: Vec<String> = list
            .iter()
            .map(|listed| string(&listed["lastMessageAt"]))
            .collect();
        assert!(
            times.is_sorted_by(|newer, older| newer >= older),
            "newest first: {times:?}"
        );
        pages.push(list.iter().map(|listed| string(&listed["id"])).collect());
        if answer["nextCursor"].is_null() {
            return pages;
        }
        more = json!({"cursor": answer["nextCursor"]});
        between().await;
    }
}

both_engines!(
    an_empty_list_has_no_cursor,
    fifty_a_page_newest_first_open_and_closed_alike,
    exactly_one_page_has_no_cursor,
    conversations_of_the_same_millisecond_are_all_listed_once,
    pages_stay_complete_while_new_conversations_arrive,
    a_reply_moves_a_conversation_to_the_top,
    a_cursor_of_nonsense_is_refused_by_name,
    another_contacts_cursor_opens_nothing_of_theirs,
    asking_for_more_than_a_page_changes_nothing,
);

async fn an_empty_list_has_no_cursor(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let answer = app.contact(&helpdesk, "user@example.com").verify().await;
    assert_eq!(answer["conversations"], json!([]));
    assert_eq!(answer["nextCursor"], Value::Null);
}

async fn fifty_a_page_newest_first_open_and_closed_alike(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut opened = Vec::new();
    for number in 0..120 {
        let conversation = contact.open(&format!("Number {number}")).await;
        if number % 3 == 0 {
            contact.close(&conversation).await;
        }
        opened.push(conversation);
    }
    app.contact(&helpdesk, "other@example.com")
        .open("Not theirs")
        .await;
    opened.reverse();
    let token = contact.token().await;
    for token in [None, Some(token.as_str())] {
        let pages = walk(&contact, token, async || ()).await;
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 20]);
        assert_eq!(pages.concat(), opened);
    }
    let statuses: BTreeSet<String> = contact
        .conversations()
        .await
        .iter()
        .map(|listed| string(&listed["status"]))
        .collect();
    assert_eq!(statuses, BTreeSet::from(["closed".to_owned(), "open".to_owned()]));
}

async fn exactly_one_page_has_no_cursor(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for _ in 0..50 {
        contact.open("Hello").await;
    }
    assert_eq!(contact.verify().await["nextCursor"], Value::Null);
    contact.open("One more").await;
    assert_ne!(contact.verify().await["nextCursor"], Value::Null);
}

async fn conversations_of_the_same_millisecond_are_all_listed_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut opened = BTreeSet::new();
    let address = format!("{}/message", crate::support::PREFIX);
    for _ in 0..2 {
        app.advance(60_000);
        let body = crate::support::merged(contact.credentials(), &json!({"message": "Hello"}));
        let calls = (0..60).map(|_| app.post_now(&address, &body, &[]));
        for answer in futures_util::future::join_all(calls).await {
            opened.insert(string(&answer.ok()["conversationId"]));
        }
    }
    let listed = walk(&contact, None, async || ()).await.concat();
    assert_eq!(listed.len(), 120, "none twice");
    assert_eq!(
        listed.into_iter().collect::<BTreeSet<_>>(),
        opened,
        "none left out"
    );
}

async fn pages_stay_complete_while_new_conversations_arrive(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut opened = Vec::new();
    for number in 0..130 {
        opened.push(contact.open(&format!("Number {number}")).await);
    }
    opened.reverse();
    let token = contact.token().await;
    for token in [None, Some(token.as_str())] {
        let pages = walk(&contact, token, async || {
            for _ in 0..7 {
                contact.open("In between").await;
            }
        })
        .await
        .concat();
        let known: BTreeSet<&String> = opened.iter().collect();
        let old: Vec<&String> = pages.iter().filter(|id| known.contains(id)).collect();
        assert_eq!(old, opened.iter().collect::<Vec<_>>(), "no gap and no double");
        assert_eq!(pages.iter().collect::<BTreeSet<_>>().len(), pages.len());
    }
}

async fn a_reply_moves_a_conversation_to_the_top(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let (first, second) = (contact.open("First").await, contact.open("Second").await);
    let top = async || string(&contact.conversations().await[0]["id"]);
    assert_eq!(top().await, second);
    contact.reply(&first, "Again").await;
    assert_eq!(top().await, first);
    app.operator_reply(&helpdesk, &second, "An answer").await;
    assert_eq!(top().await, second);
    assert_eq!(contact.listed(&second).await["preview"], "An answer");
}

async fn a_cursor_of_nonsense_is_refused_by_name(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let token = contact.token().await;
    for cursor in nonsense() {
        let more = json!({"cursor": cursor});
        for path in [
            "verify".to_owned(),
            format!("conversations/{conversation}/messages"),
        ] {
            contact.call(&path, more.clone()).await.names_field("cursor");
        }
        for path in [
            "conversations".to_owned(),
            format!("conversations/{conversation}"),
        ] {
            contact
                .by_token(&token, &path, more.clone())
                .await
                .names_field("cursor");
        }
    }
}

async fn another_contacts_cursor_opens_nothing_of_theirs(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let (owner, other) = (
        app.contact(&helpdesk, "a@example.com"),
        app.contact(&helpdesk, "b@example.com"),
    );
    for _ in 0..55 {
        owner.open("Theirs").await;
    }
    let own = other.open("Own").await;
    let cursor = owner.verify().await["nextCursor"].clone();
    let answer = other.call("verify", json!({"cursor": cursor})).await;
    if answer.status == 200 {
        for listed in array(&answer.ok()["conversations"]) {
            assert_eq!(listed["id"], own.as_str());
        }
    } else {
        answer.names_field("cursor");
    }
}

async fn asking_for_more_than_a_page_changes_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for _ in 0..60 {
        contact.open("Hello").await;
    }
    for limit in [
        json!(0),
        json!(-1),
        json!(1_000_000_000),
        json!("NaN"),
        json!(null),
    ] {
        let more = json!({"limit": limit, "pageSize": limit, "perPage": limit, "offset": limit});
        assert_eq!(
            array(&contact.call("verify", more).await.ok()["conversations"]).len(),
            50
        );
    }
}
