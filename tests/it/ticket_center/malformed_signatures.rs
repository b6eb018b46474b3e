//! Whatever is not the right signature fails, on each of the four calls, and leaves nothing behind.

use serde_json::{Value, json};

use super::{complete, documented_calls};
use crate::support::{TestApp, merged, signing};

/// Encodes by hand, so that no alphabet of a library decides what is tried.
fn base64(bytes: &[u8], url_safe: bool) -> String {
    let alphabet: &[u8] = if url_safe {
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    } else {
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    };
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let number = (0..3).fold(0_u32, |number, at| {
            number << 8 | u32::from(*group.get(at).unwrap_or(&0))
        });
        for digit in 0..=group.len() {
            text.push(char::from(alphabet[(number >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    while !url_safe && !text.len().is_multiple_of(4) {
        text.push('=');
    }
    text
}

/// Strings made of a right signature that are none.
fn wrong(right: &str, raw: &[u8]) -> Vec<String> {
    let full_width = right
        .chars()
        .map(|digit| char::from_u32(0xfee0 + u32::from(digit)).unwrap());
    let last = if right.ends_with('0') { "1" } else { "0" };
    let first = if right.starts_with('0') { "1" } else { "0" };
    vec![
        String::new(),
        " ".to_owned(),
        right[..8].to_owned(),
        right[..32].to_owned(),
        right[..63].to_owned(),
        format!("{right}0"),
        format!("{right}{right}"),
        format!("{}{last}", &right[..63]),
        format!("{first}{}", &right[1..]),
        format!("{} {}", &right[..32], &right[32..]),
        format!("{}\n{}", &right[..32], &right[32..]),
        format!("{}g", &right[..63]),
        format!("0x{right}"),
        format!("0x{}", &right[..62]),
        format!("\\x{right}"),
        format!("sha256={right}"),
        format!("\"{right}\""),
        format!("{right}\0"),
        format!("\0{right}"),
        format!("{right}\u{200b}"),
        format!("{}\u{0}{}", &right[..63], &right[63..]),
        full_width.collect(),
        base64(raw, false),
        base64(raw, true),
        base64(right.as_bytes(), false),
        right.chars().rev().collect(),
        "0".repeat(64),
        "f".repeat(64),
        "é".repeat(32),
        "😀".repeat(16),
        "a".repeat(100_000),
        "undefined".to_owned(),
        "null".to_owned(),
        "{{ signature }}".to_owned(),
        "' OR 1=1 --".to_owned(),
    ]
}

both_engines!(
    any_wrong_text_fails_alike_on_every_call_and_leaves_nothing,
    a_signature_that_is_absent_or_no_text_is_named,
    without_a_secret_the_same_answer_is_given,
);

async fn any_wrong_text_fails_alike_on_every_call_and_leaves_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let other = app.helpdesk("Globex").await;
    let conversation = app.contact(&helpdesk, "known@example.com").open("Hello").await;
    app.contact(&other, "stranger@example.com").open("Hello").await;
    let before = app.counts().await;
    for email in ["known@example.com", "stranger@example.com"] {
        let contact = app.contact(&helpdesk, email);
        let right = signing::sign(&helpdesk.secret, email);
        for signature in wrong(&right, &signing::mac(&helpdesk.secret, email)) {
            for path in documented_calls(&conversation) {
                let body = merged(complete(&contact), &json!({"signature": signature}));
                let sentence = app.call(&path, &body).await.refused(401, "verification_failed");
                assert_eq!(sentence, "Verification failed", "{path} {signature:?}");
            }
        }
    }
    assert_eq!(
        app.counts().await,
        before,
        "no contact, conversation or message was made"
    );
}

async fn a_signature_that_is_absent_or_no_text_is_named(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let conversation = app.contact(&helpdesk, "known@example.com").open("Hello").await;
    let before = app.counts().await;
    let contact = app.contact(&helpdesk, "stranger@example.com");
    let right = signing::sign(&helpdesk.secret, &contact.email);
    let kinds = [
        json!(null),
        json!(1),
        json!(0),
        json!(true),
        json!([]),
        json!([right]),
        json!({}),
        json!({"hex": right}),
    ];
    for path in documented_calls(&conversation) {
        for signature in &kinds {
            let body = merged(complete(&contact), &json!({"signature": signature}));
            app.call(&path, &body).await.names_field("signature");
        }
        let mut absent: Value = complete(&contact);
        absent.as_object_mut().unwrap().remove("signature");
        app.call(&path, &absent).await.names_field("signature");
    }
    assert_eq!(app.counts().await, before);
}

async fn without_a_secret_the_same_answer_is_given(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let bare = app.helpdesk_without_secret("Bare").await;
    let wrong = json!({"signature": "0".repeat(64)});
    let usual = app
        .contact(&helpdesk, "user@example.com")
        .call("verify", wrong.clone())
        .await;
    for more in [
        wrong,
        json!({}),
        json!({"signature": signing::sign("", "user@example.com")}),
    ] {
        let answer = app.contact(&bare, "user@example.com").call("verify", more).await;
        answer.refused(401, "verification_failed");
        assert_eq!(answer.text(), usual.text());
        assert_eq!(answer.comparable_headers(), usual.comparable_headers());
    }
    assert_eq!(app.counts().await.contacts, 0);
}
