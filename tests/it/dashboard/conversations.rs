//! Reading and answering, without scripts.

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::operators::Role;
use std::time::Duration;

both_engines!(
    a_conversation_is_answered_noted_assigned_closed_and_reopened,
    what_cannot_be_sent_comes_back_with_its_text,
    one_form_sent_twice_is_one_message,
    a_form_whose_answer_was_not_awaited_is_one_message,
    other_words_in_a_sent_box_come_back,
    the_lists_hold_what_their_names_say,
    a_long_list_is_read_page_by_page,
    strange_addresses_get_pages,
    opening_a_conversation_marks_nothing,
    what_people_write_is_text,
    a_namesake_is_somebody_else,
);

/// The inbox of a helpdesk with a secret, and its owner.
async fn inbox(app: &TestApp) -> (TestHelpdesk, Browser<'_>, String) {
    let (helpdesk, browser) = owner(app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let base = format!("/h/{}/conversations", helpdesk.id);
    (helpdesk, browser, base)
}

async fn a_conversation_is_answered_noted_assigned_closed_and_reopened(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let contact = app.contact(&helpdesk, "priya@example.com");
    let id = contact.open("The VAT line is missing").await;
    let address = format!("{base}/{id}");
    let page = browser.get(&address).await;
    assert!(page.html.contains("The VAT line is missing") && page.html.contains("priya@example.com"));

    let sent = browser
        .submit(
            &page,
            &format!("{address}/replies"),
            &[("body", "A fix\r\nis coming"), ("view", "mine")],
        )
        .await;
    assert_eq!(
        (sent.status, sent.location()),
        (303, format!("{address}?view=mine"))
    );
    let noted = browser
        .submit(
            &page,
            &format!("{address}/notes"),
            &[("body", "Only for us 4711")],
        )
        .await;
    assert_eq!(noted.status, 303);
    let page = browser.get(&address).await;
    assert!(page.html.contains("A fix\nis coming") && page.html.contains("Only for us 4711"));
    let seen = contact.bodies(&id).await.concat();
    assert!(
        seen.contains("A fix\nis coming") && !seen.contains("4711"),
        "{seen}"
    );

    let me = page.hidden("assignee");
    let assigned = browser
        .submit(&page, &format!("{address}/assignment"), &[("assignee", &me)])
        .await;
    assert_eq!(assigned.status, 303);
    let page = browser.get(&assigned.location()).await;
    assert!(page.html.contains("Assigned to you") && page.html.contains("took this"));
    assert!(
        !browser
            .get(&assigned.location())
            .await
            .html
            .contains("Assigned to you"),
        "said once"
    );

    let closed = browser.submit(&page, &format!("{address}/closure"), &[]).await;
    let page = browser.get(&closed.location()).await;
    assert!(
        page.html.contains("Conversation closed")
            && page.html.contains("/reopening")
            && page.html.contains("Undo")
    );
    assert_eq!(contact.listed(&id).await["status"], "closed");
    browser.submit(&page, &format!("{address}/reopening"), &[]).await;
    assert_eq!(contact.listed(&id).await["status"], "open");
    let both = browser
        .submit(
            &page,
            &format!("{address}/replies"),
            &[("body", "Done"), ("then", "close")],
        )
        .await;
    assert_eq!(both.status, 303);
    assert_eq!(contact.listed(&id).await["status"], "closed");
}

async fn what_cannot_be_sent_comes_back_with_its_text(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    let page = browser.get(&format!("{base}/{id}")).await;
    let long = "ü".repeat(10_001);
    for (kind, body, reason) in [
        ("replies", long.as_str(), "10,000"),
        ("notes", "  ", "empty"),
        ("replies", "a\0b", "NUL"),
    ] {
        let refused = browser
            .submit(&page, &format!("{base}/{id}/{kind}"), &[("body", body)])
            .await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.html.contains(reason) && refused.html.contains("role=\"alert\""),
            "{reason}"
        );
    }
    let refused = browser
        .submit(&page, &format!("{base}/{id}/replies"), &[("body", &long)])
        .await;
    assert!(refused.html.contains(&long), "the text is still there");
    assert_eq!(app.counts().await.messages, 1);
}

