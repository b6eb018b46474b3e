//! How large a file may be, how many there may be, and what becomes of uploads that do not end.

use helpdesky::attachments::blobs;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{nothing_stays, stored};
use crate::dashboard::browser::owner;
use crate::support::{PREFIX, TestApp, TestContact, raw, string};

both_engines!(
    a_file_at_the_limit_is_taken_and_one_byte_more_is_not,
    an_endless_upload_is_refused_at_the_limit,
    an_upload_needs_no_content_length,
    a_message_has_ten_files_at_most,
    only_so_many_files_wait,
    what_breaks_off_leaves_nothing,
    what_a_dead_process_left_is_forgotten,
);

const LIMIT: usize = 512 * 1024;

async fn a_file_at_the_limit_is_taken_and_one_byte_more_is_not(app: TestApp) {
    let app = app.with_files_of(LIMIT as u32).await;
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let file = contact.upload("a.bin", &vec![7; LIMIT]).await;
    assert_eq!(file["size"], LIMIT);
    for more in [1, 1_000, 3_000_000] {
        let refused = contact.try_upload("a.bin", &vec![7; LIMIT + more]).await;
        let code = if more > 64 * 1024 {
            refused.json()["code"].clone()
        } else {
            "attachment_too_large".into()
        };
        let sentence = refused.refused(413, code.as_str().expect("a code"));
        assert!(more > 64 * 1024 || sentence.contains("512 KB"), "{sentence}");
    }
    let id = string(&file["id"]);
    let token = contact.token().await;
    contact
        .by_token(
            &token,
            &format!("attachments/{id}/removal"),
            serde_json::json!({}),
        )
        .await
        .ok();
    nothing_stays(&app).await;
}

/// The head of an upload without an end.
async fn begin(app: &TestApp, contact: &TestContact<'_>) -> TcpStream {
    let bearer = format!("Authorization: Bearer {}", contact.token().await);
    let kind = format!("Content-Type: {}", crate::support::media_type());
    let headers = [kind.as_str(), &bearer, "Transfer-Encoding: chunked"];
    let head = raw::head(app, "POST", &format!("{PREFIX}/attachments"), &headers);
    let mut socket = TcpStream::connect(app.address).await.expect("connect");
    socket.write_all(&head).await.expect("a head");
    chunk(&mut socket, crate::support::file_head("a.bin").as_bytes())
        .await
        .expect("a chunk");
    socket
}

async fn chunk(socket: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    let head = format!("{:x}\r\n", bytes.len());
    socket
        .write_all(&[head.as_bytes(), bytes, b"\r\n"].concat())
        .await
}

async fn an_endless_upload_is_refused_at_the_limit(app: TestApp) {
    let app = app.with_files_of(LIMIT as u32).await;
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut socket = begin(&app, &contact).await;
    // Exactly so much, and then silence: the refusal must come by itself.
    let piece = vec![b'x'; 16 * 1024];
    for _ in 0..(LIMIT + 64 * 1024) / piece.len() {
        chunk(&mut socket, &piece).await.expect("the server reads");
    }
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(20), socket.read(&mut answer)).await;
    let length = read.expect("an answer in time").expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    drop(socket);
    nothing_stays(&app).await;
}

async fn an_upload_needs_no_content_length(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut socket = begin(&app, &contact).await;
    chunk(&mut socket, b"some text").await.expect("a chunk");
    let end = crate::support::multipart(&[], "a.bin", b"").1;
    let end = &end[crate::support::file_head("a.bin").len()..];
    chunk(&mut socket, end).await.expect("a chunk");
    socket.write_all(b"0\r\n\r\n").await.expect("the end");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"size\":9"),
        "{answer}"
    );
}

async fn a_message_has_ten_files_at_most(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(contact.uploaded("a.txt", b"text").await);
    }
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    contact
        .send_files(None, &all)
        .await
        .refused(422, "too_many_attachments");
    let many = vec!["x"; 5_000];
    contact
        .send_files(None, &many)
        .await
        .refused(422, "too_many_attachments");
    let sent = contact.send_files(None, &all[..10]).await.ok();

    let address = format!(
        "/h/{}/conversations/{}",
        helpdesk.id,
        string(&sent["conversationId"])
    );
    let csrf = browser.get(&address).await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("quietly", "yes")];
    let path = format!("{address}/attachments");
    for n in 0..11 {
        let taken = browser.send_file(&path, &fields, ("a.txt", b"text")).await;
        assert_eq!(taken.status, if n < 10 { 200 } else { 422 }, "{}", taken.html);
    }
}

async fn only_so_many_files_wait(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let token = contact.token().await;
    for _ in 0..40 {
        app.advance(1_000);
        contact.upload_with(&token, "a.txt", b"text").await.ok();
    }
    contact
        .upload_with(&token, "a.txt", b"text")
        .await
        .refused(422, "too_many_waiting");
    // Another contact has a room of their own, until the helpdesk's is full.
    let other = app.contact(&helpdesk, "other@example.com");
    other.uploaded("a.txt", b"text").await;
    let grown = app
        .app
        .db()
        .write(async |tx: &mut db::Tx| tx.execute("UPDATE attachments SET size = 40000000", &[]).await);
    grown.await.expect("large files");
    other
        .try_upload("a.txt", b"text")
        .await
        .refused(422, "too_much_waiting");
    assert_eq!(stored(&app).await.2, 41);
}

async fn what_breaks_off_leaves_nothing(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for _ in 0..6 {
        let mut socket = begin(&app, &contact).await;
        chunk(&mut socket, &vec![b'x'; 700_000]).await.expect("a chunk");
        for _ in 0..500 {
            if stored(&app).await.1 > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(stored(&app).await.1 > 0, "it is written as it comes");
        drop(socket);
        nothing_stays(&app).await;
    }
    contact.uploaded("a.txt", b"text").await;
}

async fn what_a_dead_process_left_is_forgotten(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = helpdesk.id.parse().expect("an id");
    let mut writer = blobs::Writer::new(&app.app, id);
    writer.write(&vec![1; 600_000]).await.expect("written");
    // Nobody ends it: what a process leaves that is killed.
    drop(writer);
    assert_eq!(stored(&app).await, (1, 2, 0));
    app.advance(25 * 60 * 60 * 1000);
    blobs::forget_unused(&app.app, id).await.expect("housekeeping");
    assert_eq!(stored(&app).await, (0, 0, 0));
}
