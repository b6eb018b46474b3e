//! The first run.

use super::browser::Browser;
use crate::support::TestApp;
use helpdesky::setup;

both_engines!(
    the_set_up_link_works_once_and_signs_the_owner_in,
    a_bad_form_keeps_the_link_good_and_the_password_out_of_the_page,
    a_newer_link_replaces_an_older_one,
    two_who_use_the_link_at_once_make_one_installation,
    nobody_can_sign_in_before_the_first_run,
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

async fn two_who_use_the_link_at_once_make_one_installation(app: TestApp) {
    let link = link(&app).await;
    let mut browsers = [Browser::new(&app), Browser::new(&app), Browser::new(&app)];
    let mut tokens = Vec::new();
    for browser in &mut browsers {
        tokens.push(browser.get(&link).await.hidden("csrf"));
    }
    let emails = ["a@fernway.example", "b@fernway.example", "c@fernway.example"];
    let forms: Vec<Vec<(&str, &str)>> = (0..3)
        .map(|n| {
            vec![
                ("csrf", tokens[n].as_str()),
                ("helpdesk", "Fernway"),
                ("name", "Noor"),
                ("email", emails[n]),
                ("password", "correct horse battery"),
            ]
        })
        .collect();
    let sent = browsers
        .iter()
        .zip(&forms)
        .map(|(browser, form)| browser.post_beside(&link, form));
    let statuses = futures_util::future::join_all(sent).await;
    let of = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((of(303), of(404)), (1, 2), "{statuses:?}");
    let made = helpdesky::helpdesks::list(&app.app).await.expect("helpdesks");
    assert_eq!(made.len(), 1);
    let mut known = 0;
    for email in emails {
        let found = helpdesky::operators::is_known(&app.app, email)
            .await
            .expect("operators");
        known += usize::from(found);
    }
    assert_eq!(known, 1);
}

async fn nobody_can_sign_in_before_the_first_run(app: TestApp) {
    let mut browser = Browser::new(&app);
    for (email, password) in [
        ("admin@example.com", "admin"),
        ("admin", "password"),
        ("root@localhost", "changeme"),
        ("", ""),
    ] {
        let page = browser.sign_in(email, password).await;
        assert_eq!(page.status, 422, "{email}");
    }
    assert!(!browser.cookies.contains_key("helpdesky"));
}
