//! Settings, mailboxes: as admins set them up and look after them.

use helpdesky::mail_in::imap;

use super::browser;
use crate::support::TestApp;
use crate::support::imap::{Evil, ImapServer, Script};

both_engines!(
    a_mailbox_is_added_tried_paused_gone_through_and_removed,
    what_cannot_be_used_is_said_beside_its_field,
    a_mailbox_that_is_refused_says_why_and_what_to_do,
);

const PASSWORD: &str = "a p\u{e4}ssword, findable";

fn fields<'a>(port: &'a str, password: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("name", "Support <b>"),
        ("host", "localhost"),
        ("port", port),
        ("tls", "off"),
        ("auth", "password"),
        ("user", "user@example.com"),
        ("password", password),
        ("folder", ""),
        ("afterwards", "seen"),
        ("move_to", ""),
        ("since", ""),
    ]
}

async fn until_page(browser: &mut browser::Browser<'_>, at: &str, says: &str) -> String {
    for _ in 0..2_000 {
        let html = browser.get(at).await.html;
        if html.contains(says) {
            return html;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{at} does not say {says}: {}", browser.get(at).await.html);
}

async fn a_mailbox_is_added_tried_paused_gone_through_and_removed(app: TestApp) {
    let app = app.fetching(None).await;
    let (helpdesk, mut browser) = browser::owner(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let list = format!("/h/{}/settings/mailboxes", helpdesk.id);
    let incoming = browser
        .get(&format!("/h/{}/settings/incoming", helpdesk.id))
        .await;
    assert!(
        incoming.html.contains(&list),
        "the page on incoming mail leads there"
    );
    let page = browser.get(&list).await;
    assert!(page.html.contains("No mailbox yet"), "{}", page.html);

    let port = server.port.to_string();
    let added = browser.submit(&page, &list, &fields(&port, PASSWORD)).await;
    assert_eq!(added.status, 303, "{}", added.html);
    let at = added.location();
    let html = until_page(&mut browser, &at, "Connected").await;
    assert!(
        html.contains("Support &#60;b&#62;") && !html.contains("findable"),
        "{html}"
    );
    assert!(html.contains("Stored, not shown") && html.contains("INBOX"));

    let page = browser.get(&at).await;
    let tried = browser.submit(&page, &format!("{at}/trial"), &[]).await;
    assert_eq!(tried.status, 200);
    for says in [
        "It works: the folder holds 0 mails",
        "AUTHENTICATE PLAIN (hidden)",
        "EXAMINE",
    ] {
        assert!(tried.html.contains(says), "{says}: {}", tried.html);
    }
    assert!(!tried.html.contains("findable"));

    // Saved without a password: the stored one stays.
    let page = browser.get(&at).await;
    let mut changed = fields(&port, "");
    changed[0] = ("name", "Another");
    let saved = browser.submit(&page, &at, &changed).await;
    assert_eq!(saved.status, 303, "{}", saved.html);
    until_page(&mut browser, &list, "Connected").await;
    assert!(browser.get(&list).await.html.contains("Another"));

    let page = browser.get(&at).await;
    browser.submit(&page, &format!("{at}/pause"), &[]).await;
    let html = browser.get(&at).await.html;
    assert!(html.contains("Paused by") && html.contains("Resume"), "{html}");
    let page = browser.get(&at).await;
    browser.submit(&page, &format!("{at}/pause/removal"), &[]).await;
    until_page(&mut browser, &at, "Connected").await;

    let page = browser.get(&at).await;
    let refused = browser
        .submit(&page, &format!("{at}/rescan"), &[("since", "yesterday")])
        .await;
    assert!(refused.status == 422 && refused.html.contains("Write a date such as"));
    let page = browser.get(&at).await;
    let begun = browser
        .submit(&page, &format!("{at}/rescan"), &[("since", "2026-05-01")])
        .await;
    assert_eq!(begun.status, 303);

    let asked = browser.get(&format!("{at}/removal")).await;
    assert!(asked.html.contains("Remove Another?"), "{}", asked.html);
    let removed = browser.submit(&asked, &format!("{at}/removal"), &[]).await;
    assert_eq!(removed.location(), list);
    assert!(browser.get(&list).await.html.contains("No mailbox yet"));
    assert_eq!(browser.get(&at).await.status, 404);
    let log = browser
        .get(&format!("/h/{}/settings/audit", helpdesk.id))
        .await
        .html;
    for entry in [
        "mailbox added",
        "mailbox changed",
        "mailbox paused",
        "mailbox resumed",
        "mailbox gone through again",
        "mailbox removed",
    ] {
        assert!(log.contains(entry), "{entry}: {log}");
    }
    assert!(!log.contains("findable"));
}

async fn what_cannot_be_used_is_said_beside_its_field(app: TestApp) {
    let (helpdesk, mut browser) = browser::owner(&app).await;
    let list = format!("/h/{}/settings/mailboxes", helpdesk.id);
    for (field, value, says) in [
        ("host", "no host!", "id=\"host-error\""),
        ("host", "imap.example.com", "id=\"password-error\""),
        ("port", "0", "id=\"port-error\""),
        ("user", "", "id=\"password-error\""),
        ("password", "", "id=\"password-error\""),
        ("afterwards", "move", "id=\"move_to-error\""),
        ("since", "soon", "id=\"since-error\""),
    ] {
        let page = browser.get(&list).await;
        assert!(
            page.html.contains("No mailbox is looked into"),
            "mail_delivery is off here"
        );
        let mut typed = fields("143", PASSWORD);
        for one in &mut typed {
            if one.0 == field {
                one.1 = value;
            }
        }
        let refused = browser.submit(&page, &list, &typed).await;
        assert!(
            refused.status == 422 && refused.html.contains(says),
            "{field}: {}",
            refused.html
        );
        assert!(!refused.html.contains("findable") && refused.html.contains("Support &#60;b&#62;"));
    }
    let id = helpdesk.id.parse().expect("an id");
    assert!(imap::list(&app.app, id).await.expect("a list").is_empty());
}

async fn a_mailbox_that_is_refused_says_why_and_what_to_do(app: TestApp) {
    let app = app.fetching(None).await;
    let (helpdesk, mut browser) = browser::owner(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let list = format!("/h/{}/settings/mailboxes", helpdesk.id);
    let page = browser.get(&list).await;
    let port = server.port.to_string();
    let at = browser
        .submit(&page, &list, &fields(&port, "another, findable"))
        .await
        .location();
    let html = until_page(&mut browser, &at, "refused the user name or password").await;
    for says in ["Paused", "Correct the settings below", "next try in", "Try now"] {
        assert!(html.contains(says), "{says}: {html}");
    }
    assert!(!html.contains("findable"));
    let page = browser.get(&at).await;
    let saved = browser.submit(&page, &at, &fields(&port, PASSWORD)).await;
    assert_eq!(saved.status, 303, "{}", saved.html);
    until_page(&mut browser, &at, "Connected").await;

    server.be_evil(Some(("SELECT", Evil::Says(b"* 1 FETCH (\r\n".to_vec()))));
    let page = browser.get(&at).await;
    browser.submit(&page, &format!("{at}/pause/removal"), &[]).await;
    let html = until_page(&mut browser, &at, "it is not IMAP").await;
    assert!(html.contains("no mail server as it should be"), "{html}");
}
