//! Files that come with a form and are refused, and how little stays of them.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::files::{ended, file, text, texts};
use super::{PREFIX, received};
use crate::attachments::{nothing_stays, stored};
use crate::support::{BOUNDARY, TestApp, file_head, media_type, merged, raw, string};

both_engines!(
    what_is_refused_keeps_no_byte,
    the_limits_hold,
    only_listed_sites_send_files,
    what_breaks_off_leaves_nothing,
    a_broken_form_is_refused,
    few_come_at_once_and_in_an_hour,
);

async fn what_is_refused_keeps_no_byte(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let large = vec![7; 600_000];
    let files: [(&str, &[u8]); 2] = [("a.bin", &large), ("b.txt", b"text")];
    for (more, status, code) in [
        (json!({"token": "hdf_x"}), 422, "form_expired"),
        (json!({"proof": "1x"}), 422, "proof_refused"),
        (json!({"email": "nobody"}), 422, "invalid_email"),
        (json!({"message": " "}), 422, "message_empty"),
        (json!({"helpdeskId": "nobody"}), 404, "unknown_helpdesk"),
        (json!({"fields": "{"}), 400, "invalid_field"),
    ] {
        let fields = merged(filled.with("a@example.com", "Hello", &json!({})), &more);
        app.send_with_files(&fields, &files).await.refused(status, code);
    }
    let form = app.form(&helpdesk).await;
    let token = string(&form["token"]);
    let proof = super::proof(&token, form["proofBits"].as_u64().unwrap());
    let fast = json!({"token": token, "proof": proof});
    let fields = filled.with("a@example.com", "Hello", &fast);
    app.send_with_files(&fields, &files)
        .await
        .refused(429, "too_fast");
    assert_eq!(stored(&app).await, (0, 0, 0));

    app.set_form(&helpdesk, |form| form.protection.per_address_a_day = 1)
        .await;
    received(
        &app.write_by_form(&helpdesk, "a@example.com", "One", json!({}))
            .await,
    );
    app.write_with_files(&helpdesk, "Two", &files)
        .await
        .refused(429, "rate_limited");
    app.set_form(&helpdesk, |form| form.protection.per_network_an_hour = 1)
        .await;
    app.write_with_files(&helpdesk, "Three", &files)
        .await
        .refused(429, "rate_limited");
    assert_eq!(stored(&app).await, (0, 0, 0));
    assert_eq!(app.counts().await.conversations, 1);
}

