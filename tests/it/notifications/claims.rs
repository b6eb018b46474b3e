//! The hold, what a mail carries, and reading against claiming.

use super::{
    MINUTE, SECOND, accept, bodies, claimed, conversation, follow, key, later, operator, record,
    reply_instantly, sent_to_contacts, sent_to_operators, state,
};
use crate::support::TestApp;
use helpdesky::conversations::by_operator;
use helpdesky::notifications::{self, Holds, MessageState};
use helpdesky::operators::members::Changer;

both_engines!(
    a_reply_is_held_and_one_mail_carries_all_unread_ones_in_order,
    the_timer_does_not_slide_and_begins_anew_after_reading,
    reading_before_the_claim_cancels_and_reading_after_it_does_not,
    an_operator_who_has_seen_it_gets_no_mail,
    instantly_takes_along_what_waits_and_no_second_mail_follows,
    while_a_mail_is_under_way_the_next_one_waits,
    nothing_is_lost_or_doubled_when_events_are_followed_late,
    a_message_written_as_the_hold_of_read_ones_ends_has_its_own_hold,
    holds_are_set_per_direction_and_have_bounds,
    more_messages_than_a_mail_carries_go_into_the_next,
    claiming_costs_the_same_however_many_wait,
    what_was_written_before_is_quoted_where_a_helpdesk_wants_it,
);

async fn a_reply_is_held_and_one_mail_carries_all_unread_ones_in_order(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("My question").await;
    app.operator_reply(&helpdesk, &id, "first").await;
    let due_at = app.app.now_ms() + MINUTE;
    app.advance(20 * SECOND);
    app.operator_reply(&helpdesk, &id, "second").await;
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
    assert_eq!(
        state(&app, &helpdesk, &id, 3).await,
        MessageState::Waiting { due_at }
    );
    app.advance(40 * SECOND - 1);
    assert_eq!(sent_to_contacts(&app).await.len(), 0, "a millisecond early");
    app.advance(1);
    let sent = sent_to_contacts(&app).await;
    assert_eq!(sent.len(), 1);
    let mail = &sent[0];
    assert_eq!(bodies(mail), ["first", "second"]);
    assert_eq!(
        (mail.address.as_str(), mail.subject.as_str()),
        ("user@example.com", "My question")
    );
    assert!(!mail.content_free && mail.earlier.is_empty() && mail.attempt == 1);
    let at = app.app.now_ms();
    assert_eq!(state(&app, &helpdesk, &id, 2).await, MessageState::Sent { at });

    app.operator_reply(&helpdesk, &id, "third").await;
    app.advance(MINUTE);
    let next = sent_to_contacts(&app).await;
    assert_eq!(bodies(&next[0]), ["third"]);
    assert_eq!(next[0].earlier, [mail.id], "it answers the mail before");
    app.advance(10 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn the_timer_does_not_slide_and_begins_anew_after_reading(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("My question").await;
    for text in ["a", "b", "c"] {
        app.operator_reply(&helpdesk, &id, text).await;
        follow(&app).await;
        app.advance(20 * SECOND);
    }
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["a", "b", "c"]);

    app.operator_reply(&helpdesk, &id, "d").await;
    follow(&app).await;
    app.advance(30 * SECOND);
    contact.history(&id).await;
    app.operator_reply(&helpdesk, &id, "e").await;
    let due_at = app.app.now_ms() + MINUTE;
    assert_eq!(state(&app, &helpdesk, &id, 5).await, MessageState::Seen);
    assert_eq!(
        state(&app, &helpdesk, &id, 6).await,
        MessageState::Waiting { due_at }
    );
    app.advance(MINUTE - 1);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
    app.advance(1);
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["e"]);
}

