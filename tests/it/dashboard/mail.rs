//! Mail as operators see it: what waits below a reply, what can be done about it, and its settings.

use std::time::Duration;

use helpdesky::mail_out::mailer;
use mail::strict::{self, StrictMail};

use super::browser::{self, Browser};
use crate::support::smtp::{Script, SmtpServer};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    a_reply_is_mailed_when_its_hold_ends_and_the_page_tells_of_it,
    what_is_read_in_time_is_not_mailed,
    a_mail_is_cancelled_brought_back_and_sent_at_once,
    send_instantly_mails_what_waits_in_one_mail,
    operators_are_mailed_unless_they_have_seen_it_or_said_no,
    a_contact_stops_mails_with_one_post_and_without_a_session,
    without_a_mail_server_nothing_is_promised_and_nothing_piles_up,
    the_hold_is_set_within_bounds_by_admins_only,
    a_password_is_stored_sealed_and_goes_to_no_other_server,
    a_test_mail_shows_the_dialogue_without_the_password,
    the_outbox_lists_retries_and_drops,
);

const MINUTE: i64 = 60_000;

/// A helpdesk that can be embedded, with an owner who is signed in.
async fn owner(app: &TestApp) -> (TestHelpdesk, Browser<'_>) {
    let (helpdesk, browser) = browser::owner(app).await;
    (app.with_new_secret(&helpdesk).await, browser)
}

/// What left, once there is as much of it; there must not be more.
async fn left(app: &TestApp, count: usize) -> Vec<StrictMail> {
    let come = async {
        while mailer::look_into_memory(&app.app).len() < count {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), come)
        .await
        .expect("mail leaves");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mails = mailer::take_memory(&app.app);
    assert_eq!(mails.len(), count, "no mail twice");
    let read = |mail: &mail::ComposedMail| strict::read(&mail.bytes, false).expect("a mail by the rules");
    mails.iter().map(read).collect()
}

/// Nothing leaves, however long one waits.
async fn nothing_left(app: &TestApp) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(mailer::look_into_memory(&app.app).is_empty());
}

/// A conversation that its contact began, seen by the operator so that no mail goes to them.
async fn begun(app: &TestApp, helpdesk: &TestHelpdesk, browser: &mut Browser<'_>) -> (String, String) {
    let id = app
        .contact(helpdesk, "ann@example.com")
        .open("The VAT line")
        .await;
    let at = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&at).await;
    browser
        .submit(&page, &format!("{at}/seen"), &[("position", "1")])
        .await;
    (id, at)
}

async fn reply(browser: &mut Browser<'_>, at: &str, body: &str, more: &[(&str, &str)]) {
    let page = browser.get(at).await;
    let key = page.hidden("key");
    let mut fields = vec![("body", body), ("key", key.as_str()), ("mode", "reply")];
    fields.extend_from_slice(more);
    let sent = browser.submit(&page, &format!("{at}/replies"), &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.html);
}

async fn press(browser: &mut Browser<'_>, at: &str, button: &str) {
    let page = browser.get(at).await;
    let pressed = browser.submit(&page, &format!("{at}/mail/{button}"), &[]).await;
    assert_eq!(pressed.status, 303);
}

async fn a_reply_is_mailed_when_its_hold_ends_and_the_page_tells_of_it(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "It is back.", &[]).await;
    let html = browser.get(&at).await.html;
    assert!(html.contains("in 60 s") && html.contains("Send now"), "{html}");

    app.advance(30_000);
    reply(&mut browser, &at, "And one more thing.", &[]).await;
    let html = browser.get(&at).await.html;
    assert!(
        html.contains("2 replies in one email") && html.contains("in 30 s"),
        "the timer does not slide: {html}"
    );
    app.advance(29_000);
    nothing_left(&app).await;
    app.advance(1_001);
    let mails = left(&app, 1).await;
    assert!(
        mails[0]
            .header("to")
            .expect("a recipient")
            .contains("ann@example.com")
    );
    let (first, second) = (
        mails[0].text.find("It is back."),
        mails[0].text.find("one more thing"),
    );
    assert!(first.is_some() && first < second, "{}", mails[0].text);
    assert!(
        browser
            .get(&at)
            .await
            .html
            .contains("accepted by the mail server")
    );
}

