//! "Check my page" and the list of pages that called.

use super::browser::{Browser, PASSWORD, operator, owner};
use super::ticket_center::generate;
use crate::support::{TestApp, TestContact, TestHelpdesk};
use helpdesky::embeds::origins;
use helpdesky::operators::Role;
use serde_json::{Value, json};

both_engines!(
    a_page_is_answered_by_how_its_last_call_went,
    a_call_made_a_moment_ago_is_seen_at_once_and_later_too,
    a_page_that_names_no_helpdesk_is_found,
    the_newest_origins_are_kept_and_good_ones_are_not_pushed_out,
    hostile_origins_stay_text,
    each_helpdesk_sees_its_own_pages,
    only_administrators_see_pages,
    the_list_shows_who_was_seen_and_offers_who_was_refused,
);

const PAGE: &str = "https://app.example.com";

async fn start<'app>(app: &'app TestApp) -> (TestHelpdesk, Browser<'app>) {
    let (helpdesk, mut browser) = owner(app).await;
    let helpdesk = generate(&mut browser, &helpdesk).await.expect("a secret");
    (helpdesk, browser)
}

/// What a page of this origin calls.
async fn call(contact: &TestContact<'_>, path: &str, origin: &str, more: Value) -> u16 {
    let body = crate::support::merged(contact.credentials(), &more);
    let path = format!("/api/messaging/ticket-center/{path}");
    contact
        .app
        .post_with(&path, &body, &[("origin", origin)])
        .await
        .status
}

/// The answer about a page: the callout's text.
async fn ask(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, page: &str) -> String {
    let query: String = url::form_urlencoded::byte_serialize(page.as_bytes()).collect();
    let html = browser
        .get(&format!("/h/{}/ticket-center?page={query}", helpdesk.id))
        .await
        .html;
    let card = html.split("id=\"check\"").nth(1).unwrap_or_default();
    let card = card.split("</section>").next().unwrap_or_default();
    card.split("<details").next().unwrap_or_default().to_owned()
}

async fn a_page_is_answered_by_how_its_last_call_went(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let never = ask(&mut browser, &helpdesk, "https://app.example.com/support?x=1#y").await;
    assert!(never.contains("No embed has called from there"), "{never}");
    assert!(never.contains("What to look at") && never.contains(PAGE) && never.contains(&helpdesk.id));

    assert_eq!(call(&contact, "verify", PAGE, json!({})).await, 200);
    let good = ask(&mut browser, &helpdesk, "https://APP.example.com:443/any").await;
    assert!(
        good.contains("its last call was accepted") && good.contains("callout-ok"),
        "{good}"
    );
    let beside = ask(&mut browser, &helpdesk, "http://app.example.com:3000").await;
    assert!(
        beside.contains("No embed has called") && beside.contains("also called as https://app.example.com"),
        "{beside}"
    );

    let wrong = crate::support::signing::sign(&format!("{}\n", helpdesk.secret), "a@example.com");
    assert_eq!(
        call(&contact, "verify", PAGE, json!({"signature": wrong})).await,
        401
    );
    let failed = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(
        failed.contains("the signature was not right") && failed.contains("ends with a newline"),
        "{failed}"
    );

    app.set_domains(&helpdesk, &["other.example"])
        .await
        .expect("domains");
    let will_fail = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(
        will_fail.contains("no entry covers app.example.com"),
        "{will_fail}"
    );
    assert_eq!(call(&contact, "verify", PAGE, json!({})).await, 403);
    let refused = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(refused.contains("the origin is not allowed"), "{refused}");
    app.set_domains(&helpdesk, &["example.com"])
        .await
        .expect("domains");
    let allowed_now = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(
        allowed_now.contains("the domain is allowed now") && allowed_now.contains("by the entry example.com"),
        "{allowed_now}"
    );

    let settings = format!("/h/{}/settings/messages", helpdesk.id);
    let page = browser.get(&settings).await;
    browser.submit(&page, &format!("{settings}/messaging"), &[]).await;
    assert_eq!(
        call(&contact, "message", PAGE, json!({"message": "Hello"})).await,
        403
    );
    let off = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(off.contains("messaging is off"), "{off}");

    for (typed, said) in [
        ("file:///home/x.html", "sends “null” for a file"),
        ("null", "sends “null” for a file"),
        ("not a page", "Write the address of your page"),
        ("", "Write the address of your page"),
    ] {
        let answer = ask(&mut browser, &helpdesk, typed).await;
        assert!(answer.contains(said), "{typed}: {answer}");
    }
}