async fn the_limits_hold(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let six = [("a.txt", b"text".as_slice()); 6];
    app.write_with_files(&helpdesk, "Six", &six)
        .await
        .refused(422, "too_many_attachments");
    received(&app.write_with_files(&helpdesk, "Five", &six[..5]).await);
    assert_eq!(
        app.files_of(&helpdesk, app.open_list(&helpdesk).await)
            .await
            .len(),
        5
    );
    let too_large = vec![7; 10 * 1024 * 1024 + 1];
    let sentence = app
        .write_with_files(&helpdesk, "Large", &[("a.txt", b"text"), ("b.bin", &too_large)])
        .await
        .refused(413, "attachment_too_large");
    assert!(sentence.contains("10 MB"), "{sentence}");
    let large = &too_large[1..];
    let together = [("a.bin", large), ("b.bin", large), ("c.bin", large)];
    app.write_with_files(&helpdesk, "Together", &together)
        .await
        .refused(413, "body_too_large");
    let filled = app.filled(&helpdesk).await;
    let long = filled.with("a@example.com", &"x".repeat(300_000), &json!({}));
    app.send_with_files(&long, &[])
        .await
        .refused(413, "body_too_large");
    assert_eq!(app.counts().await.conversations, 1);
    for _ in 0..500 {
        if stored(&app).await == (5, 5, 5) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("something stays: {:?}", stored(&app).await);
}

async fn only_listed_sites_send_files(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    app.set_domains(&helpdesk, &["shop.example"]).await.unwrap();
    let fields = filled.with("a@example.com", "Hello", &json!({}));
    let body = ended([texts(&fields), file("a.txt", b"text")].concat());
    let path = format!("{PREFIX}/message");
    for origin in [Some("https://evil.example"), Some("null"), None] {
        let headers: Vec<_> = origin.map(|origin| ("origin", origin)).into_iter().collect();
        let refused = app.post_form(&path, body.clone(), &headers).await;
        refused.refused(403, "origin_not_allowed");
        assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
        let hosted = format!("/form/{}", helpdesk.id);
        assert_eq!(app.post_form(&hosted, body.clone(), &headers).await.status, 403);
    }
    assert_eq!(stored(&app).await, (0, 0, 0));
    let good = [("origin", "https://www.shop.example")];
    received(&app.post_form(&path, body, &good).await);
}

async fn what_breaks_off_leaves_nothing(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let fields = filled.with("a@example.com", "Hello", &json!({}));
    let begun = [
        texts(&fields),
        file("a.bin", &vec![7; 600_000]),
        file_head("b.bin").into_bytes(),
    ]
    .concat();
    let kind = format!("Content-Type: {}", media_type());
    let head = raw::head(
        &app,
        "POST",
        &format!("{PREFIX}/message"),
        &[&kind, "Content-Length: 9000000"],
    );
    let mut socket = TcpStream::connect(app.address).await.expect("connect");
    socket.write_all(&head).await.expect("a head");
    socket.write_all(&begun).await.expect("a beginning");
    for _ in 0..500 {
        if stored(&app).await.1 > 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(stored(&app).await.1 > 0, "it is written as it comes");
    drop(socket);
    nothing_stays(&app).await;
    // The form that broke off is still good.
    received(&app.send_with_files(&fields, &[("a.txt", b"text")]).await);
    assert_eq!((app.counts().await.messages, stored(&app).await.0), (1, 1));
}

async fn a_broken_form_is_refused(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let fields = texts(&filled.with("a@example.com", "Hello", &json!({})));
    let path = format!("{PREFIX}/message");
    let with = |more: Vec<u8>| [fields.clone(), more].concat();
    let unnamed = format!("--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n").into_bytes();
    let elsewhere = String::from_utf8(file("a.txt", b"x"))
        .unwrap()
        .replace("name=\"file\"", "name=\"message\"");
    let latin = [text("subject", "x"), vec![]].concat();
    let latin = [&latin[..latin.len() - 3], b"\xff\r\n"].concat();
    for (what, body, status, code) in [
        ("nothing", Vec::new(), 400, "invalid_form"),
        ("cut short", with(file("a.txt", b"x")), 400, "invalid_form"),
        ("cut in a text", fields[..60].to_vec(), 400, "invalid_form"),
        ("no name", ended(with(unnamed)), 400, "invalid_form"),
        (
            "twice",
            ended(with(text("email", "b@example.com"))),
            400,
            "invalid_field",
        ),
        ("not UTF-8", ended(with(latin)), 400, "invalid_form"),
        (
            "another part",
            ended(with(elsewhere.into_bytes())),
            400,
            "invalid_form",
        ),
        (
            "a text after a file",
            ended(with([file("a.txt", b"x"), text("name", "x")].concat())),
            400,
            "invalid_form",
        ),
        (
            "10,000 texts",
            ended(with(text("x", "").repeat(10_000))),
            413,
            "body_too_large",
        ),
        (
            "10,000 files",
            ended(with(file("a", b"").repeat(10_000))),
            422,
            "too_many_attachments",
        ),
        (
            "10,000 empty files",
            ended(with(file("", b"").repeat(10_000))),
            413,
            "body_too_large",
        ),
    ] {
        let answer = app.post_form(&path, body, &[]).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (status, Some(code)),
            "{what}"
        );
    }
    let request = app.http.post(format!("{}{path}", app.base));
    let request = request
        .header("content-type", "multipart/form-data")
        .body(ended(fields.clone()));
    app.send(request).await.refused(415, "unsupported_media_type");
    assert_eq!(app.counts().await.conversations, 0);
    nothing_stays(&app).await;
    received(&app.post_form(&path, ended(fields), &[]).await);
}

async fn few_come_at_once_and_in_an_hour(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let kind = format!("Content-Type: {}", media_type());
    let head = raw::head(
        &app,
        "POST",
        &format!("{PREFIX}/message"),
        &[&kind, "Content-Length: 9000000"],
    );
    let mut sockets = Vec::new();
    for n in 1..=4 {
        let filled = app.filled(&helpdesk).await;
        let fields = filled.with("a@example.com", &format!("Number {n}"), &json!({}));
        let begun = [
            head.clone(),
            texts(&fields),
            file_head("a.bin").into_bytes(),
            vec![7; 600_000],
        ]
        .concat();
        let mut socket = TcpStream::connect(app.address).await.expect("connect");
        socket.write_all(&begun).await.expect("a beginning");
        for _ in 0..500 {
            if stored(&app).await.0 >= n {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(stored(&app).await.0, n);
        sockets.push(socket);
    }
    app.write_with_files(&helpdesk, "A fifth", &[("a.txt", b"text")])
        .await
        .refused(429, "rate_limited");
    drop(sockets);
    nothing_stays(&app).await;
    for n in 0..5 {
        received(
            &app.write_with_files(&helpdesk, &format!("Again {n}"), &[("a.txt", b"text")])
                .await,
        );
    }
    app.write_with_files(&helpdesk, "An eleventh", &[("a.txt", b"text")])
        .await
        .refused(429, "rate_limited");
    received(
        &app.write_by_form(&helpdesk, "b@example.com", "Without", json!({}))
            .await,
    );
}
