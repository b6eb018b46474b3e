//! The Ticket Center page: secrets, the Verification Tool, the domains.

use super::browser::{Browser, owner};
use crate::support::signing::sign;
use crate::support::{TestApp, TestHelpdesk};
use serde_json::json;

both_engines!(
    a_secret_is_shown_once_and_works,
    a_third_secret_is_refused_and_a_used_one_is_retired_on_purpose,
    the_verification_tool_tells_match_mismatch_and_cause,
    the_verification_tool_is_limited_and_audited,
    domains_are_cleaned_refused_and_removed,
    domains_added_at_once_all_stay,
    several_domains_are_pasted_at_once_and_a_removal_is_undone,
    the_probe_answers_as_a_call_is_answered,
    what_is_audited_and_the_audit_stand_or_fall_together,
);

pub(super) async fn generate(
    browser: &mut Browser<'_>,
    helpdesk: &TestHelpdesk,
) -> Result<TestHelpdesk, u16> {
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let page = browser.get(&address).await;
    let made = browser.submit(&page, &format!("{address}/secrets"), &[]).await;
    let text = made
        .html
        .split("HELPDESKY_HMAC_SECRET=")
        .nth(1)
        .and_then(|rest| rest.split('<').next());
    let secret = text.ok_or(made.status)?.to_owned();
    Ok(TestHelpdesk {
        secret,
        ..helpdesk.clone()
    })
}

async fn a_secret_is_shown_once_and_works(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let with_secret = generate(&mut browser, &helpdesk).await.expect("a secret");
    assert!(with_secret.secret.starts_with("hdh_secret_") && with_secret.secret.len() >= 54);
    app.contact(&with_secret, "a@example.com").verify().await;
    let page = browser.get(&format!("/h/{}/ticket-center", helpdesk.id)).await;
    assert!(!page.html.contains(&with_secret.secret), "never again");
    let ending = &with_secret.secret[with_secret.secret.len() - 4..];
    assert!(page.html.contains(&format!("hdh_secret_…{ending}")));
    assert!(
        page.html.contains(&format!("{}/ticket-center.js", app.base)),
        "the snippet names this installation"
    );
}

