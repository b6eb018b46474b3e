//! Whose Helpdesk ID stands in a guide: that of a helpdesk which the reader administers, or none.

use helpdesky::operators::Role;

use crate::dashboard::browser::{Browser, PASSWORD, Page, operator};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    an_admin_finds_the_id_of_their_helpdesk,
    nobody_else_finds_an_id,
    an_admin_of_several_chooses_and_the_links_remember,
    another_helpdesk_is_as_unknown_as_one_that_never_was,
    an_id_is_gone_with_the_session_and_with_the_role,
    names_of_helpdesks_are_escaped,
);

const SETUP: &str = "/docs/ticket-center-setup";

/// Somebody with these roles, signed in.
async fn reader<'app>(app: &'app TestApp, email: &str, roles: &[(&TestHelpdesk, Role)]) -> Browser<'app> {
    for (helpdesk, role) in roles {
        operator(app, helpdesk, email, *role).await;
    }
    let mut browser = Browser::new(app);
    browser.sign_in(email, PASSWORD).await;
    browser
}

fn is_filled_in_for(page: &Page, id: &str) -> bool {
    page.html.contains(&format!("data-helpdesk-id=&quot;{id}&quot;"))
}

fn is_private(page: &Page) -> bool {
    page.answer.header("cache-control") == Some("private, no-store") && page.answer.header("etag").is_none()
}

/// The first member of a helpdesk becomes its owner; these tests are about the others.
async fn with_owner(app: &TestApp, name: &str) -> TestHelpdesk {
    let helpdesk = app.helpdesk(name).await;
    operator(
        app,
        &helpdesk,
        &format!("first@{}.example", name.to_lowercase()),
        Role::Owner,
    )
    .await;
    helpdesk
}

async fn an_admin_finds_the_id_of_their_helpdesk(app: TestApp) {
    let acme = with_owner(&app, "Acme").await;
    for (email, role) in [
        ("admin@acme.example", Role::Admin),
        ("owner@acme.example", Role::Owner),
    ] {
        let mut admin = reader(&app, email, &[(&acme, role)]).await;
        let page = admin.get(SETUP).await;
        assert!(
            is_filled_in_for(&page, &acme.id) && is_private(&page),
            "{}",
            page.html
        );
        assert!(
            page.html
                .contains("The code carries the Helpdesk ID of <b>Acme</b>")
        );
        assert!(page.html.contains("href=\"/\">Dashboard</a>"));
        let markdown = admin.get(&format!("{SETUP}.md")).await;
        assert!(markdown.html.contains(&acme.id) && is_private(&markdown));
        let unchanged = admin.open_with(SETUP, &[("if-none-match", "*")]).await;
        assert_eq!(
            unchanged.status(),
            200,
            "a page with an id is never taken from a cache"
        );
    }
}

async fn nobody_else_finds_an_id(app: TestApp) {
    let acme = with_owner(&app, "Acme").await;
    let mut nobody = Browser::new(&app);
    let page = nobody.get(&format!("{SETUP}?helpdesk={}", acme.id)).await;
    assert!(is_filled_in_for(&page, "YOUR_HELPDESK_ID") && !page.html.contains(&acme.id));
    assert!(
        page.html
            .contains("href=\"/sign-in?next=%2Fdocs%2Fticket-center-setup\"")
    );
    let mut plain = reader(&app, "plain@acme.example", &[(&acme, Role::Operator)]).await;
    for path in [
        SETUP.to_owned(),
        format!("{SETUP}?helpdesk={}", acme.id),
        format!("{SETUP}.md"),
    ] {
        let page = plain.get(&path).await;
        assert!(
            page.html.contains("YOUR_HELPDESK_ID") && !page.html.contains(&acme.id),
            "{path}"
        );
        assert!(is_private(&page), "{path}");
    }
    assert!(
        plain
            .get(SETUP)
            .await
            .html
            .contains("Owners and admins see that of their helpdesk")
    );
}

