//! The list of contacts, its search, and the page of one contact.

use super::browser::{Browser, Page, owner};
use crate::support::{TestApp, TestContact, TestHelpdesk, string};
use db::Tx;
use helpdesky::contacts;
use helpdesky::ids::{ContactId, HelpdeskId};

both_engines!(
    contacts_are_listed_newest_first_page_by_page,
    a_contact_is_found_by_the_beginnings_of_its_words,
    common_words_are_looked_for_part_by_part,
    two_helpdesks_with_the_same_people_see_their_own,
    a_contact_shows_all_conversations_and_how_they_were_proved,
    a_contact_is_renamed_and_found_by_the_new_name,
    names_and_addresses_are_text_however_strange,
    contacts_of_before_get_their_words,
    whatever_is_typed_gets_a_page,
);

async fn desk(app: &TestApp) -> (TestHelpdesk, Browser<'_>, String) {
    let (helpdesk, browser) = owner(app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let base = format!("/h/{}", helpdesk.id);
    (helpdesk, browser, base)
}

async fn known(contact: &TestContact<'_>) -> String {
    string(&contact.verify().await["contact"]["id"])
}

/// The addresses on a page, in order.
fn listed(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.html);
    let rows = page.html.split("class=\"sub\"><bdi>").skip(1);
    rows.filter_map(|row| row.split("</bdi>").next().map(str::to_owned))
        .collect()
}

