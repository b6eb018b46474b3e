//! What is refused, and in which words: those of the Ticket Center's calls.

use serde_json::{Value, json};

use helpdesky::forms::refusals::{self, Reason};

use super::{A_WHILE_MS, PREFIX, received};
use crate::support::{Answer, TestApp, merged, string};

both_engines!(
    a_field_that_is_missing_or_no_text_is_named,
    an_address_is_one_plain_address,
    a_message_is_held_to_the_same_rules_as_everywhere,
    a_form_without_a_good_token_is_refused,
    who_is_faster_than_anybody_writes_is_asked_to_wait,
    a_proof_must_be_one,
    only_listed_sites_send_and_a_server_is_none,
    nothing_is_sent_while_messaging_is_off,
    other_methods_media_and_helpdesks_are_refused,
    of_a_flood_the_newest_are_kept,
);

async fn a_field_that_is_missing_or_no_text_is_named(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let body = filled.with("a@example.com", "Hello", &json!({}));
    for field in ["helpdeskId", "email", "message", "token"] {
        let mut without = body.clone();
        without.as_object_mut().unwrap().remove(field);
        app.send_form(&without).await.names_field(field);
        app.send_form(&merged(body.clone(), &json!({field: 7})))
            .await
            .names_field(field);
    }
    for field in ["name", "subject", "proof", "website"] {
        app.send_form(&merged(body.clone(), &json!({field: ["x"]})))
            .await
            .names_field(field);
    }
    let twice = format!("{{\"email\":\"b@example.com\",{}", &body.to_string()[1..]);
    let request = app
        .http
        .post(format!("{}{PREFIX}/message", app.base))
        .header("content-type", "application/json")
        .body(twice);
    app.send(request).await.names_field("email");
    assert_eq!(app.counts().await.contacts, 0);
}

async fn an_address_is_one_plain_address(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long_domain = format!("a@{}.example", "d".repeat(300));
    for email in [
        "a@example.com,b@example.com",
        "a@example.com;b@example.com",
        "a@example.com b@example.com",
        "a@example.com\nBcc: b@example.com",
        "a@example.com\0",
        "Marta <a@example.com>",
        "marta",
        "marta@oliveira",
        "@example.com",
        "",
        &long_local,
        &long_domain,
    ] {
        let sentence = app
            .send_form(&filled.with(email, "Hello", &json!({})))
            .await
            .refused(422, "invalid_email");
        assert!(sentence.contains("email"), "{sentence}");
    }
    assert_eq!(app.counts().await.contacts, 0);
    assert_eq!(app.form_refusals(&helpdesk).await[0], "bad_address");
    received(
        &app.send_form(&filled.with("\u{fc}n\u{ef}@b\u{fc}cher.example", "Hello", &json!({})))
            .await,
    );
}

async fn a_message_is_held_to_the_same_rules_as_everywhere(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    for (message, code) in [
        ("", "message_empty"),
        (" \n\t ", "message_empty"),
        ("a\0b", "message_has_nul"),
        ("é".repeat(10_001).as_str(), "message_too_long"),
    ] {
        app.send_form(&filled.with("a@example.com", message, &json!({})))
            .await
            .refused(422, code);
    }
    let more = json!({"name": "n".repeat(121)});
    app.send_form(&filled.with("a@example.com", "Hello", &more))
        .await
        .refused(422, "invalid_name");
    let more = json!({"subject": "s".repeat(3_000)});
    app.send_form(&filled.with("a@example.com", "Hello", &more))
        .await
        .refused(422, "subject_too_long");
    received(
        &app.send_form(&filled.with("a@example.com", &"é".repeat(10_000), &json!({})))
            .await,
    );
}

async fn a_form_without_a_good_token_is_refused(app: TestApp) {
    let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let filled = app.filled(&helpdesk).await;
    let of_other = app.filled(&other).await;
    let mut forged = filled.token.clone().into_bytes();
    let last = forged.len() - 2;
    forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
    let forged = String::from_utf8(forged).unwrap();
    let ticket_center = app.contact(&helpdesk, "a@example.com").token().await;
    for token in [
        "",
        "hdf_",
        "x",
        &forged,
        &of_other.token,
        &ticket_center,
        &"A".repeat(5_000),
    ] {
        app.send_form(&filled.with("b@example.com", "Hello", &json!({"token": token})))
            .await
            .refused(422, "form_expired");
    }
    app.advance(12 * 60 * 60 * 1000);
    app.send_form(&filled.with("b@example.com", "Hello", &json!({})))
        .await
        .refused(422, "form_expired");
    assert_eq!(app.counts().await.conversations, 0);
    assert!(app.form_refusals(&helpdesk).await.contains(&"bad_token"));
}

