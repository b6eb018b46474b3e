//! What counts as a request: JSON by POST, known fields once, and nothing from the address.

use serde_json::{Value, json};

use super::{NO_SUCH_ID, complete, documented_calls};
use crate::support::{PREFIX, TestApp, merged, raw};

both_engines!(
    any_locale_is_answered_in_a_language_there_is,
    unknown_fields_are_ignored,
    a_known_field_given_twice_is_refused,
    query_parameters_are_never_read,
    a_body_may_be_chunked_and_say_its_charset,
    a_body_of_another_type_is_refused_without_effect,
    another_method_is_refused_without_effect,
    an_unknown_helpdesk_is_not_found_and_an_id_is_compared_as_issued,
    fields_of_the_wrong_type_are_named,
    the_path_carries_an_id_and_nothing_else,
);

async fn unknown_fields_are_ignored(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let extra = json!({
        "author": "operator", "authorName": "Root", "private": true, "createdAt": "1999-01-01T00:00:00Z",
        "status": "closed", "channel": "email", "unreadCount": 7, "id": NO_SUCH_ID, "html": "<b>x</b>",
        "helpdesk_id": NO_SUCH_ID, "accountId": 1, "verified": true, "__proto__": {"a": 1}, "": null,
    });
    let answer = contact
        .call("message", merged(extra.clone(), &json!({"message": "Hello"})))
        .await
        .ok();
    assert_eq!(answer["conversation"]["status"], "open");
    assert_eq!(answer["conversation"]["channel"], "ticket_center");
    assert_eq!(answer["conversation"]["unreadCount"], 0);
    assert_eq!(answer["message"]["author"], "visitor");
    assert_ne!(answer["message"]["authorName"], "Root");
    assert_eq!(answer["message"]["body"], "Hello");
    assert_eq!(answer["message"]["html"], Value::Null);
    assert_ne!(answer["conversationId"], NO_SUCH_ID);
    assert!(
        !answer["message"]["createdAt"]
            .as_str()
            .unwrap()
            .starts_with("1999")
    );
    let conversation = answer["conversationId"].as_str().unwrap();
    for path in documented_calls(conversation) {
        contact
            .call(&path, merged(extra.clone(), &json!({"message": "Again"})))
            .await
            .ok();
    }
    assert_eq!(app.counts().await.contacts, 1);
}

async fn a_known_field_given_twice_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let before = app.counts().await;
    for path in documented_calls(&conversation) {
        for field in ["helpdeskId", "email", "signature"] {
            let fields = complete(&contact);
            let once = fields.to_string();
            for second in [fields[field].clone(), json!("other")] {
                let twice = format!("{{{}:{second},{}", json!(field), &once[1..]);
                let answer = raw::post_bytes(&app, &format!("{PREFIX}/{path}"), twice.as_bytes()).await;
                assert_eq!(answer.status, 400, "{path} {field}: {}", answer.text());
            }
        }
    }
    let once = complete(&contact).to_string();
    for field in ["message", "conversationId", "idempotencyKey", "attachmentIds"] {
        let twice = format!("{{\"{field}\":\"a\",\"{field}\":\"b\",{}", &once[1..]);
        let answer = raw::post_bytes(&app, &format!("{PREFIX}/message"), twice.as_bytes()).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text());
    }
    let escaped = format!("{{\"\\u0065mail\":\"victim@example.com\",{}", &once[1..]);
    let answer = raw::post_bytes(&app, &format!("{PREFIX}/verify"), escaped.as_bytes()).await;
    assert_eq!(answer.status, 400, "an escaped name is the same name");
    assert_eq!(app.counts().await, before);
}

async fn query_parameters_are_never_read(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let fields = complete(&contact);
    let query = format!(
        "helpdeskId={}&email=user%40example.com&signature={}&message=Hello",
        helpdesk.id,
        fields["signature"].as_str().unwrap()
    );
    for path in documented_calls(NO_SUCH_ID) {
        let address = format!("{PREFIX}/{path}?{query}");
        app.post_with(&address, &json!({}), &[])
            .await
            .refused(400, "invalid_field");
    }
    let address = format!("{PREFIX}/verify?email=victim%40example.com&helpdeskId={NO_SUCH_ID}&cursor=x");
    let answer = app.post_with(&address, &contact.credentials(), &[]).await.ok();
    assert_eq!(answer["contact"]["email"], "user@example.com");
}

async fn a_body_may_be_chunked_and_say_its_charset(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let fields = complete(&app.contact(&helpdesk, "ünï@example.com")).to_string();
    let path = format!("{PREFIX}/verify");
    for kind in [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON; Charset=\"utf-8\"",
    ] {
        let kind = format!("Content-Type: {kind}");
        let length = format!("Content-Length: {}", fields.len());
        let head = raw::head(&app, "POST", &path, &[&kind, &length]);
        raw::send(&app, &[&head, fields.as_bytes()]).await.ok();

        let mut pieces = vec![raw::head(
            &app,
            "POST",
            &path,
            &[&kind, "Transfer-Encoding: chunked"],
        )];
        for bytes in fields.as_bytes().chunks(7) {
            pieces.push([format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat());
        }
        pieces.push(b"0\r\n\r\n".to_vec());
        let pieces: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        raw::send(&app, &pieces).await.ok();
    }
}

async fn a_body_of_another_type_is_refused_without_effect(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let fields = complete(&contact).to_string();
    let kinds = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; charset=utf-8; a=application/json",
        "application/jsonp",
        "text/json",
        "application/octet-stream",
        "",
    ];
    for path in documented_calls(NO_SUCH_ID) {
        for kind in kinds {
            let request = app.http.post(format!("{}{PREFIX}/{path}", app.base));
            let request = request.header("content-type", kind).body(fields.clone());
            app.send(request).await.refused(415, "unsupported_media_type");
        }
        let length = format!("Content-Length: {}", fields.len());
        let head = raw::head(&app, "POST", &format!("{PREFIX}/{path}"), &[&length]);
        raw::send(&app, &[&head, fields.as_bytes()])
            .await
            .refused(415, "unsupported_media_type");
    }
    assert_eq!(app.counts().await.contacts, 0);
}

