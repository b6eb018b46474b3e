//! What operators see of answers to mail: the acknowledgement and its settings, and copies of replies.

use helpdesky::mail_out::mailer;

use super::browser::{self, Browser};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    an_acknowledgement_is_set_previewed_and_told_of,
    copies_are_chosen_for_a_reply_and_kept_if_the_helpdesk_wants,
);

async fn settings(
    browser: &mut Browser<'_>,
    helpdesk: &TestHelpdesk,
    fields: &[(&str, &str)],
) -> browser::Page {
    let at = format!("/h/{}/settings/incoming", helpdesk.id);
    let page = browser.get(&at).await;
    browser
        .submit(&page, &format!("{at}/acknowledgement"), fields)
        .await
}

fn letter(from: &str, id: &str) -> String {
    format!(
        "From: {from}\nTo: support@desk.example\nCc: Bob <bob@x.example>, carl@x.example\nSubject: Our invoice\nMessage-ID: <{id}>\n\nIt is wrong.\n"
    )
}

async fn an_acknowledgement_is_set_previewed_and_told_of(app: TestApp) {
    let app = app.receiving().await;
    let (helpdesk, mut browser) = browser::owner(&app).await;
    let at = format!("/h/{}/settings/incoming", helpdesk.id);
    let page = browser.get(&at).await.html;
    assert!(page.contains("value=\"We have received your mail\"") && page.contains("Your mail has arrived"));
    assert!(!page.contains("name=\"on\" value=\"on\" checked"), "off");

    let typed = [
        ("on", "on"),
        ("subject", "Got it"),
        ("text", "Thanks <b>so</b> much.\r\n\r\nAcme"),
    ];
    let preview = settings(
        &mut browser,
        &helpdesk,
        &[&typed[..], &[("then", "preview")]].concat(),
    )
    .await;
    assert_eq!(preview.status, 200);
    for shown in [
        "Nothing is saved yet",
        "Thanks &#60;b&#62;so&#60;/b&#62; much.",
        "You get this automatic email",
    ] {
        assert!(preview.html.contains(shown), "{shown}: {}", preview.html);
    }
    assert!(!browser.get(&at).await.html.contains("Got it"), "not saved");

    let long = "x".repeat(4_001);
    let refused = settings(
        &mut browser,
        &helpdesk,
        &[("on", "on"), ("subject", "Got it"), ("text", &long)],
    )
    .await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains("The text has at most 4000 characters") && refused.html.contains(&long));
    let saved = settings(
        &mut browser,
        &helpdesk,
        &[&typed[..], &[("then", "save")]].concat(),
    )
    .await;
    assert_eq!(saved.status, 303, "{}", saved.html);
    let page = browser.get(&at).await.html;
    assert!(page.contains("name=\"on\" value=\"on\" checked") && page.contains("value=\"Got it\""));

    let mail = app.deliver(&helpdesk, letter("ann@x.example", "1@x")).await;
    let id = mail.conversation_id.expect("a conversation");
    let conversation = format!("/h/{}/conversations/{id}", helpdesk.id);
    let mut told = String::new();
    for _ in 0..1_000 {
        told = browser.get(&conversation).await.html;
        if told.contains("Acknowledged <time") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(told.contains("Acknowledged <time"), "{told}");
    assert_eq!(mailer::take_memory(&app.app).len(), 1);
    let outbox = browser.get(&format!("/h/{}/outbox", helpdesk.id)).await.html;
    assert!(
        outbox.contains(">Acknowledgement</span>") && outbox.contains("ann@x.example"),
        "{outbox}"
    );
}

async fn copies_are_chosen_for_a_reply_and_kept_if_the_helpdesk_wants(app: TestApp) {
    let app = app.receiving().await;
    let (helpdesk, mut browser) = browser::owner(&app).await;
    let mail = app.deliver(&helpdesk, letter("ann@x.example", "1@x")).await;
    let id = mail.conversation_id.expect("a conversation");
    let at = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&at).await;
    let offered = |address: &str, checked: &str| format!("name=\"copies[]\" value=\"{address}\"{checked}>");
    for address in ["bob@x.example", "carl@x.example"] {
        assert!(page.html.contains(&offered(address, "")), "{}", page.html);
    }
    assert!(
        !page
            .html
            .contains("name=\"copies[]\" value=\"support@desk.example\"")
    );
    assert!(
        page.html
            .contains("Also to <bdi class=\"break\">bob@x.example</bdi>"),
        "{}",
        page.html
    );

    // What cannot be sent stays in the box with those who were chosen.
    let key = page.hidden("key");
    let fields = |body: &'static str, key: &str| {
        [
            ("body", body),
            ("key", key),
            ("mode", "reply"),
            ("instantly", "on"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let chosen = [
        ("copies[]".to_owned(), "bob@x.example".to_owned()),
        ("copies[]".to_owned(), "carl@x.example".to_owned()),
    ];
    let send =
        async |browser: &mut Browser<'_>, body: &'static str, key: &str, copies: &[(String, String)]| {
            let all: Vec<(String, String)> = fields(body, key)
                .into_iter()
                .chain(copies.iter().cloned())
                .collect();
            let all: Vec<(&str, &str)> = all
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            browser.submit(&page, &format!("{at}/replies"), &all).await
        };
    let refused = send(&mut browser, "", &key, &chosen).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.html.contains(&offered("bob@x.example", " checked")),
        "{}",
        refused.html
    );
    let stranger = [("copies[]".to_owned(), "eve@x.example".to_owned())];
    assert_eq!(send(&mut browser, "Hello", &key, &stranger).await.status, 422);

    let sent = send(&mut browser, "Hello both", &page.hidden("key"), &chosen).await;
    assert_eq!(sent.status, 303, "{}", sent.html);
    let html = browser.get(&at).await.html;
    assert!(
        html.contains(
            "Copy to <bdi class=\"break\">bob@x.example</bdi>, <bdi class=\"break\">carl@x.example</bdi>"
        ),
        "{html}"
    );
    let mut left = Vec::new();
    for _ in 0..1_000 {
        left.extend(mailer::take_memory(&app.app));
        if !left.is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!(left[0].copies, ["bob@x.example", "carl@x.example"]);

    // From then on the contact's latest choice is the operator's, unless they take somebody out.
    let notifications = format!("/h/{}/settings/notifications", helpdesk.id);
    let page_of_settings = browser.get(&notifications).await;
    let keep = [
        ("to_contacts", "60"),
        ("to_operators", "60"),
        ("keeps_copies", "on"),
    ];
    assert_eq!(
        browser
            .submit(&page_of_settings, &notifications, &keep)
            .await
            .status,
        303
    );
    let more = letter("ann@x.example", "2@x").replace("Bob <bob@x.example>, ", "");
    let reply_to = String::from_utf8(left[0].bytes.clone()).expect("a mail in UTF-8");
    let reply_to = reply_to
        .replace("\r\n ", " ")
        .lines()
        .find_map(|line| line.strip_prefix("Reply-To: "))
        .expect("where answers go")
        .trim_matches(['<', '>'])
        .to_owned();
    let more = app
        .deliver(&helpdesk, more.replace("support@desk.example", &reply_to))
        .await;
    assert_eq!(more.conversation_id, Some(id));
    let html = browser.get(&at).await.html;
    assert!(html.contains(&offered("carl@x.example", " checked")), "{html}");
    assert!(html.contains(&offered("bob@x.example", "")), "{html}");
}
