//! The live stream: everything of this contact once, in order, from a cursor on, and nothing else.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::events::EventStream;
use crate::support::{TestApp, count, string};

both_engines!(
    a_reply_arrives_within_a_second,
    ones_own_messages_and_status_arrive_in_other_tabs,
    nothing_of_others_arrives,
    what_happened_between_two_streams_is_made_up_for,
    under_concurrent_writes_every_message_comes_once,
    a_stream_ends_with_its_token,
    a_cursor_of_nonsense_is_refused_by_name,
    a_contact_cannot_open_streams_without_end,
    a_first_list_and_its_cursor_are_of_one_moment,
    after_a_long_absence_the_client_is_told_to_begin_anew,
);

async fn a_reply_arrives_within_a_second(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let mut stream = EventStream::open(&app, &contact.token().await, None).await;
    let mut fastest = Duration::MAX;
    for number in 0..5 {
        let text = format!("Answer {number}");
        app.operator_reply(&helpdesk, &conversation, &text).await;
        let committed = Instant::now();
        let event = stream.next_of("message").await;
        fastest = fastest.min(committed.elapsed());
        assert_eq!(event.data["message"]["body"], text);
        assert_eq!(event.data["message"]["author"], "operator");
        assert_eq!(event.data["conversation"]["id"], conversation.as_str());
        assert_eq!(event.data["conversation"]["unreadCount"], number + 1);
        assert!(event.id.is_some(), "a cursor to resume after");
    }
    // The fastest of several, so that a busy machine does not decide.
    assert!(fastest < Duration::from_secs(1), "{fastest:?}");
}

async fn ones_own_messages_and_status_arrive_in_other_tabs(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut tabs = [
        EventStream::open(&app, &contact.token().await, None).await,
        EventStream::open(&app, &contact.token().await, None).await,
    ];
    let conversation = contact.open("From the first tab").await;
    for tab in &mut tabs {
        let event = tab.next_of("message").await;
        assert_eq!(event.data["message"]["body"], "From the first tab");
        assert_eq!(event.data["message"]["author"], "visitor");
    }
    app.operator_close(&helpdesk, &conversation).await;
    for tab in &mut tabs {
        assert_eq!(
            tab.next_of("conversation").await.data["conversation"]["status"],
            "closed"
        );
    }
    contact.reply(&conversation, "Still broken").await;
    for tab in &mut tabs {
        let event = tab.next_of("message").await;
        assert_eq!(event.data["conversation"]["status"], "open");
    }
}

async fn nothing_of_others_arrives(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let contact = app.contact(&acme, "user@example.com");
    let own = contact.open("Hello").await;
    let mut stream = EventStream::open(&app, &contact.token().await, None).await;
    for (helpdesk, email) in [(&acme, "other@example.com"), (&globex, "user@example.com")] {
        let conversation = app.contact(helpdesk, email).open("canary-foreign").await;
        app.operator_reply(helpdesk, &conversation, "canary-foreign")
            .await;
        app.operator_close(helpdesk, &conversation).await;
    }
    app.operator_reply(&acme, &own, "For you").await;
    let event = stream.next().await.expect("an event");
    assert_eq!(
        (event.kind.as_str(), &event.data["message"]["body"]),
        ("message", &json!("For you"))
    );
    assert!(!String::from_utf8_lossy(&stream.received).contains("canary-foreign"));
}

async fn what_happened_between_two_streams_is_made_up_for(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let verified = contact.verify().await;
    let (token, mut cursor) = (string(&verified["token"]), string(&verified["live"]));
    let mut expected = Vec::new();
    let mut received = Vec::new();
    for round in 0..6 {
        for number in 0..5 {
            let text = format!("{round}-{number}");
            app.operator_reply(&helpdesk, &conversation, &text).await;
            expected.push(text);
        }
        let mut stream = EventStream::open(&app, &token, Some(&cursor)).await;
        for number in 5..8 {
            let text = format!("{round}-{number}");
            app.operator_reply(&helpdesk, &conversation, &text).await;
            expected.push(text);
        }
        // Of some rounds the end is left unread, and comes again from the cursor.
        for _ in 0..(if round % 2 == 0 { 8 } else { 5 }) {
            let event = stream.next_of("message").await;
            cursor = event.id.expect("a cursor");
            received.push(string(&event.data["message"]["body"]));
        }
        if round % 2 == 1 {
            let mut rest = EventStream::open(&app, &token, Some(&cursor)).await;
            for _ in 0..3 {
                let event = rest.next_of("message").await;
                cursor = event.id.expect("a cursor");
                received.push(string(&event.data["message"]["body"]));
            }
        }
    }
    assert_eq!(received, expected, "none lost, none twice, in order");
}