async fn an_admin_of_several_chooses_and_the_links_remember(app: TestApp) {
    let (acme, globex) = (with_owner(&app, "Acme").await, with_owner(&app, "Globex").await);
    let plain = with_owner(&app, "Plain").await;
    let roles = [
        (&acme, Role::Admin),
        (&globex, Role::Admin),
        (&plain, Role::Operator),
    ];
    let mut admin = reader(&app, "both@acme.example", &roles).await;
    let page = admin.get(SETUP).await;
    let options = page.html.matches("<option ").count();
    assert_eq!(options, 2, "only what they administer: {}", page.html);
    assert!(!page.html.contains(&plain.id));
    let mut filled = Vec::new();
    for desk in [&acme, &globex] {
        let page = admin.get(&format!("{SETUP}?helpdesk={}", desk.id)).await;
        assert!(is_filled_in_for(&page, &desk.id), "{}", page.html);
        assert!(
            page.html
                .contains(&format!("<option value=\"{}\" selected>", desk.id))
        );
        let carried = format!("?helpdesk={}", desk.id);
        filled.push(page.html.contains(&format!("href=\"/docs/wordpress{carried}\"")));
        assert_eq!(
            page.html
                .contains(&format!("href=\"/docs/wordpress{carried}\">WordPress</a>")),
            page.html
                .contains(&format!("name=\"helpdesk\" value=\"{}\"", desk.id)),
            "links and the search form agree"
        );
        let markdown = admin.get(&format!("{SETUP}.md{carried}")).await;
        assert!(markdown.html.contains(&desk.id));
    }
    filled.sort_unstable();
    assert_eq!(filled, [false, true], "the first one needs no name");
}

async fn another_helpdesk_is_as_unknown_as_one_that_never_was(app: TestApp) {
    let (acme, globex) = (with_owner(&app, "Acme").await, with_owner(&app, "Globex").await);
    let mut admin = reader(&app, "admin@acme.example", &[(&acme, Role::Admin)]).await;
    let own = admin.get(SETUP).await;
    for other in [
        globex.id.as_str(),
        "01999999-9999-7999-9999-999999999999",
        "x",
        "",
    ] {
        let page = admin.get(&format!("{SETUP}?helpdesk={other}")).await;
        assert_eq!(page.html, own.html, "{other}");
    }
}

async fn an_id_is_gone_with_the_session_and_with_the_role(app: TestApp) {
    let acme = with_owner(&app, "Acme").await;
    let mut admin = reader(&app, "admin@acme.example", &[(&acme, Role::Admin)]).await;
    assert!(is_filled_in_for(&admin.get(SETUP).await, &acme.id));
    let kept = admin.cookies.clone();
    let inbox = admin.get(&format!("/h/{}/conversations", acme.id)).await;
    admin.submit(&inbox, "/sign-out", &[]).await;
    admin.cookies = kept;
    let page = admin.get(SETUP).await;
    assert!(is_filled_in_for(&page, "YOUR_HELPDESK_ID") && !page.html.contains(&acme.id));
    assert!(
        is_private(&page),
        "no cache keeps what was asked for with a sign-in"
    );
    assert!(page.html.contains(">Sign in</a>"));
}

async fn names_of_helpdesks_are_escaped(app: TestApp) {
    let hostile = "<script>alert(1)</script> & \"Sons\"";
    let acme = app.helpdesk(hostile).await;
    let other = with_owner(&app, "Other").await;
    let mut admin = reader(&app, "owner@acme.example", &[(&acme, Role::Owner)]).await;
    let one = admin.get(SETUP).await;
    let mut both = reader(
        &app,
        "both@acme.example",
        &[(&acme, Role::Admin), (&other, Role::Admin)],
    )
    .await;
    let two = both.get(SETUP).await;
    for page in [one, two] {
        assert!(page.html.contains("&#60;script&#62;alert(1)"), "{}", page.html);
        assert!(!page.html.contains("<script>"), "{}", page.html);
    }
}
