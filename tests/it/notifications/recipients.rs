//! Who gets a mail, and who does not.

use super::{
    MINUTE, bodies, claimed, conversation, follow, key, operator, operator_of, record, sent_to_contacts,
    sent_to_operators, state,
};
use crate::support::TestApp;
use helpdesky::conversations::by_operator;
use helpdesky::ids::ContactId;
use helpdesky::notifications::{self, MessageState, Outcome, Recipient, Refusal};
use helpdesky::operators::members::{self, Changer};

both_engines!(
    all_members_are_told_of_what_is_nobodys_and_the_assignee_of_what_is_theirs,
    a_conversation_that_changes_hands_takes_its_mail_along,
    who_switched_mails_off_or_was_removed_gets_none,
    helpdesks_with_the_same_people_stay_apart,
    who_unsubscribed_gets_none_and_the_operator_is_told,
    a_refused_address_gets_no_further_mail_until_it_is_forgiven,
    an_unproved_address_gets_nothing_that_its_owner_wrote,
    links_to_unsubscribe_cannot_be_made_up,
);

fn names(sent: &[(String, Vec<String>)]) -> Vec<&str> {
    sent.iter().map(|(name, _)| name.as_str()).collect()
}

async fn all_members_are_told_of_what_is_nobodys_and_the_assignee_of_what_is_theirs(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let one = operator(&app, &helpdesk, "one").await;
    operator(&app, &helpdesk, "two").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("Hello").await;
    app.advance(MINUTE);
    assert_eq!(names(&sent_to_operators(&app).await), ["one", "two"]);
    let assignee = Some(one.operator.id);
    by_operator::assign(&app.app, &one, conversation(&id), assignee)
        .await
        .unwrap();
    contact.reply(&id, "More").await;
    app.advance(MINUTE);
    assert_eq!(names(&sent_to_operators(&app).await), ["one"]);
}

async fn a_conversation_that_changes_hands_takes_its_mail_along(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let (one, two) = (
        operator(&app, &helpdesk, "one").await,
        operator(&app, &helpdesk, "two").await,
    );
    let contact = app.contact(&helpdesk, "user@example.com");
    let id = contact.open("Hello").await;
    let assign = async |id: &str, to: Option<helpdesky::ids::OperatorId>| {
        by_operator::assign(&app.app, &one, conversation(id), to)
            .await
            .unwrap();
        follow(&app).await;
    };
    assign(&id, Some(one.operator.id)).await;
    contact.reply(&id, "For the one who has it").await;
    follow(&app).await;
    app.advance(MINUTE / 2);
    assign(&id, Some(two.operator.id)).await;
    app.advance(MINUTE / 2);
    let sent = sent_to_operators(&app).await;
    assert_eq!(names(&sent), ["two"]);
    assert!(sent[0].1.contains(&"For the one who has it".to_owned()));
    assert_eq!(sent_to_operators(&app).await, []);
}

async fn who_switched_mails_off_or_was_removed_gets_none(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let (one, two, three) = (
        operator(&app, &helpdesk, "one").await,
        operator(&app, &helpdesk, "two").await,
        operator(&app, &helpdesk, "three").await,
    );
    let contact = app.contact(&helpdesk, "user@example.com");
    notifications::switch(&app.app, &two, false).await.unwrap();
    assert!(!notifications::is_switched_on(&app.app, &two).await.unwrap());
    let id = contact.open("Hello").await;
    follow(&app).await;
    // Even after the rows are there.
    members::remove(&app.app, key(&helpdesk), &Changer::Console, three.operator.id)
        .await
        .unwrap();
    app.advance(MINUTE);
    assert_eq!(names(&sent_to_operators(&app).await), ["one"]);
    notifications::switch(&app.app, &two, true).await.unwrap();
    notifications::switch(&app.app, &one, false).await.unwrap();
    contact.reply(&id, "More").await;
    app.advance(MINUTE);
    let sent = sent_to_operators(&app).await;
    assert_eq!(names(&sent), ["two"]);
}

async fn helpdesks_with_the_same_people_stay_apart(app: TestApp) {
    let (acme, other) = (app.helpdesk("Acme").await, app.helpdesk("Other").await);
    let mut ids = Vec::new();
    for (helpdesk, text) in [(&acme, "to acme"), (&other, "to other")] {
        let id = app.contact(helpdesk, "user@example.com").open(text).await;
        app.operator_reply(helpdesk, &id, &format!("answer {text}")).await;
        ids.push(id);
    }
    app.advance(MINUTE);
    // Reading in one is not reading in the other.
    app.contact(&acme, "user@example.com").history(&ids[0]).await;
    let sent = sent_to_contacts(&app).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].helpdesk_id, bodies(&sent[0])),
        (key(&other), vec!["answer to other".to_owned()])
    );
    let of_acme = app.member(&acme).await;
    let foreign = conversation(&ids[1]);
    for refused in [
        notifications::cancel(&app.app, &of_acme, foreign).await.err(),
        notifications::send_now(&app.app, &of_acme, foreign).await.err(),
        notifications::states(&app.app, &of_acme, foreign).await.err(),
    ] {
        assert_eq!(refused.unwrap().code, "conversation_not_found");
    }
    let by = Changer::Member(of_acme);
    let retried = notifications::retry(&app.app, key(&acme), &by, sent[0].id).await;
    assert_eq!(retried.unwrap_err().code, "notification_not_found");
    let dropped = notifications::drop_it(&app.app, key(&other), &by, sent[0].id).await;
    assert_eq!(dropped.unwrap_err().code, "notification_not_found");
}