async fn what_is_read_in_time_is_not_mailed(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (id, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "It is back.", &[]).await;
    app.contact(&helpdesk, "ann@example.com").history(&id).await;
    app.advance(2 * MINUTE);
    nothing_left(&app).await;
    let html = browser.get(&at).await.html;
    assert!(html.contains("Seen in Ticket Center") && !html.contains("Send now"));
}

async fn a_mail_is_cancelled_brought_back_and_sent_at_once(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "It is back.", &[]).await;
    press(&mut browser, &at, "cancellation").await;
    let html = browser.get(&at).await.html;
    assert!(html.contains("Email cancelled") && html.contains("Noor Haddad") && html.contains("Undo"));
    app.advance(2 * MINUTE);
    nothing_left(&app).await;

    press(&mut browser, &at, "restoration").await;
    assert_eq!(left(&app, 1).await.len(), 1, "its hold is over");
    press(&mut browser, &at, "cancellation").await;
    assert!(browser.get(&at).await.html.contains("Too late"));

    reply(&mut browser, &at, "Another.", &[]).await;
    press(&mut browser, &at, "dispatch").await;
    let mails = left(&app, 1).await;
    assert!(mails[0].text.contains("Another.") && !mails[0].text.contains("It is back."));
    app.advance(5 * MINUTE);
    nothing_left(&app).await;
}

async fn send_instantly_mails_what_waits_in_one_mail(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "Held.", &[]).await;
    nothing_left(&app).await;
    reply(&mut browser, &at, "At once.", &[("instantly", "on")]).await;
    let mails = left(&app, 1).await;
    assert!(mails[0].text.contains("Held.") && mails[0].text.contains("At once."));
    app.advance(5 * MINUTE);
    nothing_left(&app).await;
}

async fn operators_are_mailed_unless_they_have_seen_it_or_said_no(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let ann = app.contact(&helpdesk, "ann@example.com");
    ann.open("First").await;
    app.advance(MINUTE + 1);
    let mails = left(&app, 1).await;
    assert!(
        mails[0]
            .header("to")
            .expect("a recipient")
            .contains("noor@acme.example")
    );
    assert_eq!(mails[0].header("list-unsubscribe"), None, "nothing to post to");
    assert!(
        mails[0].text.contains("/settings/notifications"),
        "{}",
        mails[0].text
    );

    let id = ann.open("Second").await;
    let at = format!("/h/{}/conversations/{id}", helpdesk.id);
    let page = browser.get(&at).await;
    browser
        .submit(&page, &format!("{at}/seen"), &[("position", "1")])
        .await;
    app.advance(2 * MINUTE);
    nothing_left(&app).await;

    let settings = format!("/h/{}/settings/notifications", helpdesk.id);
    let page = browser.get(&settings).await;
    browser.submit(&page, &format!("{settings}/mine"), &[]).await;
    ann.open("Third").await;
    app.advance(2 * MINUTE);
    nothing_left(&app).await;
}

async fn a_contact_stops_mails_with_one_post_and_without_a_session(app: TestApp) {
    let app = app.sending().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "One.", &[("instantly", "on")]).await;
    let mails = left(&app, 1).await;
    let link = mails[0].header("list-unsubscribe").expect("a link");
    assert_eq!(
        mails[0].header("list-unsubscribe-post"),
        None,
        "RFC 8058 asks for https, which this installation has not"
    );
    let path = link.trim_matches(['<', '>']).replace(&app.base, "");
    assert!(path.starts_with("/unsubscribe/"), "{path}");

    // Opening it changes nothing: scanners do.
    let mut anybody = Browser::new(&app);
    assert!(anybody.get(&path).await.html.contains("Stop these emails?"));
    reply(&mut browser, &at, "Two.", &[("instantly", "on")]).await;
    left(&app, 1).await;

    let stopped = app
        .http
        .post(format!("{}{path}", app.base))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click");
    assert_eq!(app.send(stopped).await.status, 200);
    reply(&mut browser, &at, "Three.", &[("instantly", "on")]).await;
    app.advance(2 * MINUTE);
    nothing_left(&app).await;
    assert!(browser.get(&at).await.html.contains("has unsubscribed"));

    let forged = format!("{}x", &path[..path.len() - 1]);
    assert_eq!(anybody.get(&forged).await.status, 404);
    anybody.post_with(&format!("{path}/removal"), &[], &[]).await;
    reply(&mut browser, &at, "Four.", &[("instantly", "on")]).await;
    left(&app, 1).await;
}

