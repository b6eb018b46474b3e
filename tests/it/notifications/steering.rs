//! Send now, cancel, the outbox, retry and drop.

use super::{
    MINUTE, SECOND, bodies, claimed, conversation, follow, key, later, record, sent_to_contacts, state,
};
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::notifications::{self, Filter, Listed, MessageState, Outcome, State};
use helpdesky::operators::members::Changer;

both_engines!(
    send_now_ends_the_hold,
    what_was_cancelled_is_carried_by_no_later_mail,
    the_outbox_is_read_page_by_page_and_by_state,
    a_failed_mail_can_be_retried_and_an_uncertain_one_dropped,
    old_mails_to_operators_are_forgotten_and_those_to_contacts_stay,
    what_waited_for_a_relay_can_be_taken_back_at_once,
);

async fn send_now_ends_the_hold(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    let member = app.member(&helpdesk).await;
    assert!(
        notifications::send_now(&app.app, &member, conversation(&id))
            .await
            .unwrap()
    );
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["one"]);
    assert!(
        !notifications::send_now(&app.app, &member, conversation(&id))
            .await
            .unwrap()
    );
    app.advance(10 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn what_was_cancelled_is_carried_by_no_later_mail(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    let member = app.member(&helpdesk).await;
    let cancel = async || {
        notifications::cancel(&app.app, &member, conversation(&id))
            .await
            .unwrap()
    };
    assert!(cancel().await);
    assert!(!cancel().await);
    let by = "Olivia Operator".to_owned();
    assert_eq!(
        state(&app, &helpdesk, &id, 2).await,
        MessageState::Cancelled { by }
    );
    app.advance(10 * SECOND);
    app.operator_reply(&helpdesk, &id, "two").await;
    let due_at = app.app.now_ms() + MINUTE;
    assert_eq!(
        state(&app, &helpdesk, &id, 3).await,
        MessageState::Waiting { due_at }
    );
    app.advance(MINUTE);
    let mails = claimed(&app).await;
    let mail = mails.iter().find(|mail| !mail.recipient.is_operator()).unwrap();
    assert_eq!(bodies(mail), ["two"]);
    assert!(!cancel().await, "claimed a moment before");
}

async fn all(app: &TestApp, helpdesk: &TestHelpdesk, state: Option<State>) -> Vec<Listed> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = notifications::outbox(&app.app, key(helpdesk), Filter { state }, before)
            .await
            .unwrap();
        assert!(page.items.len() <= notifications::PAGE);
        all.extend(page.items);
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

async fn the_outbox_is_read_page_by_page_and_by_state(app: TestApp) {
    let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Other").await);
    let contact = app.contact(&helpdesk, "user@example.com");
    let foreign = app.contact(&other, "user@example.com").open("Hello").await;
    app.operator_reply(&other, &foreign, "theirs").await;
    for number in 0..120 {
        let id = contact.open(&format!("Question {number}")).await;
        if number % 10 == 0 {
            app.operator_reply(&helpdesk, &id, "answer").await;
            let member = app.member(&helpdesk).await;
            notifications::cancel(&app.app, &member, conversation(&id))
                .await
                .unwrap();
        } else {
            app.operator_reply(&helpdesk, &id, "answer").await;
        }
    }
    follow(&app).await;
    let to_contacts = |listed: Vec<Listed>| -> Vec<Listed> {
        listed
            .into_iter()
            .filter(|mail| !mail.recipient.is_operator())
            .collect()
    };
    let listed = to_contacts(all(&app, &helpdesk, None).await);
    assert_eq!(listed.len(), 120);
    assert!(listed.is_sorted_by(|a, b| a.id > b.id), "newest first");
    assert!(listed.iter().all(|mail| mail.address == "user@example.com"));
    assert_eq!(listed[0].subject, "Question 119");
    assert_eq!(
        to_contacts(all(&app, &helpdesk, Some(State::Cancelled)).await).len(),
        12
    );
    assert_eq!(
        to_contacts(all(&app, &helpdesk, Some(State::Held)).await).len(),
        108
    );
    assert_eq!(all(&app, &helpdesk, Some(State::Failed)).await.len(), 0);
    assert_eq!(to_contacts(all(&app, &other, None).await).len(), 1);
}

async fn a_failed_mail_can_be_retried_and_an_uncertain_one_dropped(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let claim = async || {
        claimed(&app)
            .await
            .into_iter()
            .find(|mail| !mail.recipient.is_operator())
            .unwrap()
    };
    let first = claim().await;
    let refused = |address_is_bad| Outcome::Refused {
        words: "554 no".to_owned(),
        address_is_bad,
    };
    assert!(record(&app, &first, refused(false)).await);
    app.advance(1000 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0, "5xx is final");
    let by = Changer::Member(app.member(&helpdesk).await);
    let retry = async |id| notifications::retry(&app.app, key(&helpdesk), &by, id).await;
    retry(first.id).await.unwrap();
    let second = claim().await;
    assert_eq!((second.id, second.attempt), (first.id, 2));
    assert_eq!(bodies(&second), ["one"]);
    assert!(second.fence > first.fence);
    assert_eq!(retry(first.id).await.unwrap_err().code, "notification_moved_on");
    assert!(
        !record(&app, &first, later()).await,
        "an earlier claim is not heard"
    );
    let words = "the line broke".to_owned();
    record(&app, &second, Outcome::Uncertain { words }).await;
    let words = "the line broke".to_owned();
    assert_eq!(
        state(&app, &helpdesk, &id, 2).await,
        MessageState::Uncertain { words }
    );
    notifications::drop_it(&app.app, key(&helpdesk), &by, first.id)
        .await
        .unwrap();
    let name = "Olivia Operator".to_owned();
    assert_eq!(
        state(&app, &helpdesk, &id, 2).await,
        MessageState::Cancelled { by: name }
    );
    assert_eq!(retry(first.id).await.unwrap_err().code, "notification_moved_on");
    app.advance(1000 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn old_mails_to_operators_are_forgotten_and_those_to_contacts_stay(app: TestApp) {
    const DAY: i64 = 24 * 60 * MINUTE;
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    app.member(&helpdesk).await;
    let id = contact.open("Hello").await;
    app.advance(MINUTE);
    sent_to_contacts(&app).await;
    app.operator_reply(&helpdesk, &id, "an answer").await;
    app.advance(MINUTE);
    sent_to_contacts(&app).await;
    let listed = async |helpdesk: &TestHelpdesk| -> Vec<bool> {
        let mails = all(&app, helpdesk, None).await;
        mails.iter().map(|mail| mail.recipient.is_operator()).collect()
    };
    app.advance(89 * DAY);
    notifications::forget_old(&app.app, key(&helpdesk)).await.unwrap();
    assert_eq!(listed(&helpdesk).await, [false, true]);
    app.advance(2 * DAY);
    notifications::forget_old(&app.app, key(&helpdesk)).await.unwrap();
    assert_eq!(listed(&helpdesk).await, [false]);
}

async fn what_waited_for_a_relay_can_be_taken_back_at_once(app: TestApp) {
    let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Other").await);
    let mut ids = Vec::new();
    for helpdesk in [&helpdesk, &other] {
        let id = app.contact(helpdesk, "user@example.com").open("Hello").await;
        app.operator_reply(helpdesk, &id, "an answer").await;
        ids.push(id);
    }
    app.advance(1000 * MINUTE);
    follow(&app).await;
    super::fill(&app, &helpdesk, &ids[0], 1_000, app.app.now_ms()).await;
    let words = "No mail relay was set up";
    let cancelled = notifications::cancel_waiting(&app.app, key(&helpdesk), &Changer::Console, words)
        .await
        .unwrap();
    assert_eq!(
        u64::try_from(all(&app, &helpdesk, Some(State::Cancelled)).await.len()).unwrap(),
        cancelled
    );
    assert!(cancelled > 1_000);
    let sent = sent_to_contacts(&app).await;
    assert_eq!(sent.len(), 1, "the other helpdesk's");
    assert_eq!(sent[0].helpdesk_id, key(&other));
    app.operator_reply(&helpdesk, &ids[0], "from now on").await;
    app.advance(MINUTE);
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["from now on"]);
}