async fn a_third_secret_is_refused_and_a_used_one_is_retired_on_purpose(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let first = generate(&mut browser, &helpdesk).await.expect("a secret");
    app.contact(&first, "a@example.com").verify().await;
    let second = generate(&mut browser, &helpdesk).await.expect("a second one");
    assert_eq!(generate(&mut browser, &helpdesk).await.err(), Some(409));
    app.contact(&second, "a@example.com").verify().await;

    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let ending = first.secret[first.secret.len() - 4..].to_owned();
    // The use of a secret is written beside the request.
    let mut retire = String::new();
    for _ in 0..50 {
        let html = browser.get(&address).await.html;
        let row = html
            .split("class=\"secret\"")
            .find(|row| row.contains(&format!("…{ending}</code>")))
            .unwrap_or_default()
            .to_owned();
        let link = row
            .split("href=\"/h/")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default();
        retire = format!("/h/{link}");
        if row.contains("Still used") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let page = browser.get(&retire).await;
    assert!(
        page.status == 200 && page.html.contains("It was used"),
        "{}",
        page.html
    );
    let unsure = browser.submit(&page, &format!("{retire}/revocation"), &[]).await;
    assert_eq!(unsure.status, 422);
    let sure = browser
        .submit(&page, &format!("{retire}/revocation"), &[("confirm", &ending)])
        .await;
    assert_eq!(sure.status, 303);
    app.contact(&first, "a@example.com")
        .call("verify", json!({}))
        .await
        .refused(401, "verification_failed");
    app.contact(&second, "a@example.com").verify().await;
}

async fn check(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, email: &str, signature: &str) -> String {
    let address = format!("/h/{}/ticket-center", helpdesk.id);
    let page = browser.get(&address).await;
    let fields = [("email", email), ("signature", signature)];
    browser
        .submit(&page, &format!("{address}/verification"), &fields)
        .await
        .html
}

async fn the_verification_tool_tells_match_mismatch_and_cause(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    assert!(
        check(&mut browser, &helpdesk, "user@example.com", "")
            .await
            .contains("no HMAC secret yet")
    );
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let right = sign(&helpdesk.secret, "User@Example.com");
    let html = check(&mut browser, &helpdesk, "User@Example.com", "").await;
    assert!(html.contains(&right), "the signature of exactly this text");
    assert!(
        check(&mut browser, &helpdesk, "User@Example.com", &right)
            .await
            .contains("Match. This signature is right.")
    );
    for (email, signed, over) in [
        ("User@Example.com", "User@Example.com", "exactly as you typed it"),
        ("User@Example.com", "user@example.com", "in lower case"),
        (
            " User@Example.com ",
            "User@Example.com",
            "without the white space",
        ),
    ] {
        let html = check(&mut browser, &helpdesk, email, &sign(&helpdesk.secret, signed)).await;
        assert!(
            html.contains("Match. This") && html.contains(over),
            "{email:?}: {html}"
        );
    }
    let other = TestHelpdesk {
        secret: format!("{}\n", helpdesk.secret),
        ..helpdesk.clone()
    };
    let html = check(
        &mut browser,
        &helpdesk,
        "user@example.com",
        &sign(&other.secret, "user@example.com"),
    )
    .await;
    assert!(html.contains("No match.") && html.contains("newline"), "{html}");
    assert!(
        !html.contains(&helpdesk.secret),
        "the secret itself stays on the server"
    );
    assert!(
        check(&mut browser, &helpdesk, "no address", "")
            .await
            .contains("not an email address")
    );
}

async fn the_verification_tool_is_limited_and_audited(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let right = sign(&helpdesk.secret, "a@example.com");
    let mut shown = 0;
    for _ in 0..30 {
        shown += usize::from(
            check(&mut browser, &helpdesk, "a@example.com", "")
                .await
                .contains(&right),
        );
    }
    assert_eq!(shown, 20);
    app.advance(6_000);
    assert!(
        check(&mut browser, &helpdesk, "a@example.com", "")
            .await
            .contains(&right)
    );
    let entries = audited(&app).await;
    let checks = entries.iter().filter(|(action, actor, detail)| {
        action == "signature checked" && actor == "noor@acme.example" && detail == "a@example.com"
    });
    assert_eq!(checks.count(), 21);
    assert!(entries.iter().any(|(action, _, _)| action == "secret generated"));
    assert!(
        entries
            .iter()
            .all(|(_, _, detail)| !detail.contains(&helpdesk.secret))
    );
}

/// Action, actor and detail of each entry of the audit log.
pub(super) async fn audited(app: &TestApp) -> Vec<(String, String, String)> {
    let read = async |tx: &mut db::Tx| {
        tx.all(
            "SELECT action, actor, detail FROM audit_entries ORDER BY id",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .await
    };
    let entries: Result<_, db::Error> = app.app.db().read(read).await;
    entries.expect("entries")
}

async fn domains_are_cleaned_refused_and_removed(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    let page = browser.get(&address).await;
    let added = browser
        .submit(
            &page,
            &format!("{address}/domains"),
            &[("domain", "https://App.Example.com:443/x")],
        )
        .await;
    assert_eq!(added.status, 303);
    assert!(
        browser
            .get(&address)
            .await
            .html
            .contains("<code class=\"code-plain\">app.example.com</code>")
    );
    let shared = browser
        .submit(&page, &format!("{address}/domains"), &[("domain", "vercel.app")])
        .await;
    assert!(shared.status == 303 && browser.get(&address).await.html.contains("shared by many"));
    for bad in ["", "not a domain", "http://"] {
        let refused = browser
            .submit(&page, &format!("{address}/domains"), &[("domain", bad)])
            .await;
        assert_eq!(refused.status, 422, "{bad:?}");
        assert!(refused.html.contains("id=\"domain-error\""));
    }
    browser
        .submit(
            &page,
            &format!("{address}/domains/removal"),
            &[("domain", "vercel.app")],
        )
        .await;
    assert!(!browser.get(&address).await.html.contains(">vercel.app<"));
    browser.submit(&page, &format!("{address}/messaging"), &[]).await;
    assert!(browser.get(&address).await.html.contains(">Off<"));
}

async fn several_domains_are_pasted_at_once_and_a_removal_is_undone(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    let page = browser.get(&address).await;
    let pasted = "https://one.example/x\r\ntwo.example, THREE.example;\n\n  one.example";
    let added = browser
        .submit(&page, &format!("{address}/domains"), &[("domain", pasted)])
        .await;
    assert_eq!(added.status, 303);
    let html = browser.get(&address).await.html;
    assert!(html.contains("3 domains added"), "{html}");
    for name in ["one.example", "two.example", "three.example"] {
        assert!(html.contains(&format!(">{name}</code>")), "{name}");
    }
    let refused = browser
        .submit(
            &page,
            &format!("{address}/domains"),
            &[("domain", "four.example not_one five.example")],
        )
        .await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.html.contains("not_one") && refused.html.contains("four.example not_one five.example"),
        "what was typed stays"
    );
    assert!(
        !browser.get(&address).await.html.contains(">four.example<"),
        "all or none"
    );

    browser
        .submit(
            &page,
            &format!("{address}/domains/removal"),
            &[("domain", "two.example")],
        )
        .await;
    let html = browser.get(&address).await.html;
    assert!(!html.contains(">two.example</code>") && html.contains(">Undo<"));
    browser
        .submit(&page, &format!("{address}/domains"), &[("domain", "two.example")])
        .await;
    assert!(browser.get(&address).await.html.contains(">two.example</code>"));
}

async fn the_probe_answers_as_a_call_is_answered(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    let contact = app.contact(&helpdesk, "a@example.com");
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    for list in [&[][..], &["example.com", "localhost", "127.0.0.1"][..]] {
        app.set_domains(&helpdesk, list).await.expect("domains");
        for origin in [
            "https://example.com",
            "http://a.b.example.com:8080",
            "https://example.com.evil.net",
            "https://notexample.com",
            "http://localhost:3000",
            "http://x.localhost",
            "http://127.0.0.1",
            "http://127.0.0.2",
            "null",
            app.base.as_str(),
        ] {
            let call = app
                .post_with(
                    "/api/messaging/ticket-center/verify",
                    &contact.credentials(),
                    &[("origin", origin)],
                )
                .await;
            let query: String = url::form_urlencoded::byte_serialize(origin.as_bytes()).collect();
            let probe = browser.get(&format!("{address}?origin={query}")).await;
            let passes = probe.html.contains("<strong>It passes</strong>");
            assert_ne!(
                passes,
                probe.html.contains("<strong>It is refused</strong>"),
                "{origin}"
            );
            assert_eq!(passes, call.status == 200, "{origin} with {list:?}");
        }
    }
    for nonsense in ["", "not+a+page", "https%3A%2F%2F"] {
        let probe = browser.get(&format!("{address}?origin={nonsense}")).await;
        assert!(
            probe.status == 200 && probe.html.contains("id=\"origin-error\""),
            "{nonsense}"
        );
    }
}

async fn domains_added_at_once_all_stay(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    let csrf = browser.get(&address).await.hidden("csrf");
    let path = format!("{address}/domains");
    let names: Vec<String> = (0..10).map(|n| format!("site-{n}.example")).collect();
    let fields: Vec<_> = names
        .iter()
        .map(|name| [("csrf", csrf.as_str()), ("domain", name.as_str())])
        .collect();
    let adding = fields.iter().map(|fields| browser.post_beside(&path, fields));
    let statuses = futures_util::future::join_all(adding).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    let html = browser.get(&address).await.html;
    for name in &names {
        assert!(html.contains(&format!(">{name}</code>")), "{name} in {html}");
    }
}

async fn what_is_audited_and_the_audit_stand_or_fall_together(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    let page = browser.get(&address).await;
    app.set_domains(&helpdesk, &["one.example", "two.example"])
        .await
        .expect("domains");
    for (path, domain) in [
        ("domains", "one.example"),
        ("domains", "three.example"),
        ("domains/removal", "two.example"),
        ("domains/removal", "never.example"),
        ("domains/removal", "a\0b"),
    ] {
        // Ids of one millisecond are in no order.
        app.advance(1);
        let answer = browser
            .submit(&page, &format!("{address}/{path}"), &[("domain", domain)])
            .await;
        assert_eq!(answer.status, 303, "{path} {domain:?}");
    }
    let mut entries = audited(&app).await;
    entries.retain(|(action, _, _)| action.starts_with("domain"));
    let entry = |action: &str, by: &str, detail: &str| (action.to_owned(), by.to_owned(), detail.to_owned());
    assert_eq!(
        entries,
        [
            entry("domains set", "console", "one.example two.example"),
            entry("domain allowed", "noor@acme.example", "three.example"),
            entry("domain removed", "noor@acme.example", "two.example"),
        ]
    );

    let spoil = async |tx: &mut db::Tx| tx.execute("DROP TABLE audit_entries", &[]).await;
    let spoilt: Result<_, db::Error> = app.app.db().write(spoil).await;
    spoilt.expect("no more audit log");
    for (path, field) in [
        ("domains", "four.example"),
        ("domains/removal", "one.example"),
        ("messaging", ""),
    ] {
        let answer = browser
            .submit(&page, &format!("{address}/{path}"), &[("domain", field)])
            .await;
        assert_eq!(answer.status, 500, "{path}");
    }
    let html = browser.get(&address).await.html;
    assert!(!html.contains("four.example") && html.contains("one.example") && !html.contains(">Off<"));
    let center = format!("/h/{}/ticket-center", helpdesk.id);
    assert_eq!(
        browser
            .submit(&page, &format!("{center}/secrets"), &[])
            .await
            .status,
        500
    );
    let html = browser.get(&center).await.html;
    assert!(!html.contains("class=\"secret\""), "{html}");
}