async fn contact_of(app: &TestApp, helpdesk: &crate::support::TestHelpdesk) -> ContactId {
    let page = helpdesky::contacts::list(&app.app, key(helpdesk), None)
        .await
        .unwrap();
    page.items[0].contact.id
}

async fn who_unsubscribed_gets_none_and_the_operator_is_told(app: TestApp) {
    let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Other").await);
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    let elsewhere = app.contact(&other, "user@example.com").open("Hello").await;
    let contact_id = contact_of(&app, &helpdesk).await;
    let token = notifications::unsubscribe_token(&app.app, key(&helpdesk), contact_id);
    let asked = notifications::recipient_of(&app.app, &token).await.unwrap();
    assert_eq!(asked.email, "user@example.com");
    app.operator_reply(&helpdesk, &id, "one").await;
    app.operator_reply(&other, &elsewhere, "one").await;
    notifications::unsubscribe(&app.app, &token).await.unwrap();
    let words = "The contact has unsubscribed".to_owned();
    let expected = MessageState::Unreachable { words };
    assert_eq!(state(&app, &helpdesk, &id, 2).await, expected, "before it is due");
    app.advance(MINUTE);
    let sent = sent_to_contacts(&app).await;
    assert_eq!(sent.len(), 1, "the other helpdesk's");
    assert_eq!(sent[0].helpdesk_id, key(&other));
    assert_eq!(state(&app, &helpdesk, &id, 2).await, expected);

    notifications::subscribe_again(&app.app, &token).await.unwrap();
    app.operator_reply(&helpdesk, &id, "two").await;
    app.advance(MINUTE);
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["two"]);
}

async fn a_refused_address_gets_no_further_mail_until_it_is_forgiven(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app.contact(&helpdesk, "user@example.com").open("Hello").await;
    app.operator_reply(&helpdesk, &id, "one").await;
    app.advance(MINUTE);
    let mail = claimed(&app)
        .await
        .into_iter()
        .find(|mail| operator_of(mail).is_none());
    let refused = Outcome::Refused {
        words: "550 5.1.1 nobody here".to_owned(),
        address_is_bad: true,
    };
    record(&app, &mail.unwrap(), refused).await;
    let words = "550 5.1.1 nobody here".to_owned();
    assert_eq!(
        state(&app, &helpdesk, &id, 2).await,
        MessageState::Failed { words }
    );
    app.operator_reply(&helpdesk, &id, "two").await;
    app.advance(MINUTE);
    assert_eq!(sent_to_contacts(&app).await.len(), 0);
    let words = "The address does not work: 550 5.1.1 nobody here".to_owned();
    assert_eq!(
        state(&app, &helpdesk, &id, 3).await,
        MessageState::Unreachable { words }
    );

    let contact_id = contact_of(&app, &helpdesk).await;
    let refusal = notifications::refusal(&app.app, key(&helpdesk), contact_id).await;
    assert!(matches!(refusal.unwrap(), Some(Refusal::BadAddress { .. })));
    notifications::forgive(&app.app, key(&helpdesk), &Changer::Console, contact_id)
        .await
        .unwrap();
    app.operator_reply(&helpdesk, &id, "three").await;
    app.advance(MINUTE);
    assert_eq!(bodies(&sent_to_contacts(&app).await[0]), ["three"]);
}

async fn an_unproved_address_gets_nothing_that_its_owner_wrote(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app
        .contact(&helpdesk, "user@example.com")
        .open("Cheap watches at example.net")
        .await;
    app.operator_reply(&helpdesk, &id, "an answer").await;
    // As the public form leaves a contact.
    app.change("UPDATE contacts SET proved_at = NULL").await;
    app.change("UPDATE conversations SET channel = 'contact_form'")
        .await;
    app.advance(MINUTE);
    let mail = sent_to_contacts(&app).await.remove(0);
    assert!(mail.content_free && mail.subject.is_empty());
    assert!(bodies(&mail).iter().all(|body| body == "an answer"));
    assert!(matches!(mail.recipient, Recipient::Contact { .. }));
}

async fn links_to_unsubscribe_cannot_be_made_up(app: TestApp) {
    let (helpdesk, other) = (app.helpdesk("Acme").await, app.helpdesk("Other").await);
    app.contact(&helpdesk, "user@example.com").open("Hello").await;
    let contact_id = contact_of(&app, &helpdesk).await;
    let good = notifications::unsubscribe_token(&app.app, key(&helpdesk), contact_id);
    let foreign = notifications::unsubscribe_token(&app.app, key(&other), contact_id);
    let flipped = if good.starts_with('A') {
        good.replacen('A', "B", 1)
    } else {
        format!("A{}", &good[1..])
    };
    for bad in ["", "x", &good[..good.len() - 2], &flipped, &foreign] {
        let refused = notifications::unsubscribe(&app.app, bad).await;
        assert_eq!(refused.unwrap_err().code, "unknown_link", "{bad}");
    }
    let refusal = notifications::refusal(&app.app, key(&helpdesk), contact_id).await;
    assert_eq!(refusal.unwrap(), None);
}