async fn reading_before_the_claim_cancels_and_reading_after_it_does_not(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("My question").await;
    app.operator_reply(&helpdesk, &id, "read in time").await;
    app.advance(MINUTE);
    let token = contact.token().await;
    // What the embed does by itself reads nothing.
    contact.verify().await;
    contact
        .by_token(&token, "conversations", serde_json::json!({}))
        .await
        .ok();
    contact.history(&id).await;
    assert_eq!(claimed(&app).await.len(), 0);
    assert_eq!(state(&app, &helpdesk, &id, 2).await, MessageState::Seen);

    app.operator_reply(&helpdesk, &id, "read too late").await;
    app.advance(MINUTE);
    contact.verify().await;
    let mails = claimed(&app).await;
    assert_eq!(bodies(&mails[0]), ["read too late"]);
    contact.history(&id).await;
    accept(&app, &mails[0]).await;
    app.advance(100 * MINUTE);
    assert_eq!(claimed(&app).await.len(), 0);
    assert_eq!(state(&app, &helpdesk, &id, 3).await, MessageState::Seen);

    // A mail that could not be sent yet is looked at once more.
    app.operator_reply(&helpdesk, &id, "read between attempts").await;
    app.advance(MINUTE);
    let mails = claimed(&app).await;
    record(&app, &mails[0], later()).await;
    contact.history(&id).await;
    app.advance(10 * MINUTE);
    assert_eq!(claimed(&app).await.len(), 0);
}

async fn an_operator_who_has_seen_it_gets_no_mail(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let (one, _two) = (
        operator(&app, &helpdesk, "one").await,
        operator(&app, &helpdesk, "two").await,
    );
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("Hello").await;
    contact.reply(&id, "Are you there?").await;
    by_operator::mark_seen(&app.app, &one, conversation(&id), 1)
        .await
        .unwrap();
    follow(&app).await;
    app.advance(MINUTE);
    let sent = sent_to_operators(&app).await;
    let (hello, there) = ("Hello".to_owned(), "Are you there?".to_owned());
    assert_eq!(
        sent,
        [
            ("one".to_owned(), vec![there.clone()]),
            ("two".to_owned(), vec![hello, there])
        ]
    );

    contact.reply(&id, "Again").await;
    follow(&app).await;
    by_operator::mark_seen(&app.app, &one, conversation(&id), 3)
        .await
        .unwrap();
    app.advance(MINUTE);
    assert_eq!(
        sent_to_operators(&app).await,
        [("two".to_owned(), vec!["Again".to_owned()])]
    );
}

