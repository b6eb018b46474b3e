//! Robots and bombers.

use std::collections::HashSet;

use helpdesky::notifications;
use serde_json::json;

use super::{PREFIX, received};
use crate::support::{Answer, TestApp, TestHelpdesk, count, string};

both_engines!(
    the_same_text_of_the_same_sender_stands_in_the_inbox_once,
    an_address_opens_ten_conversations_a_day,
    a_network_is_limited_whatever_it_writes_into_headers,
    a_network_of_ipv6_is_a_whole_64,
    without_a_proof_a_network_sends_little,
    a_flood_raises_the_price_and_meets_the_helpdesks_limit,
    a_bomber_causes_no_mail_to_any_victim,
    one_noisy_helpdesk_is_nobody_elses_trouble,
);

#[track_caller]
fn limited(answer: &Answer) {
    answer.refused(429, "rate_limited");
    let seconds: u32 = answer
        .header("retry-after")
        .expect("Retry-After")
        .parse()
        .expect("seconds");
    assert!(seconds >= 1);
}

async fn the_same_text_of_the_same_sender_stands_in_the_inbox_once(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for _ in 0..3 {
        received(
            &app.write_by_form(&helpdesk, "a@example.com", "Hello", json!({}))
                .await,
        );
    }
    assert_eq!(app.counts().await.conversations, 1);
    assert!(app.form_refusals(&helpdesk).await.contains(&"repeated"));
    received(
        &app.write_by_form(&helpdesk, "b@example.com", "Hello", json!({}))
            .await,
    );
    received(
        &app.write_by_form(&helpdesk, "a@example.com", "Hello?", json!({}))
            .await,
    );
    app.advance(25 * 60 * 60 * 1000);
    received(
        &app.write_by_form(&helpdesk, "a@example.com", "Hello", json!({}))
            .await,
    );
    assert_eq!(app.counts().await.conversations, 4);
}

async fn an_address_opens_ten_conversations_a_day(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    for number in 0..10 {
        let text = format!("Number {number}");
        received(
            &app.write_by_form(&helpdesk, "victim@example.com", &text, json!({}))
                .await,
        );
    }
    limited(
        &app.write_by_form(&helpdesk, "Victim@Example.com", "One more", json!({}))
            .await,
    );
    received(
        &app.write_by_form(&helpdesk, "other@example.com", "One more", json!({}))
            .await,
    );
    assert!(app.form_refusals(&helpdesk).await.contains(&"address"));
    // Signed in, the owner of the address writes on.
    app.contact(&helpdesk, "victim@example.com").open("Hello").await;
    app.advance(25 * 60 * 60 * 1000);
    received(
        &app.write_by_form(&helpdesk, "victim@example.com", "One more", json!({}))
            .await,
    );
}

/// Sends a fresh message from each of these addresses; how many came in.
async fn from_each(app: &TestApp, helpdesk: &TestHelpdesk, forwarded: &[String]) -> usize {
    let mut accepted = 0;
    for (number, address) in forwarded.iter().enumerate() {
        let filled = app.filled(helpdesk).await;
        let body = filled.with(&format!("{number}@example.com"), "Hello", &json!({}));
        let answer = app.send_form_from(&body, &[("x-forwarded-for", address)]).await;
        if answer.status == 200 {
            accepted += 1;
        } else {
            limited(&answer);
        }
    }
    accepted
}

async fn a_network_is_limited_whatever_it_writes_into_headers(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    app.set_form(&helpdesk, |form| form.protection.per_network_an_hour = 4)
        .await;
    let invented: Vec<String> = (1..=8).map(|n| format!("203.0.113.{n}")).collect();
    assert_eq!(from_each(&app, &helpdesk, &invented).await, 4);
    assert!(app.form_refusals(&helpdesk).await.contains(&"network"));
    app.advance(60 * 60 * 1000);
    let filled = app.filled(&helpdesk).await;
    received(
        &app.send_form(&filled.with("later@example.com", "Hello", &json!({})))
            .await,
    );
}

async fn a_network_of_ipv6_is_a_whole_64(app: TestApp) {
    let app = app.behind_a_proxy().await;
    let helpdesk = app.helpdesk("Acme").await;
    app.set_form(&helpdesk, |form| form.protection.per_network_an_hour = 4)
        .await;
    let one: Vec<String> = (1..=8).map(|n| format!("2001:db8:0:1:{n}::{n}")).collect();
    assert_eq!(from_each(&app, &helpdesk, &one).await, 4);
    let many: Vec<String> = (2..=7).map(|n| format!("2001:db8:0:{n}::1")).collect();
    assert_eq!(from_each(&app, &helpdesk, &many).await, 6);
}