async fn who_is_faster_than_anybody_writes_is_asked_to_wait(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let form = app.form(&helpdesk).await;
    let token = string(&form["token"]);
    let proof = super::proof(&token, form["proofBits"].as_u64().unwrap());
    let body = json!({"helpdeskId": helpdesk.id, "email": "a@example.com", "message": "Hello",
        "token": token, "proof": proof});
    let refused = app.send_form(&body).await;
    refused.refused(429, "too_fast");
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert_eq!(seconds, 3);
    app.advance(seconds * 1_000);
    received(&app.send_form(&body).await);
}

async fn a_proof_must_be_one(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let next = (filled.proof.parse::<u64>().unwrap() + 1).to_string();
    for proof in ["", "0x1", "-1", &"9".repeat(30), &next] {
        app.send_form(&filled.with("a@example.com", "Hello", &json!({"proof": proof})))
            .await
            .refused(422, "proof_refused");
    }
    received(
        &app.send_form(&filled.with("a@example.com", "Hello", &json!({})))
            .await,
    );
}

async fn only_listed_sites_send_and_a_server_is_none(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    app.set_domains(&helpdesk, &["shop.example"]).await.unwrap();
    let send = async |email: &str, origin: Option<&str>| -> Answer {
        let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        app.send_form_from(&filled.with(email, "Hello", &json!({})), &headers)
            .await
    };
    for origin in [
        Some("https://evil.example"),
        Some("null"),
        Some("https://notshop.example"),
        None,
    ] {
        let sentence = send("a@example.com", origin)
            .await
            .refused(403, "origin_not_allowed");
        assert!(sentence.contains("Origin not allowed"), "{sentence}");
        let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let body = json!({"helpdeskId": helpdesk.id});
        app.post_with(&format!("{PREFIX}/form"), &body, &headers)
            .await
            .refused(403, "origin_not_allowed");
    }
    assert_eq!(app.counts().await.contacts, 0);
    received(&send("a@example.com", Some("https://www.shop.example:8443")).await);
}

async fn nothing_is_sent_while_messaging_is_off(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let filled = app.filled(&helpdesk).await;
    app.set_messaging(&helpdesk, false).await;
    assert_eq!(app.form(&helpdesk).await["helpdesk"]["messaging"], false);
    let body = filled.with("a@example.com", "Hello", &json!({}));
    app.send_form(&body).await.refused(403, "messaging_off");
    app.set_messaging(&helpdesk, true).await;
    received(&app.send_form(&body).await);
}

async fn other_methods_media_and_helpdesks_are_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for path in ["form", "message"] {
        let address = format!("{}{PREFIX}/{path}", app.base);
        app.send(app.http.get(&address))
            .await
            .refused(405, "method_not_allowed");
        let form = app
            .http
            .post(&address)
            .header("content-type", "text/plain")
            .body("{}");
        app.send(form).await.refused(415, "unsupported_media_type");
        let large = app
            .http
            .post(&address)
            .header("content-type", "application/json")
            .body("x".repeat(300 * 1024));
        app.send(large).await.refused(413, "body_too_large");
        let preflight = app
            .send(app.http.request(reqwest::Method::OPTIONS, &address))
            .await;
        assert_eq!(
            (preflight.status, preflight.header("access-control-allow-methods")),
            (204, Some("POST"))
        );
        let body = json!({"helpdeskId": "nobody", "email": "a@example.com", "message": "x", "token": "x"});
        app.post_with(&format!("{PREFIX}/{path}"), &body, &[])
            .await
            .refused(404, "unknown_helpdesk");
    }
    let filled = app.filled(&helpdesk).await;
    app.advance(A_WHILE_MS);
    let body: Value = filled.with("a@example.com", "Hello", &json!({}));
    received(&app.send_form(&body).await);
}

async fn of_a_flood_the_newest_are_kept(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let (id, other) = (
        helpdesk.id.parse().unwrap(),
        app.helpdesk("Other").await.id.parse().unwrap(),
    );
    let note = |helpdesk_id, email: &str| {
        app.advance(1);
        refusals::note(&app.app, helpdesk_id, Reason::BadToken, email, "", "192.0.2.1");
    };
    note(id, "first@example.com");
    note(other, "theirs@example.com");
    refusals::flush(&app.app).await.unwrap();
    for number in 0..250 {
        note(id, &format!("{number}@example.com"));
    }
    note(id, "200@example.com");
    let kept = refusals::recent(&app.app, id).await.unwrap();
    assert_eq!(kept.len(), 100);
    assert_eq!((kept[0].email.as_str(), kept[0].times), ("200@example.com", 2));
    assert_eq!(kept[1].email, "249@example.com");
    assert_eq!(kept[99].email, "150@example.com");
    let theirs = refusals::recent(&app.app, other).await.unwrap();
    assert_eq!(
        theirs.len(),
        1,
        "what one is flooded with takes nothing from another"
    );
}