async fn instantly_takes_along_what_waits_and_no_second_mail_follows(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "held").await;
    app.advance(10 * SECOND);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
    reply_instantly(&app, &helpdesk, &id, "at once").await;
    let sent = sent_to_contacts(&app).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(bodies(&sent[0]), ["held", "at once"]);
    app.advance(10 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn while_a_mail_is_under_way_the_next_one_waits(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let first = claimed(&app).await.remove(0);
    reply_instantly(&app, &helpdesk, &id, "two").await;
    assert_eq!(claimed(&app).await.len(), 0, "the first is being sent");
    record(&app, &first, later()).await;
    app.advance(10 * SECOND);
    assert_eq!(
        claimed(&app).await.len(),
        0,
        "the first is tried again before the second"
    );
    app.advance(2 * MINUTE);
    let again = claimed(&app).await;
    assert_eq!(again.len(), 1);
    assert_eq!((again[0].id, again[0].attempt), (first.id, 2));
    assert_eq!(bodies(&again[0]), ["one"], "a retry stays what it was");
    accept(&app, &again[0]).await;
    let second = sent_to_contacts(&app).await;
    assert_eq!(bodies(&second[0]), ["two"]);
}

async fn nothing_is_lost_or_doubled_when_events_are_followed_late(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    follow(&app).await;
    app.advance(MINUTE);
    // Written, and not yet followed when the claim comes: the mail carries it all the same.
    app.operator_reply(&helpdesk, &id, "two").await;
    let mails = notifications::claim_due(&app.app, 10).await.unwrap();
    let mail = mails.iter().find(|mail| !mail.recipient.is_operator()).unwrap();
    assert_eq!(bodies(mail), ["one", "two"]);
    accept(&app, mail).await;
    app.advance(100 * MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn a_message_written_as_the_hold_of_read_ones_ends_has_its_own_hold(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    follow(&app).await;
    contact.history(&id).await;
    app.advance(MINUTE);
    // The claim comes before or after this is followed; neither sends it without a hold.
    app.operator_reply(&helpdesk, &id, "two").await;
    let mails = notifications::claim_due(&app.app, 10).await.unwrap();
    assert!(mails.iter().all(|mail| mail.recipient.is_operator()));
    app.advance(MINUTE);
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["two"]);
}

async fn holds_are_set_per_direction_and_have_bounds(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    operator(&app, &helpdesk, "one").await;
    let set = async |contact_seconds, operator_seconds| {
        let holds = Holds {
            contact_seconds,
            operator_seconds,
        };
        notifications::set_holds(&app.app, key(&helpdesk), &Changer::Console, holds).await
    };
    for (contact, operator) in [(-1, 60), (60, -1), (3601, 60), (60, 3601)] {
        assert_eq!(set(contact, operator).await.unwrap_err().code, "invalid_hold");
    }
    let stored = notifications::holds(&app.app, key(&helpdesk)).await.unwrap();
    assert_eq!(stored, Holds::default());
    set(0, 3600).await.unwrap();
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "at once").await;
    assert_eq!(sent_to_contacts(&app).await.len(), 1);
    app.advance(3599 * SECOND);
    assert_eq!(sent_to_operators(&app).await.len(), 0);
    app.advance(SECOND);
    assert_eq!(sent_to_operators(&app).await.len(), 1);
    let (entries, _) = helpdesky::audit::list(
        &app.app,
        key(&helpdesk),
        helpdesky::audit::Filter::default(),
        None,
    )
    .await
    .unwrap();
    let entry = entries
        .iter()
        .find(|entry| entry.action == "notification hold changed")
        .unwrap();
    assert_eq!(entry.detail, "contacts: 60 → 0 s, operators: 60 → 3600 s");
}

async fn more_messages_than_a_mail_carries_go_into_the_next(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    for number in 0..103 {
        app.operator_reply(&helpdesk, &id, &number.to_string()).await;
    }
    app.advance(MINUTE);
    let first = sent_to_contacts(&app).await;
    let second = sent_to_contacts(&app).await;
    let carried: Vec<String> = [bodies(&first[0]), bodies(&second[0])].concat();
    let expected: Vec<String> = (0..103).map(|number| number.to_string()).collect();
    assert_eq!(bodies(&first[0]).len(), 100);
    assert_eq!(carried, expected);
    app.advance(MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
}

async fn claiming_costs_the_same_however_many_wait(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    let cost = async || {
        app.operator_reply(&helpdesk, &id, "an answer").await;
        app.advance(MINUTE);
        follow(&app).await;
        // Others look at the time, too; they are done with it after a moment.
        tokio::time::sleep(std::time::Duration::from_millis(30)).await;
        let before = app.app.db().stats().statements;
        let mails = notifications::claim_due(&app.app, 1).await.unwrap();
        accept(&app, &mails[0]).await;
        app.app.db().stats().statements - before
    };
    // Other work slips in now and then, so the least of several counts.
    let least = async || {
        let mut least = u64::MAX;
        for _ in 0..5 {
            least = least.min(cost().await);
        }
        least
    };
    let alone = least().await;
    let far = app.app.now_ms() + 1000 * MINUTE;
    super::fill(&app, &helpdesk, &id, 10_000, far).await;
    assert!(least().await <= alone, "a claim looks at what waits");
}

async fn what_was_written_before_is_quoted_where_a_helpdesk_wants_it(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("Hello").await;
    app.operator_reply(&helpdesk, &id, "read").await;
    contact.history(&id).await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let plain = sent_to_contacts(&app).await;
    assert_eq!(
        (bodies(&plain[0]), plain[0].quoted.len()),
        (vec!["one".to_owned()], 0)
    );

    notifications::set_quotes_history(&app.app, key(&helpdesk), &Changer::Console, true)
        .await
        .unwrap();
    let holds = notifications::holds(&app.app, key(&helpdesk)).await.unwrap();
    assert_eq!(holds, Holds::default(), "the holds are as they were");
    for number in 2..6 {
        app.operator_reply(&helpdesk, &id, &number.to_string()).await;
    }
    app.operator_note(&helpdesk, &id, "between us").await;
    app.advance(MINUTE);
    let mail = &sent_to_contacts(&app).await[0];
    assert_eq!(bodies(mail), ["2", "3", "4", "5"]);
    let quoted: Vec<&str> = mail.quoted.iter().map(|carried| carried.body.as_str()).collect();
    assert_eq!(quoted, ["Hello", "read", "one"], "what both wrote, and no note");
    app.operator_reply(&helpdesk, &id, "6").await;
    app.advance(MINUTE);
    let mail = &sent_to_contacts(&app).await[0];
    let quoted: Vec<&str> = mail.quoted.iter().map(|carried| carried.body.as_str()).collect();
    assert_eq!(quoted, ["one", "2", "3", "4", "5"], "the latest five");
}
