//! Bodies that a parser chokes on are refused as any other mistake, never with a 5xx.

use serde_json::json;

use super::{complete, documented_calls};
use crate::support::{PREFIX, TestApp, raw};

/// The credentials' JSON with one field's value replaced by raw text.
fn with_raw(fields: &str, field: &str, raw: &[u8]) -> Vec<u8> {
    let mut object: serde_json::Value = serde_json::from_str(fields).unwrap();
    object.as_object_mut().unwrap().remove(field);
    let rest = object.to_string();
    [
        format!("{{\"{field}\":").as_bytes(),
        raw,
        b",",
        &rest.as_bytes()[1..],
    ]
    .concat()
}

both_engines!(
    what_is_no_json_object_is_refused,
    hostile_values_of_known_fields_are_refused,
    hostile_values_of_unknown_fields_do_no_harm,
);

async fn what_is_no_json_object_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let fields = complete(&app.contact(&helpdesk, "user@example.com")).to_string();
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "1",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{\"email\"",
        "{\"email\":}",
        "{'email':'a'}",
        "{email:\"a\"}",
        "{\"a\":1,}",
        "NaN",
        "\u{feff}",
        "{}{}",
        "undefined",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.push(format!("{fields}x").into_bytes());
    bodies.push(format!("{fields}{fields}").into_bytes());
    bodies.push(format!("[{fields}]").into_bytes());
    bodies.push("[".repeat(100_000).into_bytes());
    bodies.push("{\"a\":".repeat(50_000).into_bytes());
    bodies.push(format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes());
    bodies.push([b"\xff\xfe".as_slice(), fields.as_bytes()].concat());
    bodies.push(fields.encode_utf16().flat_map(u16::to_le_bytes).collect());
    for path in documented_calls(super::NO_SUCH_ID) {
        for body in &bodies {
            let answer = raw::post_bytes(&app, &format!("{PREFIX}/{path}"), body).await;
            let start = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            assert_eq!(answer.status, 400, "{path} {start:?}: {}", answer.text());
            let code = answer.json()["code"].clone();
            assert!(
                code == "invalid_json" || code == "invalid_field",
                "{start:?}: {code}"
            );
            answer.refused(400, code.as_str().unwrap());
        }
    }
    assert_eq!(app.counts().await.contacts, 0);
}

async fn hostile_values_of_known_fields_are_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let fields = complete(&app.contact(&helpdesk, "user@example.com")).to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = format!("{}1{}", "{\"a\":".repeat(20_000), "}".repeat(20_000));
    let long_number = "9".repeat(100_000);
    let values: [&[u8]; 14] = [
        b"\"\\ud800\"",
        b"\"\\udfff@example.com\"",
        b"\"\\ud800\\ud800\"",
        b"\"\\udc00\\ud800\"",
        b"\"\xff@example.com\"",
        b"\"\xc0\x80@example.com\"",
        b"\"\xed\xa0\x80@example.com\"",
        b"\"a\0b\"",
        b"\"line\nbreak\"",
        b"1e999",
        b"-1e999999999",
        long_number.as_bytes(),
        deep.as_bytes(),
        deep_object.as_bytes(),
    ];
    for path in documented_calls(super::NO_SUCH_ID) {
        for field in ["helpdeskId", "email", "signature"] {
            for value in values {
                let body = with_raw(&fields, field, value);
                let answer = raw::post_bytes(&app, &format!("{PREFIX}/{path}"), &body).await;
                let start = String::from_utf8_lossy(&value[..value.len().min(20)]).into_owned();
                assert_eq!(answer.status, 400, "{path} {field} {start:?}: {}", answer.text());
            }
        }
    }
    assert_eq!(app.counts().await.contacts, 0);
    for value in values {
        let body = with_raw(&fields, "message", value);
        let answer = raw::post_bytes(&app, &format!("{PREFIX}/message"), &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(app.counts().await.messages, 0);
}

async fn hostile_values_of_unknown_fields_do_no_harm(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let fields = contact.credentials().to_string();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let values: [&[u8]; 5] = [
        b"1e999",
        b"\"\\ud800\"",
        b"\"\xff\"",
        b"123456789012345678901234567890",
        deep.as_bytes(),
    ];
    for value in values {
        let body = with_raw(&fields, "unknown", value);
        let answer = raw::post_bytes(&app, &format!("{PREFIX}/verify"), &body).await;
        assert!(
            answer.status == 200 || answer.status == 400,
            "{}: {}",
            answer.status,
            answer.text()
        );
    }
    contact
        .call("verify", json!({"unknown": {"a": [1, {"b": null}]}}))
        .await
        .ok();
}