async fn a_call_made_a_moment_ago_is_seen_at_once_and_later_too(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let id = helpdesk.id.parse().expect("an id");
    for origin in [PAGE, "null", ""] {
        let body = contact.credentials();
        let headers = [("origin", origin)];
        let headers = if origin.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        app.post_with("/api/messaging/ticket-center/verify", &body, headers)
            .await
            .ok();
    }
    let html = browser
        .get(&format!("/h/{}/ticket-center", helpdesk.id))
        .await
        .html;
    assert!(html.contains(PAGE) && html.contains(">null<") && html.contains("A server, without a page"));
    let seen_at = |all: &[origins::Seen]| {
        all.iter()
            .find(|seen| seen.origin == PAGE)
            .map(origins::Seen::seen_at)
    };
    let first = seen_at(&origins::recent(&app.app, id).await.expect("origins"));
    assert!(first.is_some());
    origins::flush(&app.app).await.expect("written");
    // Long enough for the memory to let it go: what is left is what was written.
    app.advance(11 * 60_000);
    origins::flush(&app.app).await.expect("written");
    assert_eq!(
        seen_at(&origins::recent(&app.app, id).await.expect("origins")),
        first
    );
    assert_eq!(
        call(&contact, "verify", PAGE, json!({"signature": "ab".repeat(32)})).await,
        401
    );
    let all = origins::recent(&app.app, id).await.expect("origins");
    assert_eq!(all[0].origin, PAGE, "the latest first");
    assert_eq!(all[0].refused_last(), Some(origins::Refused::Verification));
    assert_eq!(all[0].good_at, first, "both accounts in one");
}

async fn a_page_that_names_no_helpdesk_is_found(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    for id in [
        "01890000-0000-7000-8000-000000000000",
        "YOUR_HELPDESK_ID",
        "00000000-0000-0000-0000-000000000000",
    ] {
        assert_eq!(
            call(&contact, "verify", PAGE, json!({"helpdeskId": id})).await,
            404
        );
    }
    let answer = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(
        answer.contains("a Helpdesk ID that does not exist") && answer.contains("data-helpdesk-id"),
        "{answer}"
    );
    assert_eq!(call(&contact, "verify", PAGE, json!({})).await, 200);
    let answer = ask(&mut browser, &helpdesk, PAGE).await;
    assert!(
        answer.contains("its last call was accepted") && !answer.contains("does not exist"),
        "{answer}"
    );
}

async fn the_newest_origins_are_kept_and_good_ones_are_not_pushed_out(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let id = helpdesk.id.parse().expect("an id");
    let contact = app.contact(&helpdesk, "a@example.com");
    assert_eq!(call(&contact, "verify", PAGE, json!({})).await, 200);
    origins::flush(&app.app).await.expect("written");
    app.set_domains(&helpdesk, &["example.com"])
        .await
        .expect("domains");
    for number in 0..250 {
        let origin = format!("https://evil-{number}.example");
        assert_eq!(call(&contact, "verify", &origin, json!({})).await, 403);
        if number % 50 == 0 {
            origins::flush(&app.app).await.expect("written");
        }
    }
    origins::flush(&app.app).await.expect("written");
    let rows = async |tx: &mut db::Tx| {
        tx.first("SELECT COUNT(*) FROM embed_origins", &[], |row| row.get::<i64>(0))
            .await
    };
    let rows: Result<Option<i64>, db::Error> = app.app.db().read(rows).await;
    assert_eq!(
        rows.expect("a count"),
        Some(101),
        "100 that never called well, and the good one"
    );
    let all = origins::recent(&app.app, id).await.expect("origins");
    assert!(
        all.len() <= 200 && all[0].origin == "https://evil-249.example",
        "{}",
        all.len()
    );
    assert!(
        ask(&mut browser, &helpdesk, PAGE)
            .await
            .contains("its last call was accepted")
    );
}