async fn under_concurrent_writes_every_message_comes_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut conversations = Vec::new();
    for number in 0..4 {
        conversations.push(contact.open(&format!("Number {number}")).await);
    }
    let verified = contact.verify().await;
    let (token, mut cursor) = (string(&verified["token"]), string(&verified["live"]));
    let writes = count(200, 10_000);
    let texts: BTreeSet<String> = (0..writes).map(|number| format!("Write {number}")).collect();
    let writer = async {
        for texts in texts.iter().collect::<Vec<_>>().chunks(20) {
            let calls = texts
                .iter()
                .enumerate()
                .map(|(at, text)| app.operator_reply(&helpdesk, &conversations[at % 4], text));
            futures_util::future::join_all(calls).await;
        }
    };
    let reader = async {
        let mut received = Vec::new();
        while received.len() < writes {
            let mut stream = EventStream::open(&app, &token, Some(&cursor)).await;
            for _ in 0..37.min(writes - received.len()) {
                let event = stream.next_of("message").await;
                cursor = event.id.expect("a cursor");
                received.push(string(&event.data["message"]["body"]));
            }
        }
        received
    };
    let ((), received) = futures_util::future::join(writer, reader).await;
    assert_eq!(received.len(), writes);
    assert_eq!(
        received.into_iter().collect::<BTreeSet<_>>(),
        texts,
        "each exactly once"
    );
}

async fn a_stream_ends_with_its_token(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let mut stream = EventStream::open(&app, &contact.token().await, None).await;
    app.advance(3_600_001);
    app.operator_reply(&helpdesk, &conversation, "canary-after-the-end")
        .await;
    while let Some(event) = stream.next().await {
        if event.kind == "expired" {
            break;
        }
    }
    assert!(!String::from_utf8_lossy(&stream.received).contains("canary-after-the-end"));
}

async fn after_a_long_absence_the_client_is_told_to_begin_anew(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let verified = contact.verify().await;
    let (token, cursor) = (string(&verified["token"]), string(&verified["live"]));
    app.operator_reply(&helpdesk, &conversation, "The first of many")
        .await;
    for hundred in 0..11 {
        let texts: Vec<String> = (0..100).map(|number| format!("{hundred}-{number}")).collect();
        let replies = texts
            .iter()
            .map(|text| app.operator_reply(&helpdesk, &conversation, text));
        futures_util::future::join_all(replies).await;
    }
    let mut stream = EventStream::open(&app, &token, Some(&cursor)).await;
    let mut replayed = 0;
    loop {
        match stream
            .next()
            .await
            .expect("the stream says why it ends")
            .kind
            .as_str()
        {
            "expired" => break,
            _ => replayed += 1,
        }
    }
    assert!(replayed <= 1_000, "{replayed} of 1,100 were replayed");
    let anew = contact.verify().await;
    let mut stream = EventStream::open(&app, &token, Some(&string(&anew["live"]))).await;
    app.operator_reply(&helpdesk, &conversation, "After it").await;
    assert_eq!(
        stream.next_of("message").await.data["message"]["body"],
        "After it"
    );
}

async fn a_cursor_of_nonsense_is_refused_by_name(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let token = contact.token().await;
    for after in super::conversation_list::nonsense() {
        contact
            .by_token(&token, "stream", json!({"after": after}))
            .await
            .names_field("after");
    }
    contact
        .by_token(&token, "stream", json!({"after": 7}))
        .await
        .names_field("after");
}

async fn a_contact_cannot_open_streams_without_end(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let token = contact.token().await;
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(EventStream::open(&app, &token, None).await);
    }
    let refused = contact.by_token(&token, "stream", json!({})).await;
    refused.refused(429, "rate_limited");
    // Others are not concerned, and a closed tab makes room.
    let colleague = app.contact(&helpdesk, "colleague@example.com");
    drop(EventStream::open(&app, &colleague.token().await, None).await);
    drop(streams);
    let closed = Instant::now();
    while EventStream::status(&app, &token).await == 429 {
        assert!(
            closed.elapsed() < Duration::from_secs(20),
            "closed streams still count"
        );
        // The limit on calls is of another kind; time goes on for it.
        app.advance(1_000);
    }
}

async fn a_first_list_and_its_cursor_are_of_one_moment(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    for number in 0..20 {
        let text = format!("Answer {number}");
        let (verified, _) = tokio::join!(
            contact.verify(),
            app.operator_reply(&helpdesk, &conversation, &text)
        );
        let seen = verified["conversations"][0]["preview"] == text.as_str();
        if !seen {
            let live = string(&verified["live"]);
            let mut stream = EventStream::open(&app, &contact.token().await, Some(&live)).await;
            let event = stream.next_of("message").await;
            assert_eq!(
                event.data["message"]["body"], text,
                "what the list lacked comes by the stream"
            );
        }
    }
}
