//! Files that come with a form: what is kept of them, and for whom.

use helpdesky::attachments::{Attachment, blobs};
use helpdesky::conversations::by_operator;
use serde_json::{Value, json};

use super::{A_WHILE_MS, PREFIX, received};
use crate::attachments::{nothing_stays, png, stored};
use crate::dashboard::browser::owner;
use crate::support::{Answer, BOUNDARY, TestApp, TestHelpdesk, file_head, media_type};

both_engines!(
    files_stand_in_the_conversation_byte_for_byte,
    a_form_says_whether_it_takes_files_and_refuses_them_otherwise,
    a_form_sent_again_keeps_no_second_set,
    spam_and_what_waits_keep_their_files,
    only_whoever_may_see_the_text_has_the_files,
    no_name_leads_anywhere_and_nothing_active_is_shown,
    the_hosted_page_takes_files,
);

/// One part of a form, by its bytes.
pub(super) fn text(name: &str, value: &str) -> Vec<u8> {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes()
}

pub(super) fn file(name: &str, bytes: &[u8]) -> Vec<u8> {
    [file_head(name).as_bytes(), bytes, b"\r\n"].concat()
}

pub(super) fn texts(fields: &Value) -> Vec<u8> {
    let object = fields.as_object().expect("an object");
    let parts = object.iter().map(|(name, value)| match value {
        Value::String(value) => text(name, value),
        other => text(name, &other.to_string()),
    });
    parts.collect::<Vec<_>>().concat()
}

