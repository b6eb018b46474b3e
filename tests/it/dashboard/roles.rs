//! What each role sees, and that helpdesks are separate.

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::TestApp;
use helpdesky::operators::Role;

both_engines!(
    a_plain_operator_sees_no_secrets_and_cannot_make_them,
    a_helpdesk_does_not_exist_for_operators_of_another,
);

async fn a_plain_operator_sees_no_secrets_and_cannot_make_them(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let base = format!("/h/{}", helpdesk.id);
    let page = boss.get(&format!("{base}/ticket-center")).await;
    let made = boss
        .submit(&page, &format!("{base}/ticket-center/secrets"), &[])
        .await;
    assert!(made.html.contains("HELPDESKY_HMAC_SECRET=hdh_secret_"));

    let mut browser = Browser::new(&app);
    assert_eq!(browser.sign_in("op@acme.example", PASSWORD).await.status, 303);
    let page = browser.get(&format!("{base}/ticket-center")).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains(&helpdesk.id) && page.html.contains("/ticket-center.js"));
    for absent in [
        "hdh_secret_…",
        "Generate HMAC Secret",
        "id=\"verify\"",
        "Recent verification failures",
        "/settings/general",
        "/settings/email",
        "/settings/operators",
    ] {
        assert!(!page.html.contains(absent), "{absent}");
    }
    for path in [
        "/ticket-center/secrets",
        "/ticket-center/verification",
        "/settings/messages/messaging",
        "/settings/messages/domains",
        "/settings/messages/domains/removal",
        "/settings/general",
        "/settings/operators/invitations",
    ] {
        let fields = [
            ("email", "a@example.com"),
            ("domain", "a.example"),
            ("messaging", "on"),
            ("name", "Mine"),
            ("role", "owner"),
        ];
        assert_eq!(
            browser
                .submit(&page, &format!("{base}{path}"), &fields)
                .await
                .status,
            403,
            "{path}"
        );
    }
    for tab in ["general", "messages", "operators", "audit"] {
        let page = browser.get(&format!("{base}/settings/{tab}")).await;
        assert_eq!(page.status, 403, "{tab}");
        // Not hidden from the eye: not there.
        assert!(
            !page.html.contains("noor@acme.example") && !page.html.contains("hdh_secret_"),
            "{tab}"
        );
    }
    for path in ["conversations", "profile", "shortcuts", "ticket-center"] {
        let page = browser.get(&format!("{base}/{path}")).await;
        assert!(
            page.status == 200 && !page.html.contains("noor@acme.example"),
            "{path}"
        );
    }
}

async fn a_helpdesk_does_not_exist_for_operators_of_another(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    operator(&app, &other, "hank@globex.example", Role::Owner).await;
    let written = app
        .contact(&app.with_new_secret(&helpdesk).await, "a@example.com")
        .open("Hello")
        .await;
    let mut browser = Browser::new(&app);
    browser.sign_in("hank@globex.example", PASSWORD).await;
    let own = browser.get(&format!("/h/{}/conversations", other.id)).await;
    assert_eq!(own.status, 200);
    let never = browser
        .get("/h/01900000-0000-7000-8000-000000000000/conversations")
        .await;
    for path in [
        "conversations",
        "ticket-center",
        "settings/messages",
        "settings/general",
        "settings/operators",
        "settings/audit",
        "profile",
        "live",
        "shortcuts",
    ] {
        let page = browser.get(&format!("/h/{}/{path}", helpdesk.id)).await;
        assert_eq!(
            (page.status, page.html.as_str()),
            (404, never.html.as_str()),
            "{path}"
        );
    }
    // Another helpdesk's conversation under one's own address.
    for place in [&helpdesk.id, &other.id] {
        let address = format!("/h/{place}/conversations/{written}");
        assert_eq!(browser.get(&address).await.status, 404);
        for action in ["replies", "notes", "closure", "reopening", "assignment", "seen"] {
            let fields = [("body", "mine"), ("assignee", ""), ("position", "1")];
            let page = browser
                .submit(&own, &format!("{address}/{action}"), &fields)
                .await;
            assert_eq!(page.status, 404, "{action}");
        }
    }
}