async fn one_form_sent_twice_is_one_message(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    let page = browser.get(&format!("{base}/{id}")).await;
    let key = page.hidden("key");
    for _ in 0..3 {
        let sent = browser
            .submit(
                &page,
                &format!("{base}/{id}/replies"),
                &[("body", "Once"), ("key", &key)],
            )
            .await;
        assert_eq!(sent.status, 303);
    }
    assert_eq!(app.counts().await.messages, 2);
    let key = browser.get(&format!("{base}/{id}")).await.hidden("key");
    browser
        .submit(
            &page,
            &format!("{base}/{id}/replies"),
            &[("body", "Once"), ("key", &key)],
        )
        .await;
    assert_eq!(
        app.counts().await.messages,
        3,
        "the same text again is another message"
    );
}

async fn a_form_whose_answer_was_not_awaited_is_one_message(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    for (n, kind) in ["replies", "notes"].into_iter().cycle().take(20).enumerate() {
        let page = browser.get(&format!("{base}/{id}")).await;
        let (csrf, key, text) = (page.hidden("csrf"), page.hidden("key"), format!("Only once, {n}"));
        let path = format!("{base}/{id}/{kind}");
        let fields = [("csrf", csrf.as_str()), ("body", &text), ("key", &key)];
        // The browser hangs up sooner or later, before the answer: before, while, or after it is stored.
        browser
            .hang_up(
                &path,
                &fields,
                Duration::from_micros(400 * u64::try_from(n).unwrap()),
            )
            .await;
        assert_eq!(browser.post(&path, &fields).await.status, 303);
        let html = browser.get(&format!("{base}/{id}")).await.html;
        let shown = html.matches(&format!(">{text}<")).count();
        assert_eq!(shown, 1, "{kind} {n}");
    }
}

async fn other_words_in_a_sent_box_come_back(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    for kind in ["replies", "notes"] {
        let page = browser.get(&format!("{base}/{id}")).await;
        let key = page.hidden("key");
        let path = format!("{base}/{id}/{kind}");
        let sent = browser
            .submit(&page, &path, &[("body", "First words"), ("key", &key)])
            .await;
        assert_eq!(sent.status, 303);
        let refused = browser
            .submit(&page, &path, &[("body", "Other words"), ("key", &key)])
            .await;
        assert_eq!(refused.status, 422);
        assert!(refused.html.contains("Other words") && refused.html.contains("role=\"alert\""));
        let fresh = refused.hidden("key");
        assert_ne!(fresh, key);
        let again = browser
            .submit(&page, &path, &[("body", "Other words"), ("key", &fresh)])
            .await;
        assert_eq!(again.status, 303);
    }
    assert_eq!(app.counts().await.messages, 3);
}

async fn the_lists_hold_what_their_names_say(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let (mine, nobodys, closed) = (
        contact.open("Mine one").await,
        contact.open("Nobody's one").await,
        contact.open("Closed one").await,
    );
    let page = browser.get(&format!("{base}/{mine}")).await;
    let me = page.hidden("assignee");
    browser
        .submit(&page, &format!("{base}/{mine}/assignment"), &[("assignee", &me)])
        .await;
    browser
        .submit(&page, &format!("{base}/{closed}/closure"), &[])
        .await;
    for (view, expected) in [
        ("mine", [true, false, false]),
        ("unassigned", [false, true, false]),
        ("open", [true, true, false]),
        ("closed", [false, false, true]),
    ] {
        let page = browser.get(&format!("{base}?view={view}")).await;
        let held = [&mine, &nobodys, &closed].map(|id| page.html.contains(&format!("id=\"row-{id}\"")));
        assert_eq!(held, expected, "{view}");
    }
}