pub(super) fn ended(mut body: Vec<u8>) -> Vec<u8> {
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

impl TestApp {
    pub(super) async fn taking_files(&self, name: &str) -> TestHelpdesk {
        let helpdesk = self.helpdesk(name).await;
        self.set_form(&helpdesk, |form| form.asks_files = true).await;
        helpdesk
    }

    pub(super) async fn post_form(&self, path: &str, body: Vec<u8>, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.http.post(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.header("content-type", media_type()).body(body))
            .await
    }

    pub(super) async fn send_with_files(&self, fields: &Value, files: &[(&str, &[u8])]) -> Answer {
        let parts = files.iter().flat_map(|(name, bytes)| file(name, bytes));
        let body = ended(texts(fields).into_iter().chain(parts).collect());
        self.post_form(&format!("{PREFIX}/message"), body, &[]).await
    }

    /// Fills in a fresh form, and sends it with files.
    pub(super) async fn write_with_files(
        &self,
        helpdesk: &TestHelpdesk,
        message: &str,
        files: &[(&str, &[u8])],
    ) -> Answer {
        let filled = self.filled(helpdesk).await;
        let fields = filled.with("a@example.com", message, &json!({}));
        self.send_with_files(&fields, files).await
    }

    /// The files of the first message of the newest conversation of these.
    pub(super) async fn files_of(
        &self,
        helpdesk: &TestHelpdesk,
        rows: Vec<helpdesky::conversations::inbox::Row>,
    ) -> Vec<Attachment> {
        let member = self.member(helpdesk).await;
        let opened = by_operator::show(&self.app, &member, rows[0].conversation.id, None)
            .await
            .unwrap();
        let by_operator::Entry::Message(message) = &opened.entries[0] else {
            panic!("a message: {:?}", opened.entries);
        };
        message.attachments.clone()
    }

    async fn bytes_of(&self, file: &Attachment) -> Vec<u8> {
        let read = blobs::read(&self.app, file.helpdesk_id, file.blob_id).await;
        read.expect("bytes").expect("a blob")
    }
}

async fn files_stand_in_the_conversation_byte_for_byte(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    app.set_form(&helpdesk, |form| form.asks_files = true).await;
    let large: Vec<u8> = (0..700_000u32).map(|n| (n % 251) as u8).collect();
    let picture = png(3, 2);
    let files: [(&str, &[u8]); 3] = [
        ("plan.pdf", b"%PDF-1"),
        ("a.png", &picture),
        ("large.bin", &large),
    ];
    received(&app.write_with_files(&helpdesk, "With files", &files).await);

    let rows = app.open_list(&helpdesk).await;
    let (conversation, unverified) = (rows[0].conversation.id, rows[0].conversation.unverified);
    assert!(unverified);
    let kept = app.files_of(&helpdesk, rows).await;
    let named: Vec<_> = kept
        .iter()
        .map(|it| (it.name.as_str(), it.content_type.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            ("plan.pdf", "application/pdf"),
            ("a.png", "image/png"),
            ("large.bin", "application/octet-stream")
        ]
    );
    assert_eq!(kept[1].picture, Some((3, 2)));
    for (file, (_, bytes)) in kept.iter().zip(files) {
        assert!(app.bytes_of(file).await == bytes, "{}", file.name);
    }
    let base = format!("/h/{}", helpdesk.id);
    let page = browser.get(&format!("{base}/conversations/{conversation}")).await;
    assert!(page.html.contains("plan.pdf") && page.html.contains("large.bin"));
    let fetched = browser.get(&format!("{base}/attachments/{}", kept[0].id)).await;
    assert_eq!((fetched.status, fetched.html.as_str()), (200, "%PDF-1"));
}

async fn a_form_says_whether_it_takes_files_and_refuses_them_otherwise(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let form = app.form(&helpdesk).await;
    assert_eq!(
        (&form["form"]["files"], &form["fileLimits"]),
        (&json!(false), &json!(null))
    );
    app.write_with_files(&helpdesk, "Hello", &[("a.txt", b"text")])
        .await
        .refused(422, "files_not_wanted");
    // The same kind of request without files is a message like any other.
    received(&app.write_with_files(&helpdesk, "Hello", &[("", b"")]).await);
    app.set_form(&helpdesk, |form| form.asks_files = true).await;
    let form = app.form(&helpdesk).await;
    assert_eq!(form["form"]["files"], true);
    let limits = json!({"count": 5, "bytes": 10_485_760, "bytesInAll": 26_214_400});
    assert_eq!(form["fileLimits"], limits);
    received(
        &app.write_by_form(&helpdesk, "b@example.com", "In JSON", json!({}))
            .await,
    );
    assert_eq!(stored(&app).await, (0, 0, 0));
}

async fn a_form_sent_again_keeps_no_second_set(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let fields = filled.with("a@example.com", "Hello", &json!({}));
    for _ in 0..3 {
        received(&app.send_with_files(&fields, &[("a.txt", b"text")]).await);
    }
    assert_eq!(app.counts().await.messages, 1);
    assert_eq!(stored(&app).await, (1, 1, 1));
    let other = filled.with("a@example.com", "Something else", &json!({}));
    app.send_with_files(&other, &[("a.txt", b"text")])
        .await
        .refused(409, "form_used");
    // Another form with the same words and a file that was forgotten is another message.
    received(
        &app.write_with_files(&helpdesk, "Hello", &[("b.txt", b"more")])
            .await,
    );
    assert_eq!((app.counts().await.messages, stored(&app).await), (2, (2, 2, 2)));
}

async fn spam_and_what_waits_keep_their_files(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    let filled = app.filled(&helpdesk).await;
    let fields = filled.with(
        "a@example.com",
        "Pills",
        &json!({"website": "https://spam.example"}),
    );
    received(&app.send_with_files(&fields, &[("a.txt", b"spam")]).await);
    let kept = app.files_of(&helpdesk, app.spam_list(&helpdesk).await).await;
    assert_eq!(app.bytes_of(&kept[0]).await, b"spam");

    app.set_form(&helpdesk, |form| form.protection.confirms_address = true)
        .await;
    received(
        &app.write_with_files(&helpdesk, "Waits", &[("b.txt", b"waits")])
            .await,
    );
    let list = helpdesky::conversations::inbox::List::Waiting;
    let kept = app.files_of(&helpdesk, app.inbox(&helpdesk, list).await).await;
    assert_eq!(app.bytes_of(&kept[0]).await, b"waits");
}

async fn only_whoever_may_see_the_text_has_the_files(app: TestApp) {
    let helpdesk = app.taking_files("Acme").await;
    received(
        &app.write_with_files(&helpdesk, "Hello", &[("a.txt", b"text")])
            .await,
    );
    let rows = app.open_list(&helpdesk).await;
    let conversation = rows[0].conversation.id.to_string();
    let id = app.files_of(&helpdesk, rows).await[0].id.to_string();
    let contact = app.contact(&helpdesk, "a@example.com");
    let history = contact.history(&conversation).await;
    assert_eq!(history["messages"][0]["attachments"][0]["id"], json!(id));
    assert_eq!(contact.fetch(&id).await.body, b"text");
    let other = app.contact(&helpdesk, "b@example.com");
    other.fetch(&id).await.refused(404, "attachment_not_found");

    app.set_form(&helpdesk, |form| form.protection.confirms_address = true)
        .await;
    let filled = app.filled(&helpdesk).await;
    let fields = filled.with("c@example.com", "Waits", &json!({}));
    received(&app.send_with_files(&fields, &[("b.txt", b"waits")]).await);
    let list = helpdesky::conversations::inbox::List::Waiting;
    let id = app.files_of(&helpdesk, app.inbox(&helpdesk, list).await).await[0].id;
    let waiting = app.contact(&helpdesk, "c@example.com");
    waiting
        .fetch(&id.to_string())
        .await
        .refused(404, "attachment_not_found");
}

async fn no_name_leads_anywhere_and_nothing_active_is_shown(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    app.set_form(&helpdesk, |form| form.asks_files = true).await;
    let long = format!("{}.pdf", "n".repeat(300));
    let names = [
        ("../../etc/passwd", "passwd"),
        ("a\0b.txt", "ab.txt"),
        ("invoice\u{202e}fdp.exe", "invoice fdp.exe"),
        (long.as_str(), &format!("{}.pdf", "n".repeat(129))),
        (
            "<img src=x onerror=alert(1)>.txt",
            "_img src=x onerror=alert(1)_.txt",
        ),
    ];
    for (given, kept) in names {
        let answer = app.write_with_files(&helpdesk, given, &[(given, b"text")]).await;
        if given.contains('\0') && answer.status != 200 {
            answer.refused(400, "invalid_form");
            continue;
        }
        received(&answer);
        let files = app.files_of(&helpdesk, app.open_list(&helpdesk).await).await;
        assert_eq!(files[0].name, kept, "{given:?}");
    }
    let active: [(&str, &[u8]); 3] = [
        ("a.html", b"<script>alert(1)</script>"),
        (
            "b.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        ),
        ("c.png", b"<script>alert(1)</script>"),
    ];
    received(&app.write_with_files(&helpdesk, "Active", &active).await);
    for file in app.files_of(&helpdesk, app.open_list(&helpdesk).await).await {
        assert_eq!(file.content_type, "application/octet-stream");
        let page = browser
            .get(&format!("/h/{}/attachments/{}?show=1", helpdesk.id, file.id))
            .await;
        let disposition = page.answer.header("content-disposition").unwrap_or_default();
        assert!(disposition.starts_with("attachment"), "{disposition}");
        let policy = page.answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("sandbox"), "{policy}");
    }
}

async fn the_hosted_page_takes_files(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let path = format!("/form/{}", helpdesk.id);
    let page = app.send(app.http.get(format!("{}{path}", app.base))).await;
    assert!(!page.text().contains("type=\"file\"") && !page.text().contains("enctype"));
    app.set_form(&helpdesk, |form| form.asks_files = true).await;
    let page = app.send(app.http.get(format!("{}{path}", app.base))).await.text();
    assert!(page.contains("enctype=\"multipart/form-data\"") && page.contains("type=\"file\""));
    assert!(page.contains("Up to 5 files, together at most 25 MB."), "{page}");
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let fields = |email: &str, message: &str| json!({"token": token, "proof": "", "name": "", "email": email, "message": message, "website": ""});
    app.advance(A_WHILE_MS);
    let wrong = ended([texts(&fields("a@localhost", "Kept")), file("a.txt", b"text")].concat());
    let answer = app.post_form(&path, wrong, &[]).await;
    let shown = answer.text();
    assert_eq!(answer.status, 422);
    assert!(
        shown.contains("Choose your files again") && shown.contains("Kept"),
        "{shown}"
    );
    let many = [
        texts(&fields("a@example.com", "Many")),
        file("a.txt", b"text").repeat(6),
    ]
    .concat();
    let shown = app.post_form(&path, ended(many), &[]).await;
    assert_eq!(shown.status, 422);
    assert!(shown.text().contains("too many or too large"), "{}", shown.text());
    nothing_stays(&app).await;

    let sent = [
        texts(&fields("a@example.com", "Line one\r\nLine two")),
        file("a.txt", b"text"),
    ]
    .concat();
    let answer = app.post_form(&path, ended(sent), &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("Message sent"));
    let kept = app.files_of(&helpdesk, app.open_list(&helpdesk).await).await;
    assert_eq!(app.bytes_of(&kept[0]).await, b"text");

    // What a browser sends where none was chosen is no file.
    let page = app.send(app.http.get(format!("{}{path}", app.base))).await.text();
    let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
    let fields =
        json!({"token": token.split('"').next().unwrap(), "email": "b@example.com", "message": "None"});
    app.advance(A_WHILE_MS);
    let none = ended([texts(&fields), file("", b"")].concat());
    assert_eq!(app.post_form(&path, none, &[]).await.status, 200);
    assert_eq!(app.counts().await.messages, 2);
    assert!(
        app.files_of(&helpdesk, app.open_list(&helpdesk).await)
            .await
            .is_empty()
    );
}
