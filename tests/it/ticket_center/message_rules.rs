//! What a message may be, and that what it says comes back byte for byte.

use serde_json::json;

use crate::support::{TestApp, array, string};

/// Texts that programs are known to stumble over.
pub(super) fn naughty() -> Vec<String> {
    let fixed = [
        "undefined",
        "null",
        "NULL",
        "(null)",
        "nil",
        "NaN",
        "true",
        "-1",
        "0",
        "1e100",
        "0x0",
        "1,000.00",
        "\\",
        "\\\\",
        "\"",
        "'",
        "`",
        "😀",
        "👩‍👩‍👧‍👦",
        "🇩🇪🇫🇷",
        "👍🏿",
        "✌️",
        "1️⃣",
        "田中さんにあげて下さい",
        "사회과학원",
        "Ω≈ç√∫˜µ≤≥÷",
        "ÅÍÎÏ˝ÓÔÒÚÆ☃",
        "הֲנִקְדַם אֶת",
        "ثم نفس سقطت",
        "\u{202e}txet desrever",
        "\u{2066}isolate\u{2069}",
        "\u{200f}mark",
        "zero\u{200b}width\u{200d}joined\u{feff}",
        "soft\u{ad}hyphen",
        "line\u{2028}separator\u{2029}paragraph",
        "next\u{85}line",
        "cr\rlf\ncrlf\r\nend",
        "tab\tvertical\u{b}form\u{c}",
        "bell\u{7}escape\u{1b}[31mred\u{1b}[0m",
        "delete\u{7f}",
        "Z\u{351}\u{36b}\u{343}a\u{334}\u{321}\u{31b}l\u{337}\u{353}g\u{322}\u{348}o\u{325}\u{33b}",
        "e\u{301} and é",
        "ﬁ ſ K ı İ ß",
        "\u{fffd}\u{fffe}\u{10ffff}",
        "\u{e000}private use",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt; &amp; &#0;",
        "javascript:alert(1)",
        "{{7*7}} ${7*7} <%= 7*7 %> #{7*7}",
        "%s%d%n",
        "%00%0a",
        "$(touch x) `id`",
        "'; DROP TABLE messages; --",
        "\" OR \"\"=\"",
        "../../../../etc/passwd",
        "C:\\con\\con",
        "http://example.com/?a=b&c=d#e",
        "From nobody",
        ".\r\n.",
        "--boundary--",
        "  leading and trailing  ",
        "\nfirst line empty",
        "trailing line break\n",
        "[link](javascript:alert(1))",
        "> quoted\n>> twice",
    ];
    let mut naughty: Vec<String> = fixed.map(str::to_owned).to_vec();
    naughty.push("a".repeat(10_000));
    naughty.push("😀".repeat(10_000));
    naughty.push("\u{301}".repeat(9_999));
    naughty
}

both_engines!(
    a_message_comes_back_as_it_was_written,
    a_first_message_comes_back_as_it_was_written,
    a_message_of_nothing_is_refused,
    a_message_of_more_than_ten_thousand_characters_is_refused,
    a_message_that_holds_nul_is_refused,
    a_subject_never_breaks_a_line,
    a_subject_is_kept_or_made_of_the_message,
    a_field_of_the_wrong_type_is_named_before_anything_else_is_refused,
);

async fn a_message_comes_back_as_it_was_written(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Start").await;
    let mut expected = vec!["Start".to_owned()];
    for text in naughty() {
        let answer = contact.reply(&conversation, &text).await;
        assert_eq!(string(&answer["message"]["body"]), text);
        app.operator_reply(&helpdesk, &conversation, &text).await;
        expected.extend([text.clone(), text]);
    }
    let mut found = Vec::new();
    let mut more = json!({});
    loop {
        let page = contact
            .call(&format!("conversations/{conversation}/messages"), more)
            .await
            .ok();
        let bodies: Vec<String> = array(&page["messages"])
            .iter()
            .map(|message| string(&message["body"]))
            .collect();
        found.splice(0..0, bodies);
        if page["nextCursor"].is_null() {
            break;
        }
        more = json!({"cursor": page["nextCursor"]});
    }
    assert_eq!(found, expected);
}