async fn a_long_list_is_read_page_by_page(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let contact = app.contact(&helpdesk, "a@example.com");
    let mut ids = Vec::new();
    for n in 0..60 {
        ids.push(contact.open(&format!("Question {n}")).await);
    }
    let mut held = Vec::new();
    let mut address = base.clone();
    for _ in 0..2 {
        let page = browser.get(&address).await;
        held.extend(
            page.html
                .split("id=\"row-")
                .skip(1)
                .filter_map(|rest| rest.split('"').next().map(str::to_owned)),
        );
        let older = page
            .html
            .split("href=\"")
            .find(|rest| rest.contains("before=") && rest.contains("Show older"));
        address = older
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
            .replace("&#38;", "&");
    }
    ids.reverse();
    assert_eq!(held, ids, "each once, newest first");
    assert_eq!(address, "", "and then no more");
}

async fn strange_addresses_get_pages(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    for before in ["0", "-1", "-9223372036854775808", "9223372036854775807", "x", ""] {
        let page = browser.get(&format!("{base}/{id}?before={before}")).await;
        assert_eq!(page.status, 200, "{before:?}");
        assert!(page.html.contains("Hello"), "{before:?}");
    }
    for address in [
        format!("{base}?view=mine&view=open"),
        format!("{base}/{id}?view=mine&view=open"),
        format!("/h/{}/live?after=x", helpdesk.id),
        "/sign-in?next=a&next=b".to_owned(),
    ] {
        let page = browser.get(&address).await;
        assert_eq!(page.status, 400, "{address}");
        assert!(
            page.html.contains("</html>") && page.html.contains("cannot be understood"),
            "{address}"
        );
    }
}

async fn opening_a_conversation_marks_nothing(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let id = app.contact(&helpdesk, "a@example.com").open("Hello").await;
    let unread = |html: &str| html.contains("class=\"conv unread\"");
    let page = browser.get(&format!("{base}/{id}")).await;
    assert!(
        unread(&browser.get(&base).await.html),
        "a page that was fetched is not a page that was seen"
    );
    let position = page.hidden("position");
    assert_eq!(
        browser
            .submit(&page, &format!("{base}/{id}/seen"), &[("position", &position)])
            .await
            .status,
        204
    );
    assert!(!unread(&browser.get(&base).await.html));
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let mut other = Browser::new(&app);
    other.sign_in("tomas@acme.example", PASSWORD).await;
    assert!(unread(&other.get(&base).await.html), "for others it is new");
}

async fn what_people_write_is_text(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    let naughty = "<script>alert(1)</script> \"><img src=x onerror=alert(2)> {{7*7}} </textarea>";
    let id = app.contact(&helpdesk, "a@example.com").open(naughty).await;
    let page = browser.get(&format!("{base}/{id}")).await;
    browser
        .submit(&page, &format!("{base}/{id}/notes"), &[("body", naughty)])
        .await;
    let html = browser.get(&format!("{base}/{id}")).await.html;
    assert!(!html.contains("<script>alert") && !html.contains("<img src=x"));
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
}

async fn a_namesake_is_somebody_else(app: TestApp) {
    let (helpdesk, mut browser, base) = inbox(&app).await;
    operator(&app, &helpdesk, "namesake@acme.example", Role::Operator).await;
    let id = app.contact(&helpdesk, "priya@example.com").open("Hello").await;
    let address = format!("{base}/{id}");
    let mut namesake = Browser::new(&app);
    namesake.sign_in("namesake@acme.example", PASSWORD).await;
    let page = namesake.get(&address).await;
    let replies = format!("{address}/replies");
    namesake
        .submit(&page, &replies, &[("body", "From one Noor")])
        .await;
    let all = format!("{base}?view=open");
    assert!(namesake.get(&all).await.html.contains("You: From one Noor"));
    assert!(browser.get(&all).await.html.contains("Noor: From one Noor"));
}
