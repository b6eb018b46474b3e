//! Files in an operator's box: kept with the draft, sent with replies and notes, without scripts too.

use super::stored;
use crate::dashboard::browser::{Browser, Page, owner};
use crate::support::{TestApp, TestHelpdesk, array, string};

both_engines!(
    files_stay_in_the_box_until_they_are_sent,
    without_scripts_a_file_is_attached_and_the_text_stays,
    a_file_of_another_box_is_not_sent,
    an_answer_that_is_taken_back_brings_its_files_back,
    files_in_a_box_stay_for_a_week,
    other_sites_cannot_upload,
);

async fn inbox(app: &TestApp) -> (TestHelpdesk, Browser<'_>, String, String) {
    let (helpdesk, browser) = owner(app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let conversation = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    let address = format!("/h/{}/conversations/{conversation}", helpdesk.id);
    (helpdesk, browser, conversation, address)
}

/// Uploads as the script does; the id.
async fn upload(browser: &mut Browser<'_>, address: &str, name: &str) -> String {
    let csrf = browser.get(address).await.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("quietly", "yes")];
    let taken = browser
        .send_file(&format!("{address}/attachments"), &fields, (name, b"text"))
        .await;
    assert_eq!(taken.status, 200, "{}", taken.html);
    string(&taken.answer.json()["id"])
}

#[track_caller]
fn in_box(page: &Page) -> Vec<String> {
    let ids = page.hidden("attachments");
    ids.split(' ')
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect()
}

async fn files_stay_in_the_box_until_they_are_sent(app: TestApp) {
    let (helpdesk, mut browser, conversation, address) = inbox(&app).await;
    let first = upload(&mut browser, &address, "first.txt").await;
    let second = upload(&mut browser, &address, "second.txt").await;
    let page = browser.get(&address).await;
    assert!(page.html.contains("first.txt") && page.html.contains("second.txt"));
    assert!(
        page.html
            .contains(&format!("name=\"attachments\" value=\"{first} {second}\""))
    );

    let removed = browser
        .submit(
            &page,
            &format!("{address}/attachments/{first}/removal"),
            &[("quietly", "yes")],
        )
        .await;
    assert_eq!(removed.status, 204);
    // What is gone cannot be sent: the box says so, and keeps the text and the other file.
    let both = format!("{first} {second}");
    let fields = [
        ("body", "My words"),
        ("attachments", both.as_str()),
        ("key", "k1"),
    ];
    let refused = browser
        .submit(&page, &format!("{address}/replies"), &fields)
        .await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("My words") && refused.html.contains("There is no such attachment"));
    assert!(
        refused
            .html
            .contains(&format!("name=\"attachments\" value=\"{second}\""))
    );

    let fields = [
        ("body", "My words"),
        ("attachments", second.as_str()),
        ("key", "k1"),
    ];
    for _ in 0..2 {
        let sent = browser
            .submit(&refused, &format!("{address}/replies"), &fields)
            .await;
        assert_eq!(sent.status, 303, "{}", sent.html);
    }
    let page = browser.get(&address).await;
    assert!(page.html.contains("name=\"attachments\" value=\"\""));
    let contact = app.contact(&helpdesk, "user@example.com");
    let messages = array(&contact.history(&conversation).await["messages"]);
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1]["attachments"][0]["name"], "second.txt");
}

async fn without_scripts_a_file_is_attached_and_the_text_stays(app: TestApp) {
    let (_, mut browser, _, address) = inbox(&app).await;
    let page = browser.get(&address).await;
    assert!(page.html.contains("formenctype=\"multipart/form-data\""));
    let csrf = page.hidden("csrf");
    let fields = [
        ("csrf", csrf.as_str()),
        ("view", "mine"),
        ("mode", "note"),
        ("body", "Half a\r\nthought"),
    ];
    let path = format!("{address}/attachments");
    let attached = browser.send_file(&path, &fields, ("plan.txt", b"text")).await;
    assert_eq!(
        (attached.status, attached.location()),
        (303, format!("{address}?view=mine"))
    );
    let page = browser.get(&address).await;
    assert!(page.html.contains("Half a\nthought</textarea>") && page.html.contains("plan.txt"));

    let nothing = browser.send_file(&path, &fields, ("", b"")).await;
    assert_eq!(nothing.status, 303);
    let page = browser.get(&address).await;
    assert!(page.html.contains("Choose a file first"), "{}", page.html);

    // A file that was chosen and not attached must not be lost in silence.
    let ids = in_box(&page).join(" ");
    let form = [
        ("body", "Done"),
        ("attachments", ids.as_str()),
        ("file", "other.txt"),
    ];
    let refused = browser.submit(&page, &format!("{address}/notes"), &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("is not uploaded yet"));

    let form = [("body", "Done"), ("attachments", ids.as_str()), ("file", "")];
    let noted = browser.submit(&page, &format!("{address}/notes"), &form).await;
    assert_eq!(noted.status, 303);
    let page = browser.get(&address).await;
    assert!(page.html.contains("plan.txt") && in_box(&page).is_empty());
}

