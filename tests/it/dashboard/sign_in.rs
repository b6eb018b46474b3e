//! Sessions, sign-in, and what keeps forms and pages safe.

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::{TestApp, count};
use helpdesky::audit::By;
use helpdesky::operators::{self, Role};

type Pairs<'a> = &'a [(&'a str, &'a str)];

both_engines!(
    a_wrong_password_and_an_unknown_address_get_the_same_answer,
    too_many_tries_wait_and_then_work_again,
    strangers_do_not_keep_a_known_operator_out,
    a_crowd_at_the_password_gate_is_turned_away,
    guessing_from_everywhere_is_throttled_and_locks_nobody_out,
    guessing_at_every_account_from_one_place_is_throttled,
    forwarded_addresses_count_only_from_configured_proxies,
    signing_in_gives_a_new_session_and_signing_out_ends_it_on_the_server,
    a_new_password_ends_every_session,
    a_form_from_elsewhere_is_refused,
    a_form_that_is_too_large_is_refused,
    signing_in_leads_to_the_page_that_was_asked_for,
    every_page_carries_the_protecting_headers,
);

async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(app: TestApp) {
    owner(&app).await;
    let mut browser = Browser::new(&app);
    let wrong = browser.sign_in("noor@acme.example", "wrong wrong wrong").await;
    let unknown = browser.sign_in("nobody@acme.example", "wrong wrong wrong").await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    let without = |html: &str, email: &str| {
        let nonce = html
            .split("csp-nonce\" content=\"")
            .nth(1)
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default();
        html.replace(nonce, "").replace(email, "")
    };
    assert_eq!(
        without(&wrong.html, "noor@acme.example"),
        without(&unknown.html, "nobody@acme.example")
    );
    assert!(wrong.html.contains("Email and password do not match"));
    assert!(!browser.cookies.contains_key("helpdesky"));
}

async fn too_many_tries_wait_and_then_work_again(app: TestApp) {
    owner(&app).await;
    let mut browser = Browser::new(&app);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(
            browser
                .sign_in("noor@acme.example", "wrong wrong wrong")
                .await
                .status,
        );
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 429).count(),
        2,
        "{statuses:?}"
    );
    assert_eq!(
        browser.sign_in("noor@acme.example", PASSWORD).await.status,
        429,
        "also with the right one"
    );
    app.advance(60_000);
    assert_eq!(browser.sign_in("noor@acme.example", PASSWORD).await.status, 303);
}

/// A browser on the sign-in page, and what it has to send from there.
async fn arrived(app: &TestApp) -> (Browser<'_>, String) {
    let mut browser = Browser::new(app);
    let csrf = browser.get("/sign-in").await.hidden("csrf");
    (browser, csrf)
}