async fn a_first_message_comes_back_as_it_was_written(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for text in naughty() {
        let conversation = contact.open(&text).await;
        assert_eq!(contact.bodies(&conversation).await, [text]);
    }
}

async fn a_message_of_nothing_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let before = app.counts().await;
    for text in ["", " ", "\n", "\t \r\n", "          "] {
        for more in [
            json!({"message": text}),
            json!({"message": text, "conversationId": conversation}),
        ] {
            contact.call("message", more).await.refused(422, "message_empty");
        }
    }
    assert_eq!(app.counts().await, before);
}

async fn a_message_of_more_than_ten_thousand_characters_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for letter in ["a", "é", "😀"] {
        contact
            .call("message", json!({"message": letter.repeat(10_000)}))
            .await
            .ok();
        let before = app.counts().await;
        contact
            .call("message", json!({"message": letter.repeat(10_001)}))
            .await
            .refused(422, "message_too_long");
        assert_eq!(app.counts().await, before);
    }
}

async fn a_message_that_holds_nul_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let before = app.counts().await;
    for text in ["\0", "a\0", "\0a", "a\0b", " \0 "] {
        for more in [
            json!({"message": text}),
            json!({"message": text, "conversationId": conversation}),
        ] {
            contact
                .call("message", more)
                .await
                .refused(422, "message_has_nul");
        }
    }
    assert_eq!(app.counts().await, before);
}

async fn a_subject_never_breaks_a_line(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let subjects = [
        "Hello\r\nBcc: evil@example.com",
        "Hello\nX",
        "Hello\rX",
        "Hello\u{2028}X",
        "Hello\u{85}X",
        "a\0b",
        "\r\n",
        "",
        "=?utf-8?q?a=0d=0aBcc:_evil@example.com?=",
        "😀 ſubject",
        "<b>bold</b>",
    ];
    for subject in subjects {
        let answer = contact
            .call("message", json!({"message": "Hello", "subject": subject}))
            .await;
        if answer.status == 200 {
            let shown = string(&answer.ok()["conversation"]["subject"]);
            let breaks = |letter: char| letter.is_control() || letter == '\u{2028}' || letter == '\u{2029}';
            assert!(!shown.contains(breaks), "{subject:?} became {shown:?}");
        } else {
            assert!(
                answer.status == 400 || answer.status == 422,
                "{subject:?}: {}",
                answer.status
            );
        }
    }
    let long = contact
        .call(
            "message",
            json!({"message": "Hello", "subject": "s".repeat(100_000)}),
        )
        .await;
    assert!([200, 400, 422].contains(&long.status), "{}", long.status);
}

async fn a_subject_is_kept_or_made_of_the_message(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let given = contact
        .call("message", json!({"message": "Body", "subject": "My invoice"}))
        .await
        .ok();
    assert_eq!(given["conversation"]["subject"], "My invoice");
    let made = contact
        .call("message", json!({"message": "Where is my parcel?"}))
        .await
        .ok();
    assert!(!string(&made["conversation"]["subject"]).trim().is_empty());
}

async fn a_field_of_the_wrong_type_is_named_before_anything_else_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    for messaging in [true, false] {
        app.set_messaging(&helpdesk, messaging).await;
        // Settings are known anew after a second at the latest.
        app.advance(2_000);
        for (field, conversation) in [
            ("subject", json!(conversation)),
            ("subject", json!(null)),
            ("idempotencyKey", json!(conversation)),
            ("attachmentIds", json!(conversation)),
            ("conversationId", json!(7)),
        ] {
            let mut more = json!({"message": " ", "conversationId": conversation});
            if field != "conversationId" {
                more[field] = json!(7);
            }
            contact.call("message", more).await.names_field(field);
        }
        let refused = contact.call("message", json!({"message": " "})).await;
        let (status, code) = if messaging {
            (422, "message_empty")
        } else {
            (403, "messaging_off")
        };
        refused.refused(status, code);
    }
}