async fn without_a_proof_a_network_sends_little(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let mut answers = Vec::new();
    for number in 0..5 {
        let filled = app.filled(&helpdesk).await;
        let body = filled.with(&format!("{number}@example.com"), "Hello", &json!({"proof": null}));
        answers.push(app.send_form(&body).await);
    }
    answers[..3].iter().for_each(received);
    answers[3..].iter().for_each(limited);
    assert!(app.form_refusals(&helpdesk).await.contains(&"unproved"));
    received(
        &app.write_by_form(&helpdesk, "with@example.com", "Hello", json!({}))
            .await,
    );
    // Where no proof is asked for, none is missed.
    app.set_form(&helpdesk, |form| form.protection.asks_proof = false)
        .await;
    let filled = app.filled(&helpdesk).await;
    let body = filled.with("none@example.com", "Hello", &json!({"proof": null}));
    received(&app.send_form(&body).await);
}

async fn a_flood_raises_the_price_and_meets_the_helpdesks_limit(app: TestApp) {
    let app = app.behind_a_proxy().await;
    let helpdesk = app.helpdesk("Acme").await;
    app.set_form(&helpdesk, |form| form.protection.per_helpdesk_an_hour = 30)
        .await;
    let calm = app.form(&helpdesk).await["proofBits"].as_u64().unwrap();
    let mut forms = Vec::new();
    for _ in 0..50 {
        forms.push(app.filled(&helpdesk).await);
    }
    let mut accepted = 0;
    for (number, filled) in forms.iter().enumerate() {
        let body = filled.with(&format!("{number}@example.com"), "Hello", &json!({}));
        let from = format!("198.51.100.{number}");
        let path = format!("{PREFIX}/message");
        let answer = app.post_now(&path, &body, &[("x-forwarded-for", &from)]).await;
        if answer.status == 200 {
            accepted += 1;
        } else {
            limited(&answer);
        }
    }
    assert_eq!(accepted, 30);
    let under_load = app.form(&helpdesk).await["proofBits"].as_u64().unwrap();
    assert_eq!(under_load, calm + 2, "50 a minute");
    assert!(app.form_refusals(&helpdesk).await.contains(&"helpdesk"));
    app.advance(120_000);
    assert_eq!(app.form(&helpdesk).await["proofBits"].as_u64().unwrap(), calm);
}

async fn a_bomber_causes_no_mail_to_any_victim(app: TestApp) {
    let app = app.behind_a_proxy().await;
    let helpdesk = app.helpdesk("Acme").await;
    let victims = count(10, 100);
    let networks = count(20, 1_000);
    app.set_form(&helpdesk, |form| form.protection.per_helpdesk_an_hour = 100_000)
        .await;
    for number in 0..count(60, 10_000) {
        let filled = app.filled(&helpdesk).await;
        let text = format!("BUY NOW {number}");
        let more = json!({"name": "BUY NOW", "subject": "BUY NOW"});
        let body = filled.with(&format!("victim-{}@example.com", number % victims), &text, &more);
        let from = format!("10.{}.{}.1", number % networks / 256, number % networks % 256);
        app.send_form_from(&body, &[("x-forwarded-for", &from)]).await;
    }
    notifications::catch_up(&app.app).await.unwrap();
    let id = helpdesk.id.parse().unwrap();
    let mails = notifications::outbox(&app.app, id, notifications::Filter::default(), None)
        .await
        .unwrap();
    let to_contacts: Vec<_> = mails
        .items
        .iter()
        .filter(|mail| !mail.recipient.is_operator())
        .collect();
    assert!(to_contacts.is_empty(), "nobody is written to");
}

async fn one_noisy_helpdesk_is_nobody_elses_trouble(app: TestApp) {
    let (noisy, calm) = (app.helpdesk("Noisy").await, app.helpdesk("Calm").await);
    app.set_form(&noisy, |form| form.protection.per_helpdesk_an_hour = 1)
        .await;
    received(
        &app.write_by_form(&noisy, "a@example.com", "Hello", json!({}))
            .await,
    );
    limited(
        &app.write_by_form(&noisy, "b@example.com", "Hello", json!({}))
            .await,
    );
    received(
        &app.write_by_form(&calm, "a@example.com", "Hello", json!({}))
            .await,
    );
    let tokens: HashSet<String> = [
        string(&app.form(&calm).await["token"]),
        string(&app.form(&calm).await["token"]),
    ]
    .into();
    assert_eq!(tokens.len(), 2, "each form has its own token");
}