async fn without_a_mail_server_nothing_is_promised_and_nothing_piles_up(app: TestApp) {
    let app = app.sending_by_smtp().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "It is back.", &[]).await;
    app.advance(MINUTE + 1);
    let outbox = format!("/h/{}/outbox", helpdesk.id);
    let told = async {
        while !browser
            .get(&outbox)
            .await
            .html
            .contains("No mail server is set up")
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("the outbox says why");
    let html = browser.get(&at).await.html;
    assert!(
        !html.contains("Send Instantly") && !html.contains("Email in"),
        "{html}"
    );

    // Once there is one, what was not mailed stays where it is.
    let server = SmtpServer::start(Script::default()).await;
    let port = server.port.to_string();
    set_relay(
        &mut browser,
        &helpdesk,
        &[("host", "127.0.0.1"), ("port", &port), ("tls", "off")],
    )
    .await;
    app.advance(2 * MINUTE);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(server.mails().is_empty());
    reply(&mut browser, &at, "And now by mail.", &[("instantly", "on")]).await;
    let come = async {
        while server.mails().is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), come)
        .await
        .expect("a mail");
    assert_eq!(server.mails()[0].to, "ann@example.com");
}

async fn the_hold_is_set_within_bounds_by_admins_only(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let at = format!("/h/{}/settings/notifications", helpdesk.id);
    let page = browser.get(&at).await;
    for bad in ["-1", "3601", "soon", "", "1.5"] {
        let refused = browser
            .submit(&page, &at, &[("to_contacts", bad), ("to_operators", "60")])
            .await;
        assert_eq!(refused.status, 422, "{bad}");
        assert!(refused.html.contains("0 to 3600"), "{bad}");
    }
    let saved = browser
        .submit(&page, &at, &[("to_contacts", "0"), ("to_operators", "3600")])
        .await;
    assert_eq!(saved.status, 303);
    let html = browser.get(&at).await.html;
    assert!(html.contains("value=\"0\"") && html.contains("value=\"3600\""));
    let switch = |html: &str| {
        html.split("id=\"quotes\"")
            .nth(1)
            .map(|rest| rest.split('>').next().map(|tag| tag.contains("checked")))
    };
    assert_eq!(
        switch(&html),
        Some(Some(false)),
        "nothing is quoted unless somebody says so"
    );
    let fields = [("to_contacts", "0"), ("to_operators", "3600"), ("quotes", "on")];
    assert_eq!(browser.submit(&page, &at, &fields).await.status, 303);
    assert_eq!(switch(&browser.get(&at).await.html), Some(Some(true)));
}

async fn set_relay(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, given: &[(&str, &str)]) -> u16 {
    let at = format!("/h/{}/settings/email", helpdesk.id);
    let page = browser.get(&at).await;
    let mut fields = Vec::new();
    for name in [
        "host",
        "port",
        "tls",
        "auth",
        "user",
        "password",
        "rate",
        "connections",
    ] {
        let value = given.iter().find(|(given, _)| *given == name);
        fields.push((name, value.map_or("", |(_, value)| value)));
    }
    browser
        .submit(&page, &format!("{at}/relay"), &fields)
        .await
        .status
}

const SECRET: &str = "a-password-nobody-sees";

async fn a_password_is_stored_sealed_and_goes_to_no_other_server(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let own = [
        ("host", "localhost"),
        ("port", "2525"),
        ("tls", "off"),
        ("user", "acme"),
    ];
    let with_password = [own.as_slice(), &[("password", SECRET)]].concat();
    assert_eq!(set_relay(&mut browser, &helpdesk, &with_password).await, 303);
    let at = format!("/h/{}/settings/email", helpdesk.id);
    let html = browser.get(&at).await.html;
    assert!(html.contains("Stored, not shown") && !html.contains(SECRET));
    assert_eq!(
        set_relay(&mut browser, &helpdesk, &own).await,
        303,
        "an empty field keeps it"
    );

    for other in [("host", "127.0.0.1"), ("port", "2526"), ("user", "other")] {
        let mut elsewhere = own.to_vec();
        elsewhere.retain(|(name, _)| *name != other.0);
        elsewhere.push(other);
        let status = set_relay(&mut browser, &helpdesk, &elsewhere).await;
        assert_eq!(status, 422, "{other:?} must bring its own password");
    }
    let in_the_clear = [
        ("host", "relay.example"),
        ("tls", "off"),
        ("user", "acme"),
        ("password", SECRET),
    ];
    assert_eq!(set_relay(&mut browser, &helpdesk, &in_the_clear).await, 422);
    for bad in [("port", "70000"), ("rate", "many"), ("connections", "51")] {
        let wrong = [[bad].as_slice(), &own].concat();
        assert_eq!(set_relay(&mut browser, &helpdesk, &wrong).await, 422, "{bad:?}");
    }
    let log = browser
        .get(&format!("/h/{}/settings/audit", helpdesk.id))
        .await
        .html;
    assert!(log.contains("ail settings changed") && !log.contains(SECRET));
}

