//! What an attempt leads to: retries that grow and end, leases that run out, fences.

use super::{MINUTE, SECOND, accept, claimed, key, later, record, sent_to_contacts, state};
use crate::support::{Engine, TestApp};
use helpdesky::notifications::{self, Claimed, GIVES_UP_AFTER_MS, LEASE_MS, MessageState, Outcome, State};
use helpdesky::operators::members::Changer;
use std::sync::Mutex;

both_engines!(
    retries_come_later_and_later_and_end_after_four_days,
    an_attempt_that_never_reports_is_uncertain_and_never_repeated_by_itself,
    of_two_nodes_one_claims,
    reading_and_claiming_at_the_same_time_agree,
    a_mail_in_its_back_off_waits_for_an_earlier_one_and_no_longer,
);

async fn the_mail(app: &TestApp) -> Option<Claimed> {
    claimed(app)
        .await
        .into_iter()
        .find(|mail| !mail.recipient.is_operator())
}

async fn retries_come_later_and_later_and_end_after_four_days(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let begun = app.app.now_ms();
    let (mut attempts, mut last_wait) = (0, 0);
    while let Some(mail) = the_mail(&app).await {
        attempts += 1;
        assert_eq!(mail.attempt, attempts);
        assert!(record(&app, &mail, later()).await);
        match state(&app, &helpdesk, &id, 2).await {
            MessageState::Retrying { due_at, words } => {
                assert_eq!(words, "451 try again");
                let wait = due_at - app.app.now_ms();
                let exponent = (attempts - 1).min(20);
                let whole = (MINUTE << exponent).min(240 * MINUTE);
                assert!(
                    (whole * 4 / 5..=whole * 6 / 5).contains(&wait),
                    "{attempts}: {wait}"
                );
                last_wait = wait;
                app.advance(wait - 1);
                assert!(the_mail(&app).await.is_none(), "not a millisecond early");
                app.advance(1);
            }
            MessageState::Failed { words } => {
                assert_eq!(words, "Given up after four days: 451 try again");
            }
            other => panic!("{other:?}"),
        }
    }
    let passed = app.app.now_ms() - begun;
    assert!((GIVES_UP_AFTER_MS..GIVES_UP_AFTER_MS + 300 * MINUTE).contains(&passed));
    assert!(attempts > 20 && last_wait > 100 * MINUTE, "{attempts} attempts");
}

async fn an_attempt_that_never_reports_is_uncertain_and_never_repeated_by_itself(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let mail = the_mail(&app).await.unwrap();
    app.operator_reply(&helpdesk, &id, "two").await;
    app.advance(LEASE_MS - SECOND);
    assert!(the_mail(&app).await.is_none());
    assert_eq!(state(&app, &helpdesk, &id, 2).await, MessageState::Sending);
    app.advance(SECOND);
    let next = the_mail(&app).await.unwrap();
    assert_eq!(super::bodies(&next), ["two"]);
    assert_eq!(next.earlier, [mail.id], "it may have arrived");
    accept(&app, &next).await;
    let uncertain = state(&app, &helpdesk, &id, 2).await;
    assert!(
        matches!(uncertain, MessageState::Uncertain { .. }),
        "{uncertain:?}"
    );
    app.advance(100 * LEASE_MS);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);

    // Who was only slow is still heard, unless somebody acted meanwhile.
    let words = "250 taken after all".to_owned();
    assert!(record(&app, &mail, Outcome::Accepted { words }).await);
    let state = state(&app, &helpdesk, &id, 2).await;
    assert!(matches!(state, MessageState::Sent { .. }), "{state:?}");
    let retried = notifications::retry(&app.app, key(&helpdesk), &Changer::Console, mail.id).await;
    assert_eq!(retried.unwrap_err().code, "notification_moved_on");
}

async fn of_two_nodes_one_claims(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let other = match app.engine {
        Engine::Postgres => Some(app.another_node().await),
        Engine::Sqlite => None,
    };
    let second = other.as_ref().unwrap_or(&app);
    let contact = app.contact(&helpdesk, "user@example.com");
    for number in 0..20 {
        let id = contact.open(&format!("Question {number}")).await;
        app.operator_reply(&helpdesk, &id, "answer").await;
    }
    app.advance(MINUTE);
    if let Some(other) = &other {
        other.advance(app.app.now_ms() - other.app.now_ms());
    }
    let (one, two) = tokio::join!(claimed(&app), claimed(second));
    let mut ids: Vec<_> = [one, two].concat().iter().map(|mail| mail.id).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (20, 20), "each once");
    assert_eq!(claimed(&app).await.len() + claimed(second).await.len(), 0);
}

async fn reading_and_claiming_at_the_same_time_agree(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let other = match app.engine {
        Engine::Postgres => Some(app.another_node().await),
        Engine::Sqlite => None,
    };
    let contact = app.contact(&helpdesk, "user@example.com");
    let mut ids = Vec::new();
    for number in 0..40 {
        let id = contact.open(&format!("Question {number}")).await;
        app.operator_reply(&helpdesk, &id, "answer").await;
        ids.push(id);
    }
    app.advance(60 * MINUTE);
    let second = other.as_ref().unwrap_or(&app);
    if other.is_some() {
        second.advance(app.app.now_ms() - second.app.now_ms());
    }
    super::follow(&app).await;
    let read: Mutex<Vec<String>> = Mutex::default();
    let reading = async {
        for id in ids.iter().step_by(2).chain(ids.iter().skip(1).step_by(2)) {
            contact.history(id).await;
            read.lock().unwrap().push(id.clone());
        }
    };
    let claiming = async |node: &TestApp| {
        let mut mails = Vec::new();
        loop {
            let before = read.lock().unwrap().clone();
            let Some(mail) = notifications::claim_due(&node.app, 1).await.unwrap().pop() else {
                return mails;
            };
            if !mail.recipient.is_operator() {
                let id = mail.conversation_id.to_string();
                assert!(!before.contains(&id), "{id} was read before it was claimed");
                mails.push(id);
            }
        }
    };
    let ((), one, two) = tokio::join!(reading, claiming(&app), claiming(second));
    let mailed = [one, two].concat();
    for id in &ids {
        let times = mailed.iter().filter(|mailed| *mailed == id).count();
        let mails = notifications::states(&app.app, &app.member(&helpdesk).await, super::conversation(id))
            .await
            .unwrap();
        let expected = match times {
            0 => State::Seen,
            1 => State::Sending,
            _ => panic!("{id} was mailed {times} times"),
        };
        assert_eq!(mails.mails[0].state, expected, "{id}");
    }
}

async fn a_mail_in_its_back_off_waits_for_an_earlier_one_and_no_longer(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let first = the_mail(&app).await.unwrap();
    let refused = Outcome::Refused {
        words: "554 no".to_owned(),
        address_is_bad: false,
    };
    record(&app, &first, refused).await;
    app.operator_reply(&helpdesk, &id, "two").await;
    app.advance(MINUTE);
    let second = the_mail(&app).await.unwrap();
    record(&app, &second, later()).await;
    notifications::retry(&app.app, key(&helpdesk), &Changer::Console, first.id)
        .await
        .unwrap();
    let again = the_mail(&app).await.unwrap();
    assert_eq!(again.id, first.id);
    app.advance(2 * MINUTE);
    assert!(the_mail(&app).await.is_none(), "the first is being sent");
    accept(&app, &again).await;
    assert_eq!(the_mail(&app).await.unwrap().id, second.id);
}
