//! Invitations: links that let one person join one helpdesk, once.

use super::browser::{Browser, PASSWORD, Page, operator, owner};
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::operators::Role;

both_engines!(
    a_new_person_joins_by_the_link_and_is_signed_in,
    a_link_works_once_and_for_seven_days,
    a_revoked_or_renewed_invitation_kills_its_old_link,
    bad_links_all_look_like_one_that_never_was,
    a_person_with_an_account_joins_by_their_password_alone,
    two_who_use_one_link_at_once_make_one_member,
    links_name_the_configured_address_whatever_the_host,
    a_link_is_for_one_helpdesk,
    tokens_are_random_and_stored_as_hashes,
    guesses_at_the_password_of_a_known_person_are_slowed_down,
    only_good_addresses_that_are_no_members_are_invited,
);

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn settings(helpdesk: &TestHelpdesk) -> String {
    format!("/h/{}/settings/operators", helpdesk.id)
}

/// The link on the page that was answered.
fn link_on(page: &Page) -> String {
    let link = page.html.split("data-copy-target=\"source\">").nth(1);
    let link = link.and_then(|rest| rest.split('<').next());
    link.unwrap_or_else(|| panic!("no link, {}: {}", page.status, page.html))
        .to_owned()
}

/// What follows the host.
fn path_of(link: &str) -> String {
    let (_, rest) = link.split_once("://").expect("a whole address");
    format!("/{}", rest.split_once('/').expect("a path").1)
}

async fn try_invite(browser: &mut Browser<'_>, helpdesk: &TestHelpdesk, email: &str, role: &str) -> Page {
    let address = settings(helpdesk);
    let page = browser.get(&address).await;
    browser
        .submit(
            &page,
            &format!("{address}/invitations"),
            &[("email", email), ("role", role)],
        )
        .await
}

/// Invites somebody and gives the path of their link.
pub(crate) async fn invite(
    browser: &mut Browser<'_>,
    helpdesk: &TestHelpdesk,
    email: &str,
    role: &str,
) -> String {
    path_of(&link_on(&try_invite(browser, helpdesk, email, role).await))
}

async fn join(browser: &mut Browser<'_>, link: &str, fields: &[(&str, &str)]) -> Page {
    let page = browser.get(link).await;
    assert_eq!(page.status, 200, "{}", page.html);
    browser.submit(&page, link, fields).await
}

const LI: &[(&str, &str)] = &[("name", "Li Wei"), ("password", PASSWORD)];

async fn a_new_person_joins_by_the_link_and_is_signed_in(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let link = invite(&mut boss, &helpdesk, "Li@Acme.example", "admin").await;
    let list = boss.get(&settings(&helpdesk)).await;
    assert!(
        list.html.contains("li@acme.example") && !list.html.contains(&link),
        "shown once"
    );

    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    for shown in ["Join Acme", "li@acme.example", "Noor Haddad", "as admin"] {
        assert!(form.html.contains(shown), "{shown}");
    }
    let bad = li
        .submit(&form, &link, &[("name", " "), ("password", "short77")])
        .await;
    assert_eq!(bad.status, 422);
    assert!(bad.html.contains("id=\"name-error\"") && bad.html.contains("id=\"password-error\""));
    assert!(!bad.html.contains("short77"));
    // The address is the invited one, whatever the form says.
    let fields = [LI, &[("email", "boss@evil.example"), ("role", "owner")]].concat();
    let joined = li.submit(&bad, &link, &fields).await;
    assert_eq!(joined.status, 303, "{}", joined.html);
    assert_eq!(joined.location(), format!("/h/{}/conversations", helpdesk.id));
    let inbox = li.get(&joined.location()).await;
    assert!(inbox.html.contains("Li Wei") && inbox.html.contains("Admin"));

    let mut again = Browser::new(&app);
    assert_eq!(again.sign_in("li@acme.example", PASSWORD).await.status, 303);
    let list = boss.get(&settings(&helpdesk)).await;
    assert!(list.html.contains("Li Wei") && list.html.contains("None. Whoever you invite"));
}