async fn a_test_mail_shows_the_dialogue_without_the_password(app: TestApp) {
    let app = app.sending_by_smtp().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let at = format!("/h/{}/settings/email", helpdesk.id);
    let page = browser.get(&at).await;
    let to = [("to", "noor@acme.example")];
    let nothing = browser.submit(&page, &format!("{at}/trial"), &to).await;
    assert_eq!(nothing.status, 409);
    assert!(nothing.html.contains("Enter a mail server above"));

    let server = SmtpServer::start(Script {
        offers: vec!["AUTH PLAIN LOGIN"],
        // NUL, acme, NUL, the password, in base64.
        sign_in: Some("AUTH PLAIN AGFjbWUAYS1wYXNzd29yZC1ub2JvZHktc2Vlcw==".to_owned()),
        ..Script::default()
    })
    .await;
    let port = server.port.to_string();
    let relay = [
        ("host", "127.0.0.1"),
        ("port", port.as_str()),
        ("tls", "off"),
        ("user", "acme"),
        ("password", SECRET),
    ];
    assert_eq!(set_relay(&mut browser, &helpdesk, &relay).await, 303);
    let shown = browser.submit(&page, &format!("{at}/trial"), &to).await;
    assert_eq!(shown.status, 200);
    assert!(shown.html.contains("The mail server took it") && shown.html.contains("MAIL FROM"));
    assert!(
        !shown.html.contains(SECRET) && !shown.html.contains("AGFjbWUAYS1wYXNz"),
        "neither plain nor base64"
    );
    assert_eq!(server.mails().len(), 1);
    let wrong = browser
        .submit(&page, &format!("{at}/trial"), &[("to", "nobody")])
        .await;
    assert_eq!(wrong.status, 422);
}

async fn the_outbox_lists_retries_and_drops(app: TestApp) {
    let app = app.sending_by_smtp().await;
    let (helpdesk, mut browser) = owner(&app).await;
    let server = SmtpServer::start(Script {
        unknown: Some("ann@example.com"),
        ..Script::default()
    })
    .await;
    let port = server.port.to_string();
    set_relay(
        &mut browser,
        &helpdesk,
        &[("host", "127.0.0.1"), ("port", &port), ("tls", "off")],
    )
    .await;
    let (_, at) = begun(&app, &helpdesk, &mut browser).await;
    reply(&mut browser, &at, "It is back.", &[("instantly", "on")]).await;
    let told = async {
        while !browser.get(&at).await.html.contains("Email failed") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), told)
        .await
        .expect("the page says so");
    let outbox = format!("/h/{}/outbox", helpdesk.id);
    let page = browser.get(&format!("{outbox}?state=failed")).await;
    assert!(
        page.html.contains("ann@example.com") && page.html.contains("550"),
        "{}",
        page.html
    );
    let rest = page.html.split(&format!("{outbox}/")).nth(1).expect("a mail");
    let id = rest.split('/').next().expect("an id").to_owned();
    let retried = browser
        .submit(&page, &format!("{outbox}/{id}/retry"), &[("part", "failed")])
        .await;
    assert_eq!(retried.location(), format!("{outbox}?state=failed"));
    let known_bad = async {
        while !browser
            .get(&outbox)
            .await
            .html
            .contains("The address does not work")
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), known_bad)
        .await
        .expect("the address is known to be bad");
    let page = browser.get(&outbox).await;
    browser
        .submit(&page, &format!("{outbox}/{id}/removal"), &[])
        .await;
    assert!(browser.get(&outbox).await.html.contains("Cancelled"));
    let foreign = app.helpdesk("Globex").await;
    let elsewhere = format!("/h/{}/outbox/{id}/removal", foreign.id);
    assert_eq!(browser.submit(&page, &elsewhere, &[]).await.status, 404);
}