async fn another_method_is_refused_without_effect(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for path in documented_calls(NO_SUCH_ID) {
        for method in ["GET", "PUT", "PATCH", "DELETE"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let request = app.http.request(method, format!("{}{PREFIX}/{path}", app.base));
            app.send(request.json(&complete(&contact)))
                .await
                .refused(405, "method_not_allowed");
        }
        for header in ["x-http-method-override", "x-http-method", "x-method-override"] {
            let request = app.http.get(format!("{}{PREFIX}/{path}?_method=POST", app.base));
            let request = request.header(header, "POST").json(&complete(&contact));
            app.send(request).await.refused(405, "method_not_allowed");
        }
    }
    assert_eq!(app.counts().await.contacts, 0);
}

async fn an_unknown_helpdesk_is_not_found_and_an_id_is_compared_as_issued(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let id = helpdesk.id.clone();
    let flipped: String = id
        .chars()
        .map(|letter| {
            if letter.is_ascii_lowercase() {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect();
    let unknown = [
        NO_SUCH_ID.to_owned(),
        String::new(),
        "YOUR_HELPDESK_ID".to_owned(),
        "undefined".to_owned(),
        flipped,
        format!(" {id}"),
        format!("{id}\n"),
        format!("{id}\0"),
        id.replace('-', ""),
        format!("{{{id}}}"),
        format!("urn:uuid:{id}"),
        "' OR 1=1 --".to_owned(),
        "é".repeat(1000),
    ];
    for path in documented_calls(&conversation) {
        for unknown in unknown.iter().filter(|unknown| **unknown != id) {
            let body = merged(complete(&contact), &json!({"helpdeskId": unknown}));
            app.call(&path, &body).await.refused(404, "unknown_helpdesk");
        }
        for wrong in [json!(null), json!(1), json!([id]), json!({"id": id})] {
            let body = merged(complete(&contact), &json!({"helpdeskId": wrong}));
            app.call(&path, &body).await.names_field("helpdeskId");
        }
    }
}

async fn fields_of_the_wrong_type_are_named(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let before = app.counts().await;
    let texts = [json!(1), json!(true), json!([]), json!({}), json!(["a"])];
    for wrong in &texts {
        for field in ["message", "conversationId", "idempotencyKey", "subject"] {
            let more = merged(json!({"message": "Hello"}), &json!({field: wrong}));
            contact.call("message", more).await.names_field(field);
        }
        contact
            .call("verify", json!({"cursor": wrong}))
            .await
            .names_field("cursor");
        let path = format!("conversations/{conversation}/messages");
        contact
            .call(&path, json!({"cursor": wrong}))
            .await
            .names_field("cursor");
    }
    contact.call("message", json!({})).await.names_field("message");
    contact
        .call("message", json!({"message": null}))
        .await
        .names_field("message");
    for wrong in [json!("a"), json!(1), json!({}), json!([1])] {
        contact
            .call("message", json!({"message": "Hello", "attachmentIds": wrong}))
            .await
            .names_field("attachmentIds");
    }
    assert_eq!(app.counts().await, before);
}

async fn the_path_carries_an_id_and_nothing_else(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.verify().await;
    for id in [
        "x",
        "..",
        "%2e%2e",
        "%00",
        "1",
        "null",
        "%F0%9F%98%80",
        "%ff",
        "'%20OR%201=1",
    ] {
        for verb in ["messages", "close"] {
            let address = format!("{PREFIX}/conversations/{id}/{verb}");
            let body = complete(&contact).to_string();
            let answer = raw::post_bytes(&app, &address, body.as_bytes()).await;
            answer.refused(404, "conversation_not_found");
        }
    }
}

async fn any_locale_is_answered_in_a_language_there_is(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for locale in [
        "en",
        "en-GB",
        "",
        "xx",
        "\0",
        "../../etc/passwd",
        "de-DE-x-private",
        "😀",
    ] {
        let answer = contact.call("verify", json!({"locale": locale})).await.ok();
        assert!(
            answer["strings"].is_null() || answer["strings"].is_object(),
            "{locale:?}"
        );
        assert!(
            answer["direction"] == "ltr" || answer["direction"] == "rtl",
            "{locale:?}"
        );
    }
    let long = "x".repeat(100_000);
    contact.call("verify", json!({"locale": long})).await.ok();
    contact
        .call("verify", json!({"locale": 7}))
        .await
        .names_field("locale");
}
