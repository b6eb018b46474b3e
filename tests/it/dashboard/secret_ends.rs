//! The end of an HMAC secret, chosen on its page or by command: at once, in a while, at a time, and
//! taken back.

use super::browser::{Browser, owner};
use super::ticket_center::{self, generate};
use crate::support::{TestApp, TestContact, TestHelpdesk};
use helpdesky::admin::{self, Command, command::Secret};
use serde_json::json;

both_engines!(
    a_chosen_end_is_shown_and_honoured_to_the_millisecond,
    a_planned_end_is_changed_and_taken_back,
    a_time_is_the_readers_own,
    a_time_that_cannot_be_is_refused_beside_its_field,
    a_third_secret_is_refused_with_what_to_do,
    commands_plan_and_keep,
    an_end_and_its_audit_entry_stand_or_fall_together,
);

const HOUR: i64 = 3_600_000;

/// What is on record about secrets.
async fn audited(app: &TestApp) -> Vec<(String, String, String)> {
    let mut entries = ticket_center::audited(app).await;
    entries.retain(|(action, _, _)| action.starts_with("secret "));
    entries
}

/// A helpdesk with a secret whose use is known, and the address of that secret's page.
async fn with_used_secret<'app>(app: &'app TestApp) -> (TestHelpdesk, Browser<'app>, String) {
    let (helpdesk, mut browser) = owner(app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    app.contact(&helpdesk, "a@example.com").verify().await;
    // The use is written beside the request.
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    for _ in 0..100 {
        let html = browser.get(&address).await.html;
        if html.contains("Last used") {
            let link = html
                .split("/secrets/")
                .nth(1)
                .and_then(|rest| rest.split('"').next());
            let secret = format!("{address}/secrets/{}", link.expect("a link"));
            return (helpdesk, browser, secret);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("the use of a secret is noted");
}

async fn works(contact: &TestContact<'_>) -> bool {
    contact.call("verify", json!({})).await.status == 200
}

async fn a_chosen_end_is_shown_and_honoured_to_the_millisecond(app: TestApp) {
    for (choice, wait, shown) in [
        ("hour", HOUR, "in 60 minutes"),
        ("day", 24 * HOUR, "in 24 hours"),
        ("week", 7 * 24 * HOUR, "in 7 days"),
    ] {
        let app = app.behind_a_proxy().await;
        let (helpdesk, mut browser, secret) = with_used_secret(&app).await;
        let page = browser.get(&secret).await;
        assert!(page.html.contains("It was used"), "the warning");
        let planned = browser
            .submit(&page, &format!("{secret}/revocation"), &[("when", choice)])
            .await;
        assert_eq!(planned.status, 303, "no confirmation for what can be taken back");
        let html = browser
            .get(&format!("/h/{}/ticket-center", helpdesk.id))
            .await
            .html;
        assert!(html.contains(&format!("Retires {shown}")), "{html}");
        assert!(html.contains("Keep it"), "a way back");

        let contact = app.contact(&helpdesk, "a@example.com");
        // The clock moves with each call: the token is made before, and the last step is exact.
        let end = app.app.now_ms() + wait;
        app.advance(wait - 10_000);
        let token = contact.token().await;
        app.advance(end - app.app.now_ms() - 1 - 200);
        assert!(works(&contact).await);
        contact.by_token(&token, "conversations", json!({})).await.ok();
        assert_eq!(app.app.now_ms(), end - 1);
        app.advance(1);
        let body = contact.credentials();
        app.post_now("/api/messaging/ticket-center/verify", &body, &[])
            .await
            .refused(401, "verification_failed");
        contact
            .by_token(&token, "conversations", json!({}))
            .await
            .refused(401, "token_expired");
        let html = browser
            .get(&format!("/h/{}/ticket-center", helpdesk.id))
            .await
            .html;
        assert!(!html.contains("class=\"secret\""), "gone from the page");
    }
}

async fn a_planned_end_is_changed_and_taken_back(app: TestApp) {
    let (helpdesk, mut browser, secret) = with_used_secret(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let page = browser.get(&secret).await;
    for choice in ["week", "hour"] {
        let address = format!("{secret}/revocation");
        // Ids of one millisecond are in no order.
        app.advance(1);
        let planned = browser.submit(&page, &address, &[("when", choice)]).await;
        assert_eq!(planned.status, 303);
    }
    app.advance(1);
    let again = browser.get(&secret).await;
    assert!(again.html.contains("It retires ") && again.html.contains("in 60 minutes"));
    let kept = browser
        .submit(&page, &format!("{secret}/revocation/removal"), &[])
        .await;
    assert_eq!(kept.status, 303);
    app.advance(8 * 24 * HOUR);
    assert!(works(&contact).await, "it is kept");

    let mut browser = Browser::new(&app);
    browser
        .sign_in("noor@acme.example", super::browser::PASSWORD)
        .await;
    let page = browser.get(&secret).await;
    let ended = browser
        .submit(
            &page,
            &format!("{secret}/revocation"),
            &[
                ("when", "now"),
                ("confirm", &helpdesk.secret[helpdesk.secret.len() - 4..]),
            ],
        )
        .await;
    assert_eq!(ended.status, 303);
    assert!(!works(&contact).await);
    let late = browser
        .submit(&page, &format!("{secret}/revocation/removal"), &[])
        .await;
    assert_eq!(late.status, 404, "what has ended does not come back");
    assert!(!works(&contact).await);

    let actions: Vec<String> = audited(&app)
        .await
        .into_iter()
        .map(|(action, _, _)| action)
        .collect();
    assert_eq!(
        actions,
        [
            "secret generated",
            "secret revocation planned",
            "secret revocation planned",
            "secret kept",
            "secret revoked"
        ]
    );
    for (_, by, detail) in audited(&app).await {
        assert!(
            by == "noor@acme.example" && !detail.contains(&helpdesk.secret),
            "{detail}"
        );
    }
}

async fn a_time_is_the_readers_own(app: TestApp) {
    let (helpdesk, mut browser, secret) = with_used_secret(&app).await;
    // Tests begin on 28 May 2026, 20:26:40 UTC: in Auckland it is 08:26 on the 29th.
    browser
        .cookies
        .insert("tz".to_owned(), "Pacific%2FAuckland".to_owned());
    let page = browser.get(&secret).await;
    assert!(page.html.contains("Pacific/Auckland"), "the zone is named");
    let planned = browser
        .submit(
            &page,
            &format!("{secret}/revocation"),
            &[("when", "at"), ("at", "2026-05-29T10:00")],
        )
        .await;
    assert_eq!(planned.status, 303, "{}", planned.html);
    let html = browser
        .get(&format!("/h/{}/ticket-center", helpdesk.id))
        .await
        .html;
    assert!(html.contains("Fri 29 May, 10:00 NZST"), "{html}");
    assert!(html.contains("2026-05-28T22:00:00"), "the moment itself");
    let planned = audited(&app).await.pop().expect("an entry");
    assert!(planned.2.contains("2026-05-28T22:00:00"), "{planned:?}");
}

async fn a_time_that_cannot_be_is_refused_beside_its_field(app: TestApp) {
    let (helpdesk, mut browser, secret) = with_used_secret(&app).await;
    let page = browser.get(&secret).await;
    let address = format!("{secret}/revocation");
    for (at, why) in [
        ("2026-05-28T20:00", "past"),
        ("2030-01-01T00:00", "within a year"),
        ("soon", "date and a time"),
        ("", "date and a time"),
        ("9999999-01-01T00:00", "date and a time"),
    ] {
        let refused = browser
            .submit(&page, &address, &[("when", "at"), ("at", at)])
            .await;
        assert_eq!(refused.status, 422, "{at}");
        assert!(
            refused.html.contains("id=\"at-error\"") && refused.html.contains(why),
            "{at}: {}",
            refused.html
        );
    }
    let odd = browser.submit(&page, &address, &[("when", "never")]).await;
    assert_eq!(odd.status, 400);
    let unsure = browser.submit(&page, &address, &[("when", "now")]).await;
    assert!(unsure.status == 422 && unsure.html.contains("id=\"confirm-error\""));
    assert!(works(&app.contact(&helpdesk, "a@example.com")).await);
    assert_eq!(
        audited(&app).await.len(),
        1,
        "nothing but its making is on record"
    );
}

async fn a_third_secret_is_refused_with_what_to_do(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    for _ in 0..2 {
        generate(&mut browser, &helpdesk).await.expect("a secret");
    }
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let page = browser.get(&address).await;
    assert!(
        !page.html.contains("Generate HMAC Secret</button>"),
        "not offered"
    );
    let third = browser.submit(&page, &format!("{address}/secrets"), &[]).await;
    assert_eq!(third.status, 409);
    assert!(third.html.contains("role=\"alert\"") && third.html.contains("retire one of them first"));
    assert_eq!(
        third.html.matches("class=\"secret\"").count(),
        2,
        "the two are in sight"
    );
    assert!(
        !third.html.contains("HELPDESKY_HMAC_SECRET=hdh_secret_"),
        "no third secret"
    );
}

async fn commands_plan_and_keep(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let secret = helpdesk.secret_id.expect("an id").to_string();
    let revoke = |after: Option<&str>, at: Option<&str>| {
        Command::Secret(Secret::Revoke {
            helpdesk: helpdesk.id.clone(),
            secret: secret.clone(),
            after: after.map(str::to_owned),
            at: at.map(str::to_owned),
            yes: false,
        })
    };
    let keep = || {
        Command::Secret(Secret::Keep {
            helpdesk: helpdesk.id.clone(),
            secret: secret.clone(),
        })
    };
    for (after, at) in [
        (Some("later"), None),
        (Some("9999d"), None),
        (None, Some("2026-05-28T20:00Z")),
        (None, Some("2026-12-01T10:00")),
    ] {
        assert!(
            admin::run(&app.app, revoke(after, at)).await.is_err(),
            "{after:?} {at:?}"
        );
    }
    let planned = admin::run(&app.app, revoke(Some("24h"), None))
        .await
        .expect("planned");
    assert_eq!(planned.json["revokeAt"], "2026-05-29T20:26:40.000Z");
    let planned = admin::run(&app.app, revoke(None, Some("2026-05-28T21:00Z")))
        .await
        .expect("planned");
    assert_eq!(planned.json["revokeAt"], "2026-05-28T21:00:00.000Z");
    let listed = Command::Secret(Secret::List {
        helpdesk: helpdesk.id.clone(),
    });
    let listed = admin::run(&app.app, listed).await.expect("a list");
    assert!(
        listed.text.contains("live until 2026-05-28 21:00"),
        "{}",
        listed.text
    );
    admin::run(&app.app, keep()).await.expect("kept");
    app.advance(HOUR);
    assert!(works(&contact).await);
    admin::run(&app.app, revoke(Some("1m"), None))
        .await
        .expect("planned");
    app.advance(60_000);
    assert!(!works(&contact).await);
    assert!(admin::run(&app.app, keep()).await.is_err(), "too late");
}

async fn an_end_and_its_audit_entry_stand_or_fall_together(app: TestApp) {
    let (helpdesk, mut browser, secret) = with_used_secret(&app).await;
    let page = browser.get(&secret).await;
    let spoil = async |tx: &mut db::Tx| tx.execute("DROP TABLE audit_entries", &[]).await;
    let spoilt: Result<_, db::Error> = app.app.db().write(spoil).await;
    spoilt.expect("no more audit log");
    for path in ["revocation", "revocation/removal"] {
        let answer = browser
            .submit(&page, &format!("{secret}/{path}"), &[("when", "hour")])
            .await;
        assert_eq!(answer.status, 500, "{path}");
    }
    let html = browser
        .get(&format!("/h/{}/ticket-center", helpdesk.id))
        .await
        .html;
    assert!(!html.contains("Retires"), "nothing is planned");
}