async fn a_link_works_once_and_for_seven_days(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    assert_eq!(li.submit(&form, &link, LI).await.status, 303);
    let mut other = Browser::new(&app);
    assert_eq!(other.get(&link).await.status, 404);
    let sign_in = other.get("/sign-in").await;
    assert_eq!(other.submit(&sign_in, &link, LI).await.status, 404);

    let late = invite(&mut boss, &helpdesk, "late@acme.example", "operator").await;
    app.advance(7 * DAY_MS - 1);
    let form = other.get(&late).await;
    assert_eq!(form.status, 200);
    app.advance(1);
    assert_eq!(other.get(&late).await.status, 404);
    assert_eq!(other.submit(&form, &late, LI).await.status, 404);
    assert!(boss.get(&settings(&helpdesk)).await.html.contains("Expired"));
    assert_eq!(other.sign_in("late@acme.example", PASSWORD).await.status, 422);
}

async fn a_revoked_or_renewed_invitation_kills_its_old_link(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let address = settings(&helpdesk);
    let first = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let list = boss.get(&address).await;
    let id = list
        .html
        .split("/invitations/")
        .nth(2)
        .and_then(|rest| rest.split('/').next());
    let id = id.expect("an invitation").to_owned();
    let renewed = boss
        .submit(&list, &format!("{address}/invitations/{id}/renewal"), &[])
        .await;
    let second = path_of(&link_on(&renewed));
    let mut li = Browser::new(&app);
    assert_eq!(
        (li.get(&first).await.status, li.get(&second).await.status),
        (404, 200)
    );
    // Invited again: the same address has one open invitation.
    let third = invite(&mut boss, &helpdesk, "li@acme.example", "admin").await;
    assert_eq!(
        (li.get(&second).await.status, li.get(&third).await.status),
        (404, 200)
    );
    let list = boss.get(&address).await;
    let id = list
        .html
        .split("/invitations/")
        .nth(2)
        .and_then(|rest| rest.split('/').next());
    let path = format!("{address}/invitations/{}/revocation", id.expect("an invitation"));
    let form = li.get(&third).await;
    for _ in 0..2 {
        assert_eq!(boss.submit(&list, &path, &[]).await.status, 303);
    }
    assert_eq!(li.get(&third).await.status, 404);
    assert_eq!(li.submit(&form, &third, LI).await.status, 404);
}

async fn bad_links_all_look_like_one_that_never_was(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    assert_eq!(li.submit(&form, &link, LI).await.status, 303);
    let (base, token) = link.rsplit_once('/').expect("a token");
    let never = li.get(&format!("{base}/{}", "A".repeat(43))).await;
    assert_eq!(never.status, 404);
    for token in [
        token,
        &token[1..],
        "%20",
        "%00",
        "%0d%0a",
        "a",
        &"A".repeat(5_000),
    ] {
        for path in [format!("{base}/{token}"), format!("/join/not-an-id/{token}")] {
            let page = li.get(&path).await;
            assert_eq!((page.status, &page.html), (404, &never.html), "{path}");
        }
    }
    assert_eq!(li.get(&format!("{base}/")).await.status, 404, "an empty token");
}

async fn a_person_with_an_account_joins_by_their_password_alone(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    operator(&app, &other, "hank@globex.example", Role::Owner).await;
    let link = invite(&mut boss, &helpdesk, "hank@globex.example", "operator").await;
    let mut hank = Browser::new(&app);
    let form = hank.get(&link).await;
    assert!(form.html.contains("You have an account") && !form.html.contains("name=\"name\""));
    let fields = [("name", "Mallory"), ("password", "a password of my own")];
    let refused = hank.submit(&form, &link, &fields).await;
    assert_eq!(refused.status, 422, "the link alone proves nothing");
    assert!(!hank.cookies.contains_key("helpdesky"));
    let fields = [("name", "Mallory"), ("password", PASSWORD)];
    assert_eq!(hank.submit(&refused, &link, &fields).await.status, 303);
    let inbox = hank.get(&format!("/h/{}/conversations", helpdesk.id)).await;
    assert!(inbox.status == 200 && inbox.html.contains("Noor Haddad") && !inbox.html.contains("Mallory"));
    assert!(
        inbox.html.contains("Globex"),
        "the other helpdesk is in the switcher"
    );
    // Somebody else's session in the browser joins nobody.
    let link = invite(&mut boss, &helpdesk, "new@acme.example", "operator").await;
    let form = hank.get(&link).await;
    assert!(form.html.contains("hank@globex.example is signed in here"));
}