async fn a_file_of_another_box_is_not_sent(app: TestApp) {
    let (helpdesk, mut browser, _, address) = inbox(&app).await;
    let other = app.contact(&helpdesk, "other@example.com").open("Hi").await;
    let other = format!("/h/{}/conversations/{other}", helpdesk.id);
    let id = upload(&mut browser, &other, "theirs.txt").await;
    let page = browser.get(&address).await;
    assert!(in_box(&page).is_empty());
    let form = [("body", "For somebody else"), ("attachments", id.as_str())];
    for door in ["replies", "notes"] {
        let refused = browser.submit(&page, &format!("{address}/{door}"), &form).await;
        assert_eq!(refused.status, 422);
    }
    let missing = format!(
        "/h/{}/conversations/{}",
        helpdesk.id, "0198c9a2-7a4e-7000-8000-000000000001"
    );
    let csrf = page.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("quietly", "yes")];
    let refused = browser
        .send_file(&format!("{missing}/attachments"), &fields, ("a.txt", b"text"))
        .await;
    assert_eq!(refused.status, 404);
}

async fn an_answer_that_is_taken_back_brings_its_files_back(app: TestApp) {
    let (helpdesk, mut browser, conversation, address) = inbox(&app).await;
    let id = upload(&mut browser, &address, "wrong.txt").await;
    let page = browser.get(&address).await;
    let form = [("body", "The wrong one"), ("attachments", id.as_str())];
    browser.submit(&page, &format!("{address}/replies"), &form).await;
    let contact = app.contact(&helpdesk, "user@example.com");
    assert_eq!(contact.fetch(&id).await.status, 200);
    let back = browser
        .submit(
            &page,
            &format!("{address}/replies/withdrawal"),
            &[("position", "2")],
        )
        .await;
    assert_eq!(back.status, 303);
    contact.fetch(&id).await.refused(404, "attachment_not_found");
    let history = contact.history(&conversation).await;
    assert!(!history.to_string().contains("wrong.txt"));
    let page = browser.get(&address).await;
    assert!(page.html.contains("The wrong one</textarea>"));
    assert_eq!(in_box(&page), [id]);
}

async fn files_in_a_box_stay_for_a_week(app: TestApp) {
    let (helpdesk, mut browser, _, address) = inbox(&app).await;
    upload(&mut browser, &address, "draft.txt").await;
    let id = helpdesk.id.parse().expect("an id");
    for (days, left) in [(6, 1), (2, 0)] {
        app.advance(days * 24 * 60 * 60 * 1000);
        helpdesky::attachments::forget_waiting(&app.app, id)
            .await
            .expect("housekeeping");
        assert_eq!(stored(&app).await.2, left);
    }
}

async fn other_sites_cannot_upload(app: TestApp) {
    let (_, mut browser, _, address) = inbox(&app).await;
    let csrf = browser.get(&address).await.hidden("csrf");
    let path = format!("{address}/attachments");
    for fields in [vec![], vec![("csrf", "wrong")], vec![("quietly", "yes")]] {
        let refused = browser.send_file(&path, &fields, ("a.txt", b"text")).await;
        assert_eq!(refused.status, 403);
    }
    let (kind, body) = crate::support::multipart(&[("csrf", &csrf)], "a.txt", b"text");
    let body = String::from_utf8(body).expect("text");
    let elsewhere = [("sec-fetch-site", "cross-site")];
    assert_eq!(
        browser.send_raw(&path, &kind, &body, &elsewhere).await.status,
        403
    );
    // The token counts where it stands before the file, which is not read without.
    let (kind, body) = crate::support::multipart(&[], "a.txt", b"text");
    let late = String::from_utf8(body).expect("text");
    let late = late.replace(
        "--\r\n",
        "\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nx\r\n",
    );
    let own = [("sec-fetch-site", "same-origin")];
    assert_eq!(browser.send_raw(&path, &kind, &late, &own).await.status, 403);
    assert_eq!(stored(&app).await, (0, 0, 0));
}
