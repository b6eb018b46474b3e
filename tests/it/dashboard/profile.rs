//! What operators change about themselves: name, password, keys, sessions.

use std::time::Duration;

use super::browser::{Browser, PASSWORD, Page, operator, owner};
use super::live::hears;
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::operators::Role;
use helpdesky::operators::links::{self, Purpose};

both_engines!(
    a_new_password_ends_all_other_sessions_and_links,
    a_copied_cookie_is_worth_nothing_after_a_new_password,
    a_password_is_changed_only_by_who_knows_the_present_one,
    a_planted_cookie_opens_nothing_after_sign_in,
    sessions_are_listed_and_ended_one_by_one_or_all_others,
    nobody_ends_the_sessions_of_others,
    a_name_is_changed_for_what_is_written_from_now_on,
    single_keys_are_switched_off_everywhere,
);

fn profile(helpdesk: &TestHelpdesk) -> String {
    format!("/h/{}/profile", helpdesk.id)
}

async fn another<'app>(app: &'app TestApp, password: &str) -> (Browser<'app>, u16) {
    let mut browser = Browser::new(app);
    let status = browser.sign_in("noor@acme.example", password).await.status;
    (browser, status)
}

async fn change(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, current: &str, new: &str) -> Page {
    let page = browser.get(&profile(helpdesk)).await;
    let path = format!("{}/password", profile(helpdesk));
    browser
        .submit(&page, &path, &[("current", current), ("password", new)])
        .await
}

const NEW: &str = "another good pass phrase";

async fn a_new_password_ends_all_other_sessions_and_links(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let (mut other, _) = another(&app, PASSWORD).await;
    let mut stream = other.open(&format!("/h/{}/live", helpdesk.id)).await;
    assert!(hears(&mut stream, "event: ready", Duration::from_secs(5)).await);
    let id = helpdesk.id.parse().expect("an id");
    let members = helpdesky::operators::list(&app.app, id).await.expect("members");
    let link = links::make(&app.app, Purpose::SignIn, Some(members[0].operator.id)).await;
    let link = format!("/sign-in/{}", link.expect("a link"));

    let changed = change(&mut browser, &helpdesk, PASSWORD, NEW).await;
    assert_eq!((changed.status, changed.location()), (303, profile(&helpdesk)));
    let page = browser.get(&changed.location()).await;
    assert!(
        page.status == 200 && page.html.contains("Password changed"),
        "this browser goes on"
    );
    assert_eq!(
        other.get(&profile(&helpdesk)).await.status,
        303,
        "the other is out"
    );
    assert!(hears(&mut stream, "event: end", Duration::from_secs(5)).await);
    assert_eq!(Browser::new(&app).get(&link).await.status, 404, "links are void");
    assert_eq!(another(&app, PASSWORD).await.1, 422);
    assert_eq!(another(&app, NEW).await.1, 303);
}

async fn a_copied_cookie_is_worth_nothing_after_a_new_password(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let mut thief = Browser::new(&app);
    thief.cookies = browser.cookies.clone();
    assert_eq!(thief.get(&profile(&helpdesk)).await.status, 200);
    assert_eq!(change(&mut browser, &helpdesk, PASSWORD, NEW).await.status, 303);
    assert_eq!(thief.get(&profile(&helpdesk)).await.status, 303);
    assert_ne!(thief.cookies.get("helpdesky"), browser.cookies.get("helpdesky"));
}

async fn a_password_is_changed_only_by_who_knows_the_present_one(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    for (current, new, field) in [
        ("wrong wrong wrong", NEW, "current"),
        ("", NEW, "current"),
        (PASSWORD, "short77", "password"),
        (PASSWORD, "Password123", "password"),
    ] {
        let page = change(&mut browser, &helpdesk, current, new).await;
        assert_eq!(page.status, 422);
        assert!(
            page.html.contains(&format!("id=\"{field}-error\"")),
            "{field}: {}",
            page.html
        );
        assert!(!page.html.contains("short77") && !page.html.contains(PASSWORD));
    }
    let long = "a".repeat(2_000);
    let mut waits = 0;
    for _ in 0..12 {
        let page = change(&mut browser, &helpdesk, &long, NEW).await;
        waits += usize::from(page.status == 429);
    }
    assert!(waits > 0, "guessing is slowed down");
    assert_eq!(browser.get(&profile(&helpdesk)).await.status, 200);
    app.advance(60 * 60 * 1000);
    assert_eq!(another(&app, PASSWORD).await.1, 303, "nothing was changed");
}

async fn a_planted_cookie_opens_nothing_after_sign_in(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let planted = "p".repeat(43);
    let mut victim = Browser::new(&app);
    victim.cookies.insert("helpdesky".to_owned(), planted.clone());
    let form = victim.get("/sign-in").await;
    let fields = [("email", "noor@acme.example"), ("password", PASSWORD)];
    assert_eq!(victim.submit(&form, "/sign-in", &fields).await.status, 303);
    assert_ne!(victim.cookies["helpdesky"], planted);
    let mut attacker = Browser::new(&app);
    attacker.cookies.insert("helpdesky".to_owned(), planted);
    assert_eq!(attacker.get(&profile(&helpdesk)).await.status, 303);
}