async fn hostile_origins_stay_text(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let long = format!("https://{}.example", "a".repeat(5_000));
    for origin in [
        "https://x\"><script>alert(1)</script>.example",
        "javascript:alert(1)",
        long.as_str(),
    ] {
        call(&contact, "verify", origin, json!({})).await;
    }
    let html = browser
        .get(&format!("/h/{}/ticket-center", helpdesk.id))
        .await
        .html;
    assert!(!html.contains("<script>alert") && html.contains("javascript:alert(1)"));
    assert!(!html.contains("href=\"javascript:"), "never a link");
    assert!(!html.contains(&"a".repeat(300)), "cut");
    let answer = ask(&mut browser, &helpdesk, "https://x/\"><script>alert(1)</script>").await;
    assert!(!answer.contains("<script>alert"), "{answer}");
}

async fn each_helpdesk_sees_its_own_pages(app: TestApp) {
    let (_, mut browser) = start(&app).await;
    let other = app.helpdesk("Globex").await;
    let contact = app.contact(&other, "a@example.com");
    assert_eq!(
        call(&contact, "verify", "https://secret-project.example", json!({})).await,
        200
    );
    origins::flush(&app.app).await.expect("written");
    let home = browser.get("/").await.location();
    let page = home.replace("/conversations", "/ticket-center");
    let html = browser
        .get(&format!("{page}?page=https://secret-project.example"))
        .await
        .html;
    assert!(html.contains("No embed has called from there"), "{html}");
    assert_eq!(
        html.matches("secret-project").count(),
        2,
        "only what was typed, and its origin"
    );
}

async fn only_administrators_see_pages(app: TestApp) {
    let (helpdesk, _) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    assert_eq!(call(&contact, "verify", PAGE, json!({})).await, 200);
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let mut browser = Browser::new(&app);
    browser.sign_in("op@acme.example", PASSWORD).await;
    let html = browser
        .get(&format!("/h/{}/ticket-center?page={PAGE}", helpdesk.id))
        .await
        .html;
    assert!(html.contains("Embed code") && !html.contains(PAGE), "{html}");
}

async fn the_list_shows_who_was_seen_and_offers_who_was_refused(app: TestApp) {
    let (helpdesk, mut browser) = start(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    app.set_domains(&helpdesk, &["example.com", "example.org"])
        .await
        .expect("domains");
    for (origin, status) in [
        (PAGE, 200),
        ("https://shop.example.net:8443", 403),
        ("http://shop.example.net", 403),
        ("null", 403),
        ("https://a.b, https://c.d", 403),
    ] {
        assert_eq!(
            call(&contact, "verify", origin, json!({})).await,
            status,
            "{origin}"
        );
    }
    let address = format!("/h/{}/settings/messages", helpdesk.id);
    let page = browser.get(&address).await;
    assert_eq!(
        page.html.matches("Last seen just now").count(),
        1,
        "{}",
        page.html
    );
    assert_eq!(page.html.matches("Not seen yet").count(), 1);
    let offered = "name=\"domain\" value=\"shop.example.net\"";
    assert_eq!(
        page.html.matches(offered).count(),
        1,
        "one host, whatever its ports"
    );
    let fields = [("domain", "shop.example.net")];
    browser
        .submit(&page, &format!("{address}/domains"), &fields)
        .await;
    assert_eq!(
        call(&contact, "verify", "https://shop.example.net", json!({})).await,
        200
    );
    let html = browser.get(&address).await.html;
    assert!(!html.contains("Refused in the last 24 hours"), "{html}");
    app.set_domains(&helpdesk, &["example.com"])
        .await
        .expect("domains");
    assert_eq!(
        call(&contact, "verify", "https://shop.example.net", json!({})).await,
        403
    );
    assert!(browser.get(&address).await.html.contains(offered));
    app.advance(24 * 60 * 60 * 1000);
    assert!(!browser.get(&address).await.html.contains("Refused in the last"));
}
