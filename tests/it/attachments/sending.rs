//! A file is uploaded, sent with a message, and fetched as it was.

use serde_json::json;

use super::{png, stored};
use crate::support::{TestApp, array, string};

both_engines!(
    a_file_is_sent_with_a_message_and_fetched,
    a_large_file_comes_back_byte_by_byte,
    files_keep_their_order,
    a_message_sent_twice_has_its_files_once,
    only_waiting_files_of_ones_own_can_be_sent,
    a_removed_file_is_gone,
    what_was_never_sent_is_forgotten_after_a_day,
);

async fn a_file_is_sent_with_a_message_and_fetched(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let file = contact.upload("Übersicht.pdf", b"%PDF-1.7 and more").await;
    assert_eq!(file["name"], "Übersicht.pdf");
    assert_eq!(file["contentType"], "application/pdf");
    assert_eq!(file["size"], 17);
    let id = string(&file["id"]);
    let url = format!("{}/api/messaging/ticket-center/attachments/{id}", app.base);
    assert_eq!(file["url"], url);
    // Until it is sent nobody can fetch it, not even who uploaded it.
    contact.fetch(&id).await.refused(404, "attachment_not_found");

    let sent = contact.send_files(None, &[&id]).await.ok();
    assert_eq!(sent["message"]["attachments"], json!([file]));
    let conversation = string(&sent["conversationId"]);
    let history = contact.history(&conversation).await;
    assert_eq!(history["messages"][0]["attachments"], json!([file]));
    let peeked = contact
        .by_token(
            &contact.token().await,
            &format!("conversations/{conversation}"),
            json!({}),
        )
        .await
        .ok();
    assert_eq!(peeked["messages"][0]["attachments"], json!([file]));

    let answer = contact.fetch(&id).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.body, b"%PDF-1.7 and more");
    for (name, value) in [
        ("content-length", "17"),
        ("content-type", "application/pdf"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("access-control-allow-origin", "*"),
        (
            "content-security-policy",
            "sandbox; default-src 'none'; frame-ancestors 'none'",
        ),
        (
            "content-disposition",
            "attachment; filename=\"_bersicht.pdf\"; filename*=UTF-8''%C3%9Cbersicht.pdf",
        ),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
}

async fn a_large_file_comes_back_byte_by_byte(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    const PIECE: usize = 256 * 1024;
    for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17] {
        let bytes: Vec<u8> = (0..length).map(|n| (n * 31 % 251) as u8).collect();
        let id = contact.uploaded("a.bin", &bytes).await;
        contact.send_files(None, &[&id]).await.ok();
        let answer = contact.fetch(&id).await;
        assert_eq!(answer.header("content-length"), Some(length.to_string().as_str()));
        assert!(answer.body == bytes, "{length} bytes");
    }
}

async fn files_keep_their_order(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut ids = Vec::new();
    for n in 0..10 {
        ids.push(contact.uploaded(&format!("{n}.txt"), b"text").await);
    }
    ids.reverse();
    let named: Vec<&str> = ids.iter().map(String::as_str).collect();
    let sent = contact.send_files(None, &named).await.ok();
    let history = contact.history(&string(&sent["conversationId"])).await;
    let names: Vec<String> = array(&history["messages"][0]["attachments"])
        .iter()
        .map(|file| string(&file["name"]))
        .collect();
    assert_eq!(
        names.concat(),
        "9.txt8.txt7.txt6.txt5.txt4.txt3.txt2.txt1.txt0.txt"
    );
}

async fn a_message_sent_twice_has_its_files_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let (one, other) = (
        contact.uploaded("1.txt", b"1").await,
        contact.uploaded("2.txt", b"2").await,
    );
    let send = |ids: Vec<String>| {
        let fields = json!({"message": "Twice", "attachmentIds": ids, "idempotencyKey": "k"});
        contact.call("message", fields)
    };
    let first = send(vec![one.clone()]).await.ok();
    let again = send(vec![one.clone()]).await.ok();
    assert_eq!(first["message"], again["message"]);
    assert_eq!(first["message"]["attachments"][0]["id"], json!(one));
    send(vec![other]).await.refused(409, "idempotency_conflict");
    assert_eq!(app.counts().await.messages, 1);
}

async fn only_waiting_files_of_ones_own_can_be_sent(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let elsewhere = app.helpdesk("Globex").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let conversation = contact.open("Hello").await;
    let sent = contact.uploaded("sent.txt", b"1").await;
    contact.send_files(Some(&conversation), &[&sent]).await.ok();
    let others = app
        .contact(&helpdesk, "other@example.com")
        .uploaded("other.txt", b"2")
        .await;
    let foreign = app
        .contact(&elsewhere, "user@example.com")
        .uploaded("foreign.txt", b"3")
        .await;
    let own = contact.uploaded("own.txt", b"4").await;
    let before = app.counts().await;
    for id in [
        sent.as_str(),
        &others,
        &foreign,
        "0198c9a2-7a4e-7000-8000-000000000001",
        "nonsense",
        "",
        &own.to_uppercase(),
    ] {
        for ids in [vec![id], vec![own.as_str(), id]] {
            for at in [None, Some(conversation.as_str())] {
                contact
                    .send_files(at, &ids)
                    .await
                    .refused(422, "unknown_attachment");
            }
        }
    }
    // Twice is once too often.
    contact
        .send_files(None, &[&own, &own])
        .await
        .refused(422, "unknown_attachment");
    assert_eq!(app.counts().await, before);
    contact.send_files(None, &[&own]).await.ok();
}

async fn a_removed_file_is_gone(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let other = app.contact(&helpdesk, "other@example.com");
    let id = contact.uploaded("a.png", &png(3, 4)).await;
    let path = format!("attachments/{id}/removal");
    other.by_token(&other.token().await, &path, json!({})).await.ok();
    assert_eq!(stored(&app).await, (1, 1, 1));
    let token = contact.token().await;
    contact.by_token(&token, &path, json!({})).await.ok();
    contact.by_token(&token, &path, json!({})).await.ok();
    assert_eq!(stored(&app).await, (0, 0, 0));
    contact
        .send_files(None, &[&id])
        .await
        .refused(422, "unknown_attachment");
    // One that was sent stays.
    let id = contact.uploaded("a.png", &png(3, 4)).await;
    contact.send_files(None, &[&id]).await.ok();
    contact
        .by_token(&token, &format!("attachments/{id}/removal"), json!({}))
        .await
        .ok();
    assert_eq!(contact.fetch(&id).await.status, 200);
}

async fn what_was_never_sent_is_forgotten_after_a_day(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let forgotten = contact.uploaded("a.bin", &vec![1; 300_000]).await;
    let sent = contact.uploaded("b.bin", &vec![2; 300_000]).await;
    contact.send_files(None, &[&sent]).await.ok();
    let id = helpdesk.id.parse().expect("an id");
    app.advance(23 * 60 * 60 * 1000);
    helpdesky::attachments::forget_waiting(&app.app, id)
        .await
        .expect("housekeeping");
    assert_eq!(stored(&app).await, (2, 4, 2));
    app.advance(2 * 60 * 60 * 1000);
    helpdesky::attachments::forget_waiting(&app.app, id)
        .await
        .expect("housekeeping");
    assert_eq!(stored(&app).await, (1, 2, 1));
    assert_eq!(contact.fetch(&sent).await.body.len(), 300_000);
    contact
        .send_files(None, &[&forgotten])
        .await
        .refused(422, "unknown_attachment");
}