fn link(page: &Page, text: &str) -> Option<String> {
    let before = page
        .html
        .split(&format!(">{text}"))
        .next()
        .filter(|_| page.html.contains(&format!(">{text}")))?;
    let href = before.rsplit("href=\"").next()?.split('"').next()?;
    Some(href.replace("&#38;", "&"))
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Contacts as other ways than the Ticket Center will make them: many at once, with their words.
async fn many(app: &TestApp, helpdesk: &TestHelpdesk, count: i64) {
    let id: HelpdeskId = helpdesk.id.parse().unwrap();
    let now = app.app.now_ms();
    let made: Vec<(ContactId, String)> = (0..count)
        .map(|n| (app.app.random().id(now + n), format!("crowd{n}@example.org")))
        .collect();
    let written: Result<(), db::Error> = app
        .app
        .db()
        .write(async move |tx: &mut Tx| {
            for (contact, email) in &made {
                tx.execute(
                    "INSERT INTO contacts (helpdesk_id, id, email, name, created_at) VALUES ($1, $2, $3, NULL, $4)",
                    &[&id, contact, email, &now],
                )
                .await?;
            }
            Ok(())
        })
        .await;
    written.unwrap();
    contacts::words::write_all(&app.app, id).await.unwrap();
    app.advance(count);
}

async fn contacts_are_listed_newest_first_page_by_page(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let empty = browser.get(&format!("{base}/contacts")).await;
    assert!(empty.html.contains("Nobody yet"), "{}", empty.html);
    let mut expected = Vec::new();
    for n in 0..60 {
        let email = format!("person{n}@example.com");
        known(&app.contact(&helpdesk, &email)).await;
        expected.insert(0, email);
    }
    let first = browser.get(&format!("{base}/contacts")).await;
    let second = browser
        .get(&link(&first, "Show older contacts").expect("more"))
        .await;
    assert_eq!([listed(&first), listed(&second)].concat(), expected);
    assert_eq!(link(&second, "Show older contacts"), None);
    assert!(link(&second, "Back to the newest").is_some());
}

async fn a_contact_is_found_by_the_beginnings_of_its_words(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    for (email, name) in [
        ("priya@lumastudio.example", "Priya Raman"),
        ("jonas.berg@example.com", "Jonas Berg"),
        ("amira@example.com", "أميرة حداد"),
        ("chloe+tag@atelier.example", "Chloé Martin"),
        ("wang@example.com", "王小龙"),
    ] {
        let id = known(&app.contact(&helpdesk, email)).await.parse().unwrap();
        contacts::rename(&app.app, helpdesk.id.parse().unwrap(), id, name)
            .await
            .unwrap();
    }
    for (typed, wanted) in [
        ("pri", &["priya@lumastudio.example"][..]),
        ("LUMA", &["priya@lumastudio.example"]),
        ("berg jonas", &["jonas.berg@example.com"]),
        ("berg priya", &[]),
        ("rg", &[]),
        ("أمي", &["amira@example.com"]),
        ("chloe", &["chloe+tag@atelier.example"]),
        ("CHLOÉ tag", &["chloe+tag@atelier.example"]),
        ("小龙", &["wang@example.com"]),
        ("jonas.berg@example.com", &["jonas.berg@example.com"]),
        ("j", &["jonas.berg@example.com"]),
        ("pri pri pri lu lu ra", &["priya@lumastudio.example"]),
    ] {
        let page = browser
            .get(&format!("{base}/contacts?q={}", encoded(typed)))
            .await;
        assert_eq!(listed(&page), wanted, "{typed:?}");
        if wanted.is_empty() {
            assert!(page.html.contains("Nobody found"));
        }
    }
}

async fn common_words_are_looked_for_part_by_part(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    known(&app.contact(&helpdesk, "needle@example.org")).await;
    many(&app, &helpdesk, 3_600).await;
    // Everybody has both words: the newest come first, a page at a time.
    let page = browser.get(&format!("{base}/contacts?q=example+org")).await;
    let first = listed(&page);
    assert_eq!((first.len(), first[0].as_str()), (50, "crowd3599@example.org"));
    let next = browser.get(&link(&page, "Show older contacts").unwrap()).await;
    assert_eq!(listed(&next)[0], "crowd3549@example.org");
    // One rare word beside a common one.
    let page = browser.get(&format!("{base}/contacts?q=example+needle")).await;
    assert_eq!(listed(&page), ["needle@example.org"]);
    // Two common ones that never stand together are looked for a while, and the page says so.
    for contact in ["common.left@example.org", "common.right@example.org"] {
        known(&app.contact(&helpdesk, contact)).await;
    }
    let page = browser.get(&format!("{base}/contacts?q=crowd+org+com")).await;
    assert!(listed(&page).is_empty());
}

async fn two_helpdesks_with_the_same_people_see_their_own(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let other = app.helpdesk("Globex").await;
    let own = known(&app.contact(&helpdesk, "ann@example.com")).await;
    let foreign = known(&app.contact(&other, "ann@example.com")).await;
    known(&app.contact(&other, "only.there@example.com")).await;
    assert_ne!(own, foreign);
    for address in ["contacts", "contacts?q=ann", "contacts?q=example"] {
        let page = browser.get(&format!("{base}/{address}")).await;
        assert_eq!(listed(&page), ["ann@example.com"], "{address}");
        assert!(page.html.contains(&own) && !page.html.contains(&foreign));
    }
    assert_eq!(browser.get(&format!("{base}/contacts/{own}")).await.status, 200);
    let theirs = browser.get(&format!("{base}/contacts/{foreign}")).await;
    let nobodys = browser
        .get(&format!("{base}/contacts/01900000-0000-7000-8000-000000000000"))
        .await;
    assert_eq!((theirs.status, nobodys.status), (404, 404));
    let words = |page: &Page| page.html.split("<main").nth(1).map(str::to_owned);
    assert_eq!(words(&theirs), words(&nobodys), "the same for both");
    let page = browser.get(&format!("{base}/contacts/{own}")).await;
    for id in [foreign.as_str(), "x", "01900000-0000-7000-8000-000000000000"] {
        let renamed = browser
            .submit(&page, &format!("{base}/contacts/{id}/name"), &[("name", "Taken")])
            .await;
        assert_eq!(renamed.status, 404, "{id}");
    }
    let untouched = app.contact(&other, "ann@example.com").verify().await;
    assert!(untouched["contact"]["name"].is_null());
}

async fn a_contact_shows_all_conversations_and_how_they_were_proved(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let contact = app.contact(&helpdesk, "ann@exämple.com");
    let id = known(&contact).await;
    let nothing = browser.get(&format!("{base}/contacts/{id}")).await;
    assert!(nothing.html.contains("not written yet") && nothing.html.contains("xn--exmple-cua.com"));
    assert!(nothing.html.contains("Proved by signature"));
    let mut conversations = Vec::new();
    for n in 0..55 {
        conversations.insert(0, contact.open(&format!("Question {n}")).await);
    }
    contact.close(&conversations[3]).await;
    app.contact(&helpdesk, "bob@example.com")
        .open("Of somebody else")
        .await;
    let mut shown = Vec::new();
    let mut address = Some(format!("{base}/contacts/{id}"));
    while let Some(wanted) = address {
        let page = browser.get(&wanted).await;
        let ids = page.html.split("/conversations/").skip(1);
        shown.extend(ids.filter_map(|rest| rest.split('?').next().map(str::to_owned)));
        assert!(!page.html.contains("Of somebody else"));
        address = link(&page, "Show older conversations");
    }
    assert_eq!(shown, conversations);
    let page = browser
        .get(&format!("{base}/conversations/{}", conversations[0]))
        .await;
    assert!(
        page.html.contains(&format!("href=\"{base}/contacts/{id}\"")),
        "the conversation leads there"
    );
}

async fn a_contact_is_renamed_and_found_by_the_new_name(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let contact = app.contact(&helpdesk, "ann@example.com");
    let id = known(&contact).await;
    let address = format!("{base}/contacts/{id}");
    let page = browser.get(&address).await;
    let path = format!("{address}/name");
    let saved = browser
        .submit(&page, &path, &[("name", "  Zoë \r\n van\u{202e} Dyk ")])
        .await;
    assert_eq!((saved.status, saved.location()), (303, address.clone()));
    let page = browser.get(&address).await;
    assert!(page.html.contains("Name saved") && page.html.contains("<bdi>Zoë van Dyk</bdi>"));
    assert_eq!(contact.verify().await["contact"]["name"], "Zoë van Dyk");
    for (typed, found) in [("zoe dyk", 1), ("ann", 1), ("van", 1), ("other", 0)] {
        let list = browser
            .get(&format!("{base}/contacts?q={}", encoded(typed)))
            .await;
        assert_eq!(listed(&list).len(), found, "{typed}");
    }
    let long = "n".repeat(121);
    let refused = browser.submit(&page, &path, &[("name", &long)]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.html.contains(&long) && refused.html.contains("at most 120"));
    browser.submit(&page, &path, &[("name", "Other")]).await;
    let old = browser.get(&format!("{base}/contacts?q=zoe")).await;
    assert!(listed(&old).is_empty(), "the old name finds nobody");
    browser.submit(&page, &path, &[("name", " ")]).await;
    assert!(contact.verify().await["contact"]["name"].is_null());
    assert!(browser.get(&address).await.html.contains("<bdi>ann</bdi>"));
}

async fn names_and_addresses_are_text_however_strange(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    let contact = app.contact(&helpdesk, "<img/src=x>@example.com");
    let id = known(&contact).await;
    let key = helpdesk.id.parse().unwrap();
    for name in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "😀😀😀",
        "ﷺ 王小龙 مرحبا",
        &"W".repeat(120),
    ] {
        contacts::rename(&app.app, key, id.parse().unwrap(), name)
            .await
            .unwrap();
        for address in [
            "/contacts".to_owned(),
            format!("/contacts/{id}"),
            "/search?q=script+img".to_owned(),
        ] {
            let page = browser.get(&format!("{base}{address}")).await;
            assert_eq!(page.status, 200);
            let html = page.html.to_lowercase();
            assert!(
                !html.contains("<script>alert")
                    && !html.contains("<img src=x")
                    && !html.contains("<img/src=x")
            );
        }
    }
}

