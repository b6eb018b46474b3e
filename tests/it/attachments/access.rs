//! A file is for whoever may see what it came with, and for nobody else.

use helpdesky::operators::Role;
use serde_json::json;

use super::png;
use crate::dashboard::browser::{Browser, PASSWORD, operator, owner};
use crate::support::{PREFIX, TestApp, TestHelpdesk, string};

both_engines!(
    a_contact_gets_files_of_their_own_messages_only,
    the_gates_of_other_calls_stand_before_files_too,
    operators_get_the_files_of_their_helpdesk,
    only_pictures_are_shown,
);

/// A conversation of the contact with a file of an operator's reply and one of a private note; their ids.
async fn answered(app: &TestApp, helpdesk: &TestHelpdesk, browser: &mut Browser<'_>) -> [String; 3] {
    let contact = app.contact(helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let address = format!("/h/{}/conversations/{conversation}", helpdesk.id);
    let mut ids = Vec::new();
    for door in ["replies", "notes"] {
        let page = browser.get(&address).await;
        let fields = [("csrf", page.hidden("csrf")), ("quietly", "yes".to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        let taken = browser
            .send_file(
                &format!("{address}/attachments"),
                &fields,
                ("plan.pdf", b"%PDF-1"),
            )
            .await;
        assert_eq!(taken.status, 200, "{}", taken.html);
        let id = string(&taken.answer.json()["id"]);
        let form = [("body", "Here it is"), ("attachments", id.as_str())];
        let written = browser.submit(&page, &format!("{address}/{door}"), &form).await;
        assert_eq!(written.status, 303, "{}", written.html);
        ids.push(id);
    }
    [ids.remove(0), ids.remove(0), conversation]
}

async fn a_contact_gets_files_of_their_own_messages_only(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let elsewhere = app.helpdesk("Globex").await;
    let [public, private, conversation] = answered(&app, &helpdesk, &mut browser).await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let history = contact.history(&conversation).await;
    assert_eq!(history["messages"][1]["attachments"][0]["id"], json!(public));
    assert!(!history.to_string().contains(&private));

    assert_eq!(contact.fetch(&public).await.body, b"%PDF-1");
    contact.fetch(&private).await.refused(404, "attachment_not_found");
    for stranger in [
        app.contact(&helpdesk, "other@example.com"),
        app.contact(&elsewhere, "user@example.com"),
    ] {
        for id in [&public, &private, &"nonsense".to_owned()] {
            stranger.fetch(id).await.refused(404, "attachment_not_found");
        }
    }
    // What the operators hold for spam is not there.
    let spam = app
        .app
        .db()
        .write(async |tx: &mut db::Tx| tx.execute("UPDATE conversations SET status = 'spam'", &[]).await);
    spam.await.expect("spam");
    contact.fetch(&public).await.refused(404, "attachment_not_found");
}

async fn the_gates_of_other_calls_stand_before_files_too(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.uploaded("a.txt", b"text").await;
    contact.send_files(None, &[&id]).await.ok();
    let token = contact.token().await;

    let fetch = format!("{PREFIX}/attachments/{id}");
    for bad in ["", "nonsense", "hdt_AAAA"] {
        let header = format!("Bearer {bad}");
        app.post_with(&fetch, &json!({}), &[("authorization", &header)])
            .await
            .refused(401, "token_expired");
        contact
            .upload_with(bad, "a.txt", b"text")
            .await
            .refused(401, "token_expired");
    }
    app.post_with(&fetch, &json!({"token": token}), &[])
        .await
        .refused(401, "token_expired");
    let gotten = app.http.get(format!("{}{fetch}?token={token}", app.base));
    app.send(gotten).await.refused(405, "method_not_allowed");
    contact
        .by_token(&token, "attachments", json!({}))
        .await
        .refused(415, "unsupported_media_type");

    app.set_domains(&helpdesk, &["shop.example"])
        .await
        .expect("domains");
    let bearer = format!("Bearer {token}");
    let from = |origin: &'static str| [("authorization", bearer.clone()), ("origin", origin.to_owned())];
    let refused = from("https://evil.example");
    let refused = refused.each_ref().map(|(name, value)| (*name, value.as_str()));
    app.post_with(&fetch, &json!({}), &refused)
        .await
        .refused(403, "origin_not_allowed");
    let good = from("https://shop.example");
    let good = good.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(app.post_with(&fetch, &json!({}), &good).await.status, 200);

    app.set_messaging(&helpdesk, false).await;
    contact
        .upload_with(&token, "a.txt", b"text")
        .await
        .refused(403, "messaging_off");
    assert_eq!(contact.fetch(&id).await.status, 200, "reading stays possible");

    app.revoke_secret(&helpdesk).await;
    app.post_with(&fetch, &json!({}), &good)
        .await
        .refused(401, "token_expired");
}

async fn operators_get_the_files_of_their_helpdesk(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let [public, private, conversation] = answered(&app, &helpdesk, &mut browser).await;
    let base = format!("/h/{}", helpdesk.id);
    let page = browser.get(&format!("{base}/conversations/{conversation}")).await;
    for id in [&public, &private] {
        assert!(
            page.html.contains(&format!("{base}/attachments/{id}")),
            "{}",
            page.html
        );
        let file = browser.get(&format!("{base}/attachments/{id}")).await;
        assert_eq!((file.status, file.html.as_str()), (200, "%PDF-1"));
        for (name, value) in [
            (
                "content-disposition",
                "attachment; filename=\"plan.pdf\"; filename*=UTF-8''plan.pdf",
            ),
            ("x-content-type-options", "nosniff"),
            (
                "content-security-policy",
                "sandbox; default-src 'none'; frame-ancestors 'none'",
            ),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "private, no-store"),
        ] {
            assert_eq!(file.answer.header(name), Some(value), "{name}");
        }
    }
    // A file that waits in a box is its owner's alone.
    let fields = [("csrf", page.hidden("csrf")), ("quietly", "yes".to_owned())];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let upload = format!("{base}/conversations/{conversation}/attachments");
    let taken = browser.send_file(&upload, &fields, ("draft.txt", b"text")).await;
    let waiting = string(&taken.answer.json()["id"]);
    assert_eq!(
        browser.get(&format!("{base}/attachments/{waiting}")).await.status,
        200
    );

    operator(&app, &helpdesk, "ines@acme.example", Role::Operator).await;
    let mut colleague = Browser::new(&app);
    colleague.sign_in("ines@acme.example", PASSWORD).await;
    assert_eq!(
        colleague
            .get(&format!("{base}/attachments/{public}"))
            .await
            .status,
        200
    );
    assert_eq!(
        colleague
            .get(&format!("{base}/attachments/{waiting}"))
            .await
            .status,
        404
    );

    let other = app.helpdesk_without_secret("Globex").await;
    operator(&app, &other, "eve@globex.example", Role::Owner).await;
    let mut stranger = Browser::new(&app);
    stranger.sign_in("eve@globex.example", PASSWORD).await;
    for helpdesk in [&helpdesk, &other] {
        for id in [&public, &private, &waiting] {
            for end in ["", "/picture"] {
                let path = format!("/h/{}/attachments/{id}{end}", helpdesk.id);
                assert_eq!(stranger.get(&path).await.status, 404, "{path}");
            }
        }
    }
    let signed_out = Browser::new(&app)
        .get(&format!("{base}/attachments/{public}"))
        .await;
    assert_eq!(signed_out.status, 303);
}

async fn only_pictures_are_shown(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let picture = png(640, 480);
    let polyglot = [b"GIF89a\x0a\0\x0a\0".as_slice(), b"/*<script>alert(1)</script>"].concat();
    for (name, bytes, kind, is_shown) in [
        ("a.png", picture.as_slice(), "image/png", true),
        ("a.gif", polyglot.as_slice(), "image/gif", true),
        (
            "a.html",
            b"<script>alert(1)</script>",
            "application/octet-stream",
            false,
        ),
        (
            "a.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            "application/octet-stream",
            false,
        ),
        (
            "a.xml",
            b"<?xml version='1.0'?>",
            "application/octet-stream",
            false,
        ),
        ("a.js", b"alert(1)", "application/octet-stream", false),
        ("a.php", b"<?php", "application/octet-stream", false),
        ("a.pdf", b"%PDF-1.7", "application/pdf", false),
        (
            "picture.png",
            b"<svg onload=alert(1)>",
            "application/octet-stream",
            false,
        ),
        (
            "picture.jpg",
            picture.as_slice(),
            "application/octet-stream",
            false,
        ),
        (
            "picture.png.html",
            picture.as_slice(),
            "application/octet-stream",
            false,
        ),
        ("bomb.png", &png(50_000, 50_000), "image/png", false),
    ] {
        let id = contact.uploaded(name, bytes).await;
        let sent = contact.send_files(None, &[&id]).await.ok();
        assert_eq!(sent["message"]["attachments"][0]["contentType"], kind, "{name}");
        let path = format!("/h/{}/attachments/{id}", helpdesk.id);
        let file = browser.get(&path).await;
        assert_eq!(file.answer.header("content-type"), Some(kind), "{name}");
        let disposition = file.answer.header("content-disposition").unwrap_or_default();
        assert!(disposition.starts_with("attachment; "), "{name}: {disposition}");
        let shown = browser.get(&format!("{path}/picture")).await;
        assert_eq!(shown.status, if is_shown { 200 } else { 404 }, "{name}");
        let conversation = string(&sent["conversationId"]);
        let page = browser
            .get(&format!("/h/{}/conversations/{conversation}", helpdesk.id))
            .await;
        assert_eq!(page.html.contains("<img "), is_shown, "{name}");
        if is_shown {
            for (header, value) in [
                ("content-type", kind),
                ("x-content-type-options", "nosniff"),
                (
                    "content-security-policy",
                    "sandbox; default-src 'none'; frame-ancestors 'none'",
                ),
                ("cross-origin-resource-policy", "same-origin"),
                ("cache-control", "private, max-age=3600"),
            ] {
                assert_eq!(shown.answer.header(header), Some(value), "{name}: {header}");
            }
        }
    }
}
