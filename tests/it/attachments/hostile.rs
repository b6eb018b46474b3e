//! Names and forms that nobody sends by mistake.

use super::nothing_stays;
use crate::support::{PREFIX, TestApp, raw, string};

both_engines!(
    no_name_leads_anywhere,
    a_form_that_is_broken_is_refused,
    headers_of_parts_are_not_endless,
);

async fn no_name_leads_anywhere(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let long = format!("{}.pdf", "n".repeat(4_096));
    for (given, kept) in [
        ("../../etc/passwd", "passwd"),
        ("..%2f..%2fx.txt", "_2f.._2fx.txt"),
        ("C:\\Windows\\evil.exe", "evil.exe"),
        ("\\\\host\\share\\a.doc", "a.doc"),
        ("/etc/cron.d/x", "x"),
        (".htaccess", "htaccess"),
        ("\u{200b}.htaccess", "htaccess"),
        ("invoice\u{202e}fdp.exe", "invoice fdp.exe"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("..", "attachment.bin"),
        ("a<b>c.txt", "a_b_c.txt"),
        ("two\r\nlines.txt", "two_0D_0Alines.txt"),
        ("資料 ملف.pdf", "資料 ملف.pdf"),
        (long.as_str(), &format!("{}.pdf", "n".repeat(129))),
    ] {
        let file = contact.upload(given, b"bytes").await;
        assert_eq!(string(&file["name"]), kept, "{given:?}");
        let id = string(&file["id"]);
        contact.send_files(None, &[&id]).await.ok();
        let answer = contact.fetch(&id).await;
        let disposition = answer.header("content-disposition").expect("a disposition");
        assert!(disposition.is_ascii() && disposition.starts_with("attachment; filename=\""));
        assert!(
            !disposition.contains("..%2f") && !disposition.contains('\\'),
            "{disposition}"
        );
    }
    // Nothing became a file on a disk.
    let names = std::fs::read_dir(app.folder.path()).expect("the data folder");
    for entry in names {
        let name = entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned();
        assert!(!name.contains("passwd") && !name.contains("evil"), "{name}");
    }
}

async fn a_form_that_is_broken_is_refused(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let token = contact.token().await;
    let path = format!("{}{PREFIX}/attachments", app.base);
    let part = "Content-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\ntext";
    for (kind, body, status, code) in [
        (
            "multipart/form-data",
            "x".to_owned(),
            415,
            "unsupported_media_type",
        ),
        ("text/plain", "x".to_owned(), 415, "unsupported_media_type"),
        (
            "multipart/form-data; boundary=b",
            String::new(),
            400,
            "invalid_form",
        ),
        (
            "multipart/form-data; boundary=b",
            "no part at all".to_owned(),
            400,
            "invalid_form",
        ),
        (
            "multipart/form-data; boundary=b",
            "--b--\r\n".to_owned(),
            400,
            "invalid_form",
        ),
        (
            "multipart/form-data; boundary=b",
            format!("--b\r\n{part}"),
            400,
            "invalid_form",
        ),
        (
            "multipart/form-data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\ntext\r\n--b--\r\n".to_owned(),
            400,
            "invalid_form",
        ),
    ] {
        let request = app
            .http
            .post(&path)
            .bearer_auth(&token)
            .header("content-type", kind)
            .body(body.clone());
        let answer = app.send(request).await;
        answer.refused(status, code);
    }
    nothing_stays(&app).await;
}

async fn headers_of_parts_are_not_endless(app: TestApp) {
    let app = app.with_files_of(64 * 1024).await;
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let bearer = format!("Authorization: Bearer {}", contact.token().await);
    let path = format!("{PREFIX}/attachments");
    let long = vec![b'x'; 400_000];
    for start in [
        "--b\r\nContent-Disposition: form-data; name=\"",
        "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n",
        "before the first part ",
    ] {
        let length = format!("Content-Length: {}", start.len() + long.len());
        let headers = ["Content-Type: multipart/form-data; boundary=b", &bearer, &length];
        let head = raw::head(&app, "POST", &path, &headers);
        let answer = raw::send(&app, &[&head, start.as_bytes(), &long]).await;
        assert!(matches!(answer.status, 400 | 413), "{start}: {}", answer.text());
    }
    nothing_stays(&app).await;
}
