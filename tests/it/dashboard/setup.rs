//! The first run.

use super::browser::Browser;
use crate::support::TestApp;
use helpdesky::setup;

both_engines!(
    the_set_up_link_works_once_and_signs_the_owner_in,
    a_bad_form_keeps_the_link_good_and_the_password_out_of_the_page,
    a_newer_link_replaces_an_older_one,
);

const GOOD: &[(&str, &str)] = &[
    ("helpdesk", "Fernway"),
    ("name", "Noor Haddad"),
    ("email", "noor@fernway.example"),
    ("password", "correct horse battery"),
];

async fn link(app: &TestApp) -> String {
    format!(
        "/setup/{}",
        setup::link_token(&app.app)
            .await
            .expect("a database")
            .expect("a link")
    )
}

async fn the_set_up_link_works_once_and_signs_the_owner_in(app: TestApp) {
    let link = link(&app).await;
    let mut browser = Browser::new(&app);
    let form = browser.get(&link).await;
    assert_eq!(form.status, 200);
    let done = browser.submit(&form, &link, GOOD).await;
    assert_eq!(done.status, 303, "{}", done.html);
    let inbox = browser.get(&done.location()).await;
    assert!(inbox.status == 200 && inbox.html.contains("Fernway") && inbox.html.contains("Owner"));

    let mut stranger = Browser::new(&app);
    let again = stranger.get(&link).await;
    let never = stranger
        .get("/setup/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        .await;
    assert_eq!((again.status, never.status), (404, 404));
    assert_eq!(
        again.html, never.html,
        "a used link looks like one that never was"
    );
    let sign_in = stranger.get("/sign-in").await;
    let refused = stranger.submit(&sign_in, &link, GOOD).await;
    assert_eq!(refused.status, 404);
    assert_eq!(setup::link_token(&app.app).await.expect("a database"), None);
}

async fn a_bad_form_keeps_the_link_good_and_the_password_out_of_the_page(app: TestApp) {
    let link = link(&app).await;
    let mut browser = Browser::new(&app);
    let form = browser.get(&link).await;
    let bad = [
        ("helpdesk", " "),
        ("name", "<b>Noor"),
        ("email", "nobody"),
        ("password", "short77"),
    ];
    let refused = browser.submit(&form, &link, &bad).await;
    assert_eq!(refused.status, 422);
    for field in ["helpdesk", "email", "password"] {
        assert!(
            refused.html.contains(&format!("id=\"{field}-error\"")),
            "{field} is named"
        );
    }
    assert!(!refused.html.contains("short77") && !refused.html.contains("<b>Noor"));
    assert_eq!(browser.submit(&refused, &link, GOOD).await.status, 303);
}

async fn a_newer_link_replaces_an_older_one(app: TestApp) {
    let (old, new) = (link(&app).await, link(&app).await);
    let mut browser = Browser::new(&app);
    assert_eq!(browser.get(&old).await.status, 404);
    assert_eq!(browser.get(&new).await.status, 200);
}
