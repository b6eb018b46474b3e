//! Limits: a contact's own valid calls, and failed ones by address, which block no valid call.

use serde_json::{Value, json};

use crate::support::{Answer, PREFIX, TestApp, TestContact};

/// A documented call while the clock stands still.
async fn now(contact: &TestContact<'_>, path: &str, more: &Value) -> Answer {
    let body = crate::support::merged(contact.credentials(), more);
    contact
        .app
        .post_now(&format!("{PREFIX}/{path}"), &body, &[])
        .await
}

/// A 429 that says when to come back.
#[track_caller]
fn limited(answer: &Answer) {
    answer.refused(429, "rate_limited");
    let seconds: u32 = answer
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .expect("whole seconds");
    assert!((1..=5).contains(&seconds), "{seconds}");
}

both_engines!(
    a_contact_may_call_a_hundred_times_at_once_and_ten_times_a_second,
    one_contacts_limit_is_nobody_elses,
    a_refused_message_is_not_written_and_is_accepted_later,
    failed_calls_are_limited_and_never_block_a_valid_one,
);

async fn a_contact_may_call_a_hundred_times_at_once_and_ten_times_a_second(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    for number in 0..100 {
        assert_eq!(
            now(&contact, "verify", &json!({})).await.status,
            200,
            "call {number}"
        );
    }
    limited(&now(&contact, "verify", &json!({})).await);
    for _ in 0..3 {
        app.advance(101);
        now(&contact, "verify", &json!({})).await.ok();
        limited(&now(&contact, "verify", &json!({})).await);
    }
    app.advance(60_000);
    for _ in 0..100 {
        now(&contact, "verify", &json!({})).await.ok();
    }
}

async fn one_contacts_limit_is_nobody_elses(app: TestApp) {
    let (acme, globex) = (app.helpdesk("Acme").await, app.helpdesk("Globex").await);
    let contact = app.contact(&acme, "user@example.com");
    while now(&contact, "verify", &json!({})).await.status == 200 {}
    now(&app.contact(&acme, "other@example.com"), "verify", &json!({}))
        .await
        .ok();
    now(&app.contact(&globex, "user@example.com"), "verify", &json!({}))
        .await
        .ok();
    limited(&now(&app.contact(&acme, " USER@example.com"), "verify", &json!({})).await);
}

async fn a_refused_message_is_not_written_and_is_accepted_later(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut accepted = 0;
    let refused = loop {
        let answer = now(
            &contact,
            "message",
            &json!({"message": format!("Number {accepted}")}),
        )
        .await;
        if answer.status != 200 {
            break answer;
        }
        accepted += 1;
    };
    limited(&refused);
    assert_eq!(accepted, 100);
    assert_eq!(app.counts().await.messages, 100);
    let seconds: i64 = refused.header("retry-after").unwrap().parse().unwrap();
    app.advance(seconds * 1_000);
    now(&contact, "message", &json!({"message": "Later"})).await.ok();
}

async fn failed_calls_are_limited_and_never_block_a_valid_one(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let wrong = json!({"signature": "0".repeat(64)});
    let mut refusals = [0_usize, 0];
    for _ in 0..50 {
        let answers = (0..50).map(|_| now(&contact, "verify", &wrong));
        for answer in futures_util::future::join_all(answers).await {
            if answer.status == 429 {
                limited(&answer);
                refusals[1] += 1;
            } else {
                answer.refused(401, "verification_failed");
                refusals[0] += 1;
            }
        }
        now(&contact, "verify", &json!({})).await.ok();
    }
    assert!(
        refusals[0] >= 100,
        "a page with a mistake is told of it: {refusals:?}"
    );
    assert!(refusals[0] <= 1_100, "about a thousand a minute: {refusals:?}");
    assert!(refusals[1] > 0, "{refusals:?}");
    now(&app.contact(&helpdesk, "new@example.com"), "verify", &json!({}))
        .await
        .ok();
    app.advance(60_000);
    now(&contact, "verify", &wrong)
        .await
        .refused(401, "verification_failed");
}