async fn tries((mut browser, csrf): (Browser<'_>, String), from: &str, password: &str) -> u16 {
    let fields = [
        ("csrf", csrf.as_str()),
        ("email", "noor@acme.example"),
        ("password", password),
    ];
    let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-for", from)];
    browser.post_with("/sign-in", &fields, &headers).await.status
}

async fn strangers_do_not_keep_a_known_operator_out(app: TestApp) {
    let app = app.behind_a_proxy().await;
    owner(&app).await;
    let known = tries(arrived(&app).await, "2001:db8:1::1", PASSWORD).await;
    assert_eq!(known, 303);
    // Too long for any password: refused before it is hashed.
    let long = "a".repeat(2_000);
    // One /64 has one limit, however many addresses it tries from.
    let mut waits = 0;
    for n in 0..12 {
        let status = tries(arrived(&app).await, &format!("2001:db8:2::{n:x}"), &long).await;
        waits += usize::from(status == 429);
    }
    assert_eq!(waits, 2);
    for n in 0..200 {
        tries(arrived(&app).await, &format!("2001:db8:3:{n:x}::1"), &long).await;
    }
    let elsewhere = tries(arrived(&app).await, "2001:db8:4::1", PASSWORD).await;
    assert_eq!(elsewhere, 429, "a place that is not known");
    let known = tries(arrived(&app).await, "2001:db8:1::2", PASSWORD).await;
    assert_eq!(known, 303, "a known one");
}

async fn a_crowd_at_the_password_gate_is_turned_away(app: TestApp) {
    let app = app.behind_a_proxy().await;
    let mut crowd = Vec::new();
    for _ in 0..60 {
        crowd.push(arrived(&app).await);
    }
    let trying = crowd
        .into_iter()
        .enumerate()
        .map(|(n, one)| async move { tries(one, &format!("198.51.100.{n}"), "wrong wrong wrong").await });
    let statuses = futures_util::future::join_all(trying).await;
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert!(of(422) >= 22 && of(429) > 0, "{statuses:?}");
    assert_eq!(of(422) + of(429), 60, "{statuses:?}");
}

/// Sends a try as fast as it can, on a form that was opened once.
async fn guess(browser: &mut Browser<'_>, csrf: &str, email: &str, from: &str, password: &str) -> u16 {
    let fields = [("csrf", csrf), ("email", email), ("password", password)];
    let headers = [("sec-fetch-site", "same-origin"), ("x-forwarded-for", from)];
    browser.post_with("/sign-in", &fields, &headers).await.status
}

async fn guessing_from_everywhere_is_throttled_and_locks_nobody_out(app: TestApp) {
    let app = app.behind_a_proxy().await;
    owner(&app).await;
    assert_eq!(tries(arrived(&app).await, "203.0.113.7", PASSWORD).await, 303);
    let (mut browser, csrf) = arrived(&app).await;
    let long = "a".repeat(2_000);
    let guesses = count(300, 1_000);
    let mut refused = 0;
    for n in 0..guesses {
        let from = format!("10.{}.{}.9", n / 250, n % 250);
        let status = guess(&mut browser, &csrf, "noor@acme.example", &from, &long).await;
        refused += usize::from(status == 429);
    }
    assert!(refused >= guesses - 200, "{refused} of {guesses}");
    // Who signed in from a place before is not even slowed down; all others wait, not for good.
    assert_eq!(tries(arrived(&app).await, "203.0.113.7", PASSWORD).await, 303);
    assert_eq!(tries(arrived(&app).await, "198.51.100.1", PASSWORD).await, 429);
    app.advance(60_000);
    assert_eq!(tries(arrived(&app).await, "198.51.100.1", PASSWORD).await, 303);
}

async fn guessing_at_every_account_from_one_place_is_throttled(app: TestApp) {
    let app = app.behind_a_proxy().await;
    owner(&app).await;
    let (mut browser, csrf) = arrived(&app).await;
    let long = "a".repeat(2_000);
    let guesses = count(200, 1_000);
    let mut refused = 0;
    for n in 0..guesses {
        let email = format!("person{n}@acme.example");
        let status = guess(&mut browser, &csrf, &email, "198.51.100.1", &long).await;
        refused += usize::from(status == 429);
    }
    assert_eq!(refused, guesses - 60);
    assert_eq!(
        tries(arrived(&app).await, "198.51.100.2", PASSWORD).await,
        303,
        "elsewhere"
    );
}

async fn forwarded_addresses_count_only_from_configured_proxies(app: TestApp) {
    owner(&app).await;
    let (mut browser, csrf) = arrived(&app).await;
    let long = "a".repeat(2_000);
    let mut refused = 0;
    for n in 0..15 {
        let from = format!("10.0.0.{n}");
        let status = guess(&mut browser, &csrf, "noor@acme.example", &from, &long).await;
        refused += usize::from(status == 429);
    }
    assert_eq!(refused, 5, "one address, whatever it says");
}

async fn signing_in_gives_a_new_session_and_signing_out_ends_it_on_the_server(app: TestApp) {
    let (_, mut browser) = owner(&app).await;
    let first = browser.cookies["helpdesky"].clone();
    let page = browser.get("/").await;
    let inbox = browser.get(&page.location()).await;
    let again = browser
        .submit(
            &inbox,
            "/sign-in",
            &[("email", "noor@acme.example"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(again.status, 303);
    let second = browser.cookies["helpdesky"].clone();
    assert_ne!(first, second);
    let mut thief = Browser::new(&app);
    thief.cookies.insert("helpdesky".to_owned(), first);
    assert_eq!(
        thief.get("/").await.location(),
        "/sign-in",
        "the old session is over"
    );

    let inbox = browser.get(&page.location()).await;
    assert_eq!(browser.submit(&inbox, "/sign-out", &[]).await.status, 303);
    assert!(!browser.cookies.contains_key("helpdesky"));
    thief.cookies.insert("helpdesky".to_owned(), second);
    assert_eq!(thief.get("/").await.location(), "/sign-in");
}

async fn a_new_password_ends_every_session(app: TestApp) {
    let (_, mut browser) = owner(&app).await;
    operators::reset_password(&app.app, &By::console(), "noor@acme.example", "another good one")
        .await
        .expect("a new password");
    assert_eq!(browser.get("/").await.location(), "/sign-in");
    assert_eq!(browser.sign_in("noor@acme.example", PASSWORD).await.status, 422);
}

async fn a_form_that_is_too_large_is_refused(app: TestApp) {
    let mut browser = Browser::new(&app);
    let page = browser.get("/sign-in").await;
    let long = "a".repeat(260 * 1024);
    let refused = browser
        .submit(&page, "/sign-in", &[("email", &long), ("password", "x")])
        .await;
    assert_eq!(refused.status, 413);
    assert!(refused.html.contains("This form is too large"));
}

async fn a_form_from_elsewhere_is_refused(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let address = format!("/h/{}/ticket-center/secrets", helpdesk.id);
    let page = browser.get(&format!("/h/{}/ticket-center", helpdesk.id)).await;
    let csrf = page.hidden("csrf");
    let token = [("csrf", csrf.as_str())];
    let own = format!("http://{}", app.address);
    let refusals: [(Pairs<'_>, Pairs<'_>); 7] = [
        (&[], &[("sec-fetch-site", "same-origin")]),
        (&[("csrf", "wrong")], &[("sec-fetch-site", "same-origin")]),
        (&token, &[("sec-fetch-site", "cross-site")]),
        (&token, &[("sec-fetch-site", "same-site")]),
        (&token, &[("sec-fetch-site", "none")]),
        (&token, &[("origin", "https://evil.example")]),
        (&token, &[("origin", "null")]),
    ];
    for (fields, headers) in refusals {
        assert_eq!(
            browser.post_with(&address, fields, headers).await.status,
            403,
            "{fields:?} {headers:?}"
        );
    }
    let page = browser.get(&format!("/h/{}/ticket-center", helpdesk.id)).await;
    assert!(
        page.html.contains("Generate HMAC Secret") && !page.html.contains("hdh_secret_…"),
        "nothing was made"
    );

    // The token of another person's session is none of ours.
    let mut other = Browser::new(&app);
    let stranger = other.get("/sign-in").await.hidden("csrf");
    assert_eq!(browser.post(&address, &[("csrf", &stranger)]).await.status, 403);
    assert_eq!(
        browser
            .post_with(&address, &token, &[("origin", &own)])
            .await
            .status,
        200
    );
    // Signed out, a form needs the token as well: nobody is signed in by a foreign page.
    let forced = other
        .post(
            "/sign-in",
            &[("email", "noor@acme.example"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(forced.status, 403);
}

async fn signing_in_leads_to_the_page_that_was_asked_for(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let wanted = format!("/h/{}/conversations?view=closed", helpdesk.id);
    let mut browser = Browser::new(&app);
    let sent = browser.get(&wanted).await;
    assert!(
        sent.location().starts_with("/sign-in?next=%2Fh%2F"),
        "{}",
        sent.location()
    );
    let form = browser.get(&sent.location()).await;
    let next = form.hidden("next").replace("&#38;", "&");
    let fields = [
        ("email", "noor@acme.example"),
        ("password", PASSWORD),
        ("next", next.as_str()),
    ];
    assert_eq!(
        browser.submit(&form, "/sign-in", &fields).await.location(),
        wanted
    );
    let form = Browser::new(&app).get("/sign-in?next=https://evil.example").await;
    assert_eq!(form.status, 200);
}

async fn every_page_carries_the_protecting_headers(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let base = format!("/h/{}", helpdesk.id);
    let paths = [
        "/conversations",
        "/ticket-center",
        "/settings/messages",
        "/shortcuts",
        "/nothing",
    ];
    let mut nonces = Vec::new();
    let all = paths
        .iter()
        .map(|path| format!("{base}{path}"))
        .chain(["/sign-in".to_owned(), "/setup/x".to_owned()]);
    for path in all {
        if path == "/sign-in" {
            browser.cookies.clear();
        }
        let page = browser.get(&path).await;
        if path.ends_with("/nothing") {
            assert_eq!(page.status, 404);
            continue;
        }
        let header = |name: &str| page.answer.header(name).unwrap_or_default().to_owned();
        let policy = header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        if let Some(nonce) = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
        {
            assert!(
                page.html.contains(&format!("content=\"{nonce}\"")) || nonce.contains('+'),
                "{path}"
            );
            nonces.push(nonce.to_owned());
        }
    }
    let unique: std::collections::BTreeSet<_> = nonces.iter().collect();
    assert!(unique.len() == nonces.len() && nonces.len() >= 5, "{nonces:?}");
}
