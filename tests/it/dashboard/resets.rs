//! One-time links by which somebody chooses a new password; they come from the command line.

use super::browser::{Browser, PASSWORD, owner};
use crate::support::TestApp;
use helpdesky::admin::command::{Command, Operator, Password};
use helpdesky::admin::{self};

both_engines!(
    a_link_sets_a_new_password_once,
    a_link_lives_an_hour_and_dies_with_any_other_change,
    a_bad_password_keeps_the_link_good,
    links_that_are_good_for_nothing_look_the_same,
    a_link_opens_nothing_else,
);

const HOUR_MS: i64 = 60 * 60 * 1000;
const NEW: &str = "another good pass phrase";

async fn link(app: &TestApp) -> String {
    let command = Command::Operator(Operator::ResetPassword {
        email: " Noor@Acme.example".to_owned(),
        link: true,
        password: Password::default(),
    });
    let answer = admin::run(&app.app, command).await.expect("a link");
    let link = answer.json["link"].as_str().expect("a link").to_owned();
    assert!(answer.text.contains(&link));
    let path = link.strip_prefix(&app.base).expect("the configured address");
    path.to_owned()
}

async fn a_link_sets_a_new_password_once(app: TestApp) {
    let (_, mut old) = owner(&app).await;
    let link = link(&app).await;
    let stored = app.stored().await;
    let token = link.rsplit_once('/').expect("a token").1;
    assert!(
        !stored
            .windows(token.len())
            .any(|window| window == token.as_bytes())
    );
    let mut browser = Browser::new(&app);
    // Programs that look into mail open links: that uses nothing up.
    let first = browser.get(&link).await;
    assert!(first.status == 200 && first.html.contains("noor@acme.example"));
    let form = browser.get(&link).await;
    assert_eq!(
        old.get("/").await.location().get(..3),
        Some("/h/"),
        "the old session lives"
    );
    let done = browser.submit(&form, &link, &[("password", NEW)]).await;
    assert_eq!(
        (done.status, done.location().as_str()),
        (303, "/"),
        "{}",
        done.html
    );
    assert_eq!(
        browser.get("/").await.location().get(..3),
        Some("/h/"),
        "signed in"
    );
    assert_eq!(
        old.get("/").await.location(),
        "/sign-in",
        "the old session is over"
    );
    let mut again = Browser::new(&app);
    assert_eq!(again.get(&link).await.status, 404);
    let sign_in = again.get("/sign-in").await;
    let refused = again
        .submit(&sign_in, &link, &[("password", "a third one, why not")])
        .await;
    assert_eq!(refused.status, 404);
    assert_eq!(again.sign_in("noor@acme.example", PASSWORD).await.status, 422);
    assert_eq!(again.sign_in("noor@acme.example", NEW).await.status, 303);
}

async fn a_link_lives_an_hour_and_dies_with_any_other_change(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let mut browser = Browser::new(&app);
    let old = link(&app).await;
    let newer = link(&app).await;
    assert_eq!(browser.get(&old).await.status, 404, "a newer one replaces it");
    let form = browser.get(&newer).await;
    app.advance(HOUR_MS - 1);
    assert_eq!(browser.get(&newer).await.status, 200);
    app.advance(1);
    assert_eq!(browser.get(&newer).await.status, 404);
    assert_eq!(
        browser.submit(&form, &newer, &[("password", NEW)]).await.status,
        404
    );

    let void = link(&app).await;
    let page = boss.get(&format!("/h/{}/profile", helpdesk.id)).await;
    let fields = [("current", PASSWORD), ("password", NEW)];
    let path = format!("/h/{}/profile/password", helpdesk.id);
    assert_eq!(boss.submit(&page, &path, &fields).await.status, 303);
    assert_eq!(browser.get(&void).await.status, 404);
    assert_eq!(
        browser
            .submit(&form, &void, &[("password", PASSWORD)])
            .await
            .status,
        404
    );
    assert_eq!(browser.sign_in("noor@acme.example", NEW).await.status, 303);
}

async fn a_bad_password_keeps_the_link_good(app: TestApp) {
    owner(&app).await;
    let link = link(&app).await;
    let mut browser = Browser::new(&app);
    let form = browser.get(&link).await;
    let refused = browser.submit(&form, &link, &[("password", "short77")]).await;
    assert!(refused.status == 422 && refused.html.contains("id=\"password-error\""));
    assert!(!refused.html.contains("short77"));
    assert_eq!(
        browser.submit(&refused, &link, &[("password", NEW)]).await.status,
        303
    );
}

async fn links_that_are_good_for_nothing_look_the_same(app: TestApp) {
    owner(&app).await;
    let mut browser = Browser::new(&app);
    let used = link(&app).await;
    let form = browser.get(&used).await;
    browser.submit(&form, &used, &[("password", NEW)]).await;
    let never = browser.get(&format!("/reset/{}", "A".repeat(43))).await;
    for path in [used.as_str(), &used[..used.len() - 1], "/reset/%20", "/reset/%00"] {
        let page = browser.get(path).await;
        assert_eq!((page.status, &page.html), (404, &never.html), "{path}");
    }
    assert_eq!(browser.get("/reset/").await.status, 404);
}

async fn a_link_opens_nothing_else(app: TestApp) {
    let (helpdesk, _) = owner(&app).await;
    let link = link(&app).await;
    let token = link.rsplit_once('/').expect("a token").1;
    let mut browser = Browser::new(&app);
    for path in [
        format!("/sign-in/{token}"),
        format!("/setup/{token}"),
        format!("/join/{}/{token}", helpdesk.id),
    ] {
        assert_eq!(browser.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(browser.get(&link).await.status, 200);
}