async fn two_who_use_one_link_at_once_make_one_member(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let (mut one, mut other) = (Browser::new(&app), Browser::new(&app));
    let csrf = [
        one.get(&link).await.hidden("csrf"),
        other.get(&link).await.hidden("csrf"),
    ];
    let fields = |csrf| [("csrf", csrf), ("name", "Li"), ("password", PASSWORD)];
    let (first, second) = (fields(csrf[0].as_str()), fields(csrf[1].as_str()));
    let statuses = futures_util::join!(one.post_beside(&link, &first), other.post_beside(&link, &second));
    let joined = [statuses.0, statuses.1]
        .iter()
        .filter(|status| **status == 303)
        .count();
    assert_eq!(joined, 1, "{statuses:?}");
    let list = boss.get(&settings(&helpdesk)).await.html;
    assert_eq!(list.matches(">li@acme.example<").count(), 1, "{list}");
}

async fn links_name_the_configured_address_whatever_the_host(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let address = settings(&helpdesk);
    let csrf = boss.get(&address).await.hidden("csrf");
    for (header, value) in [
        ("host", "another-name"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-proto", "https"),
    ] {
        let fields = [
            ("csrf", csrf.as_str()),
            ("email", "li@acme.example"),
            ("role", "operator"),
        ];
        let headers = [("sec-fetch-site", "same-origin"), (header, value)];
        let page = boss
            .post_with(&format!("{address}/invitations"), &fields, &headers)
            .await;
        let link = link_on(&page);
        assert!(
            link.starts_with(&format!("{}/join/", app.base)),
            "{header}: {link}"
        );
        assert!(!page.html.contains(value) || value == "https", "{header}");
    }
}

async fn a_link_is_for_one_helpdesk(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let elsewhere = link.replace(&helpdesk.id, &other.id);
    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    assert_eq!(li.get(&elsewhere).await.status, 404);
    assert_eq!(li.submit(&form, &elsewhere, LI).await.status, 404);
    assert_eq!(join(&mut li, &link, LI).await.status, 303);
    assert_eq!(
        li.get(&format!("/h/{}/conversations", other.id)).await.status,
        404
    );
}

async fn tokens_are_random_and_stored_as_hashes(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
        tokens.push(link.rsplit_once('/').expect("a token").1.to_owned());
    }
    let stored = app.stored().await;
    for token in &tokens {
        assert_eq!(token.len(), 43, "256 bits: {token}");
        let found = stored
            .windows(token.len())
            .any(|window| window == token.as_bytes());
        assert!(!found, "the token is stored");
    }
    tokens.dedup();
    assert_eq!(tokens.len(), 3);
}

async fn guesses_at_the_password_of_a_known_person_are_slowed_down(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    operator(&app, &other, "hank@globex.example", Role::Owner).await;
    let link = invite(&mut boss, &helpdesk, "hank@globex.example", "operator").await;
    let mut guesser = Browser::new(&app);
    let form = guesser.get(&link).await;
    // Too long for any password: refused before it is hashed.
    let long = "a".repeat(2_000);
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(guesser.submit(&form, &link, &[("password", &long)]).await.status);
    }
    assert_eq!(
        statuses.iter().filter(|status| **status == 429).count(),
        2,
        "{statuses:?}"
    );
    assert_eq!(
        guesser.sign_in("hank@globex.example", PASSWORD).await.status,
        429,
        "the sign-in page counts the same tries"
    );
}

async fn only_good_addresses_that_are_no_members_are_invited(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    for (email, why) in [
        ("nobody", "id=\"email-error\""),
        ("", "id=\"email-error\""),
        ("a@example.com, b@example.com", "id=\"email-error\""),
        ("a@example.com\r\nBcc: b@example.com", "id=\"email-error\""),
        ("noor@acme.example", "is an operator of this helpdesk already"),
    ] {
        let page = try_invite(&mut boss, &helpdesk, email, "operator").await;
        assert!(
            page.status == 422 && page.html.contains(why),
            "{email:?}: {}",
            page.html
        );
        assert!(!page.html.contains("/join/"), "{email:?}");
    }
    assert_eq!(
        try_invite(&mut boss, &helpdesk, "li@acme.example", "king")
            .await
            .status,
        422
    );
}