async fn contacts_of_before_get_their_words(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    many(&app, &helpdesk, 450).await;
    let key: HelpdeskId = helpdesk.id.parse().unwrap();
    let emptied: Result<u64, db::Error> = app
        .app
        .db()
        .write(async |tx: &mut Tx| tx.execute("DELETE FROM contact_words", &[]).await)
        .await;
    assert!(emptied.unwrap() > 450);
    let address = format!("{base}/contacts?q=crowd44");
    assert!(listed(&browser.get(&address).await).is_empty());
    contacts::words::write_all(&app.app, key).await.unwrap();
    contacts::words::write_all(&app.app, key).await.unwrap();
    let found = listed(&browser.get(&address).await);
    assert_eq!(found.len(), 11, "crowd44 and crowd440 to 449: {found:?}");
}

async fn whatever_is_typed_gets_a_page(app: TestApp) {
    let (helpdesk, mut browser, base) = desk(&app).await;
    known(&app.contact(&helpdesk, "ann@example.com")).await;
    let long = "a ".repeat(5_000);
    for typed in [
        "'",
        "\"",
        "%",
        "\\",
        "\0",
        "a\0b",
        "--",
        "😀",
        "\u{202e}",
        "\u{10ffff}",
        "a' OR 1=1",
        &long,
    ] {
        let page = browser
            .get(&format!("{base}/contacts?q={}", encoded(typed)))
            .await;
        assert_eq!(page.status, 200, "{typed:?}");
    }
    for query in [
        "before=x",
        "before=",
        "q=%ff%fe",
        "before=01900000-0000-7000-8000-000000000000",
    ] {
        assert_eq!(
            browser.get(&format!("{base}/contacts?{query}")).await.status,
            200,
            "{query}"
        );
    }
}
