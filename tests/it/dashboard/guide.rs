//! The first steps in the inbox: they follow what has really happened.

use std::time::Duration;

use super::browser::{Browser, PASSWORD, operator, owner};
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::operators::Role;

both_engines!(
    the_steps_are_done_one_after_another_and_then_gone,
    somebody_puts_the_steps_away_for_all,
    a_plain_operator_is_told_whom_to_ask,
);

const STEPS: &str = "aria-label=\"First steps\"";

fn done(html: &str) -> Option<u32> {
    let value = html.split(STEPS).nth(1)?.split("aria-valuenow=\"").nth(1)?;
    value.split('"').next()?.parse().ok()
}

async fn the_steps_are_done_one_after_another_and_then_gone(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let inbox = format!("/h/{}/conversations", helpdesk.id);
    let html = browser.get(&inbox).await.html;
    assert_eq!(done(&html), Some(1));
    assert!(html.contains("/ticket-center#secret") && !html.contains("data-controller=\"waiting\""));

    let helpdesk: TestHelpdesk = app.with_new_secret(&helpdesk).await;
    let html = browser.get(&inbox).await.html;
    assert_eq!(done(&html), Some(2));
    assert!(
        html.contains("data-controller=\"waiting\""),
        "the page asks again by itself"
    );

    let wrong = TestHelpdesk {
        secret: "hdh_secret_wrong".to_owned(),
        ..helpdesk.clone()
    };
    app.contact(&wrong, "ann@example.com")
        .call("verify", serde_json::json!({}))
        .await
        .refused(401, "verification_failed");
    assert_eq!(
        done(&browser.get(&inbox).await.html),
        Some(2),
        "a failed one is none"
    );

    let ann = app.contact(&helpdesk, "ann@example.com");
    ann.verify().await;
    // The use of a secret is noted beside the answer.
    let noted = async {
        while done(&browser.get(&inbox).await.html) != Some(3) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), noted)
        .await
        .unwrap();

    let id = ann.open("The first one").await;
    let html = browser.get(&inbox).await.html;
    assert_eq!(done(&html), Some(4));
    assert!(html.contains("Open the conversation") && !html.contains("data-controller=\"waiting\""));
    assert!(
        !browser.get(&format!("{inbox}/{id}")).await.html.contains(STEPS),
        "an open conversation has its place"
    );

    app.operator_note(&helpdesk, &id, "A note is no answer").await;
    assert_eq!(done(&browser.get(&inbox).await.html), Some(4));
    app.operator_reply(&helpdesk, &id, "Welcome").await;
    assert_eq!(done(&browser.get(&inbox).await.html), Some(5), "shown once");
    assert_eq!(done(&browser.get(&inbox).await.html), None);
    assert_eq!(
        done(&browser.get(&format!("{inbox}?view=closed")).await.html),
        None
    );
}

async fn somebody_puts_the_steps_away_for_all(app: TestApp) {
    let (helpdesk, mut browser) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    operator(&app, &other, "noor@acme.example", Role::Admin).await;
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let inbox = format!("/h/{}/conversations", helpdesk.id);
    let page = browser.get(&inbox).await;
    let hidden = browser
        .submit(&page, &format!("/h/{}/guide/dismissal", helpdesk.id), &[])
        .await;
    assert_eq!((hidden.status, hidden.location()), (303, inbox.clone()));
    let html = browser.get(&inbox).await.html;
    assert!(done(&html).is_none() && html.contains("First steps hidden"));
    let mut colleague = Browser::new(&app);
    colleague.sign_in("tomas@acme.example", PASSWORD).await;
    assert!(done(&colleague.get(&inbox).await.html).is_none(), "for everybody");
    let elsewhere = browser.get(&format!("/h/{}/conversations", other.id)).await;
    assert!(done(&elsewhere.html).is_some(), "of this helpdesk");
    let entries: Result<Vec<String>, db::Error> = app
        .app
        .db()
        .read(async |tx: &mut db::Tx| {
            tx.all(
                "SELECT actor FROM audit_entries WHERE action = 'first steps hidden'",
                &[],
                |row| row.get(0),
            )
            .await
        })
        .await;
    assert_eq!(entries.unwrap(), ["noor@acme.example"]);
}

async fn a_plain_operator_is_told_whom_to_ask(app: TestApp) {
    let (helpdesk, _owner) = owner(&app).await;
    operator(&app, &helpdesk, "tomas@acme.example", Role::Operator).await;
    let mut browser = Browser::new(&app);
    browser.sign_in("tomas@acme.example", PASSWORD).await;
    let html = browser
        .get(&format!("/h/{}/conversations", helpdesk.id))
        .await
        .html;
    assert!(html.contains("Noor Haddad can do this.") && !html.contains("#secret"));
}