async fn sessions_are_listed_and_ended_one_by_one_or_all_others(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let mut others = Vec::new();
    for _ in 0..3 {
        app.advance(1_000);
        others.push(another(&app, PASSWORD).await.0);
    }
    let page = browser.get(&profile(&helpdesk)).await;
    assert_eq!(page.html.matches("class=\"session\"").count(), 4);
    assert_eq!(page.html.matches("This browser").count(), 1);
    assert!(page.html.contains("127.0.0.1"));
    let name = page.hidden("session");
    let path = format!("{}/sessions/revocation", profile(&helpdesk));
    let ended = browser.submit(&page, &path, &[("session", &name)]).await;
    assert_eq!(ended.status, 303);
    let again = browser.submit(&page, &path, &[("session", &name)]).await;
    assert!(
        browser
            .get(&again.location())
            .await
            .html
            .contains("had ended already")
    );
    let mut alive = 0;
    for other in &mut others {
        alive += usize::from(other.get(&profile(&helpdesk)).await.status == 200);
    }
    assert_eq!(alive, 2);
    let path = format!("{}/sessions/others/revocation", profile(&helpdesk));
    let ended = browser.submit(&page, &path, &[]).await;
    let page = browser.get(&ended.location()).await;
    assert!(page.html.contains("2 other sessions are signed out"));
    assert_eq!(page.html.matches("class=\"session\"").count(), 1);
    for other in &mut others {
        assert_eq!(other.get(&profile(&helpdesk)).await.status, 303);
    }
}

async fn nobody_ends_the_sessions_of_others(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let (mut second, _) = another(&app, PASSWORD).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let mut op = Browser::new(&app);
    op.sign_in("op@acme.example", PASSWORD).await;
    let page = op.get(&profile(&helpdesk)).await;
    assert_eq!(
        page.html.matches("class=\"session\"").count(),
        1,
        "their own only"
    );
    let name = boss.get(&profile(&helpdesk)).await.hidden("session");
    let path = format!("{}/sessions/revocation", profile(&helpdesk));
    op.submit(&page, &path, &[("session", &name)]).await;
    let path = format!("{}/sessions/others/revocation", profile(&helpdesk));
    op.submit(&page, &path, &[]).await;
    assert_eq!(boss.get(&profile(&helpdesk)).await.status, 200);
    assert_eq!(second.get(&profile(&helpdesk)).await.status, 200);
}

async fn a_name_is_changed_for_what_is_written_from_now_on(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let conversation = contact.open("Hello").await;
    let address = format!("/h/{}/conversations/{conversation}/replies", helpdesk.id);
    let page = browser.get(&profile(&helpdesk)).await;
    assert!(page.html.contains("noor@acme.example"));
    browser.submit(&page, &address, &[("body", "One")]).await;
    let path = format!("{}/name", profile(&helpdesk));
    let bad = browser
        .submit(&page, &path, &[("name", "x".repeat(121).as_str())])
        .await;
    assert!(bad.status == 422 && bad.html.contains("id=\"name-error\""));
    let saved = browser
        .submit(&page, &path, &[("name", " Noor\u{202e} <b>Amal</b>\r\n ")])
        .await;
    assert_eq!(saved.status, 303);
    let page = browser.get(&profile(&helpdesk)).await;
    assert!(page.html.contains("&#60;b&#62;Amal") && !page.html.contains("<b>Amal"));
    browser.submit(&page, &address, &[("body", "Two")]).await;
    let history = contact.history(&conversation).await;
    assert_eq!(history["messages"][1]["authorName"], "Noor Haddad");
    let renamed = history["messages"][2]["authorName"].as_str().expect("a name");
    assert!(
        renamed.starts_with("Noor") && renamed.ends_with("<b>Amal</b>"),
        "{renamed}"
    );
}

async fn single_keys_are_switched_off_everywhere(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let (mut other, _) = another(&app, PASSWORD).await;
    let on = "data-keyboard-single-value=\"true\"";
    let off = "data-keyboard-single-value=\"false\"";
    let page = browser.get(&profile(&helpdesk)).await;
    assert!(page.html.contains(on));
    let path = format!("{}/shortcuts", profile(&helpdesk));
    assert_eq!(browser.submit(&page, &path, &[]).await.status, 303);
    let inbox = format!("/h/{}/conversations", helpdesk.id);
    assert!(browser.get(&inbox).await.html.contains(off));
    assert!(other.get(&inbox).await.html.contains(off));
    let keys = other.get(&format!("/h/{}/shortcuts", helpdesk.id)).await;
    assert!(keys.html.contains("Single keys are off"));
    browser.submit(&page, &path, &[("single_keys", "on")]).await;
    assert!(other.get(&inbox).await.html.contains(on));
}
