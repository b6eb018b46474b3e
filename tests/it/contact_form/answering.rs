//! How the team answers somebody who wrote by form: by mail, which carries nothing of what was typed.

use helpdesky::notifications;
use serde_json::json;

use super::received;
use crate::support::TestApp;

both_engines!(
    an_answer_is_mailed_and_carries_nothing_that_the_sender_typed,
    a_proved_contact_gets_nothing_of_it_either,
);

const TYPED: [&str; 3] = ["Your bank", "Click here", "http://evil.example"];

/// What of a mail comes from outside must not be what was typed.
#[track_caller]
fn clean(mail: &notifications::Claimed) {
    let shown = format!("{mail:?}");
    for typed in TYPED {
        assert!(!shown.contains(typed), "{typed} in {shown}");
    }
    assert!(mail.unverified && !mail.content_free);
    assert_eq!((mail.subject.as_str(), mail.name.as_str()), ("", ""));
}

async fn answered(app: &TestApp, proved: bool) {
    let helpdesk = app.helpdesk("Acme").await;
    if proved {
        app.contact(&helpdesk, "victim@example.com").verify().await;
    }
    let more = json!({"name": TYPED[0], "subject": TYPED[1]});
    received(
        &app.write_by_form(&helpdesk, "victim@example.com", TYPED[2], more)
            .await,
    );
    let id = app.open_list(&helpdesk).await[0].conversation.id.to_string();
    app.operator_reply(&helpdesk, &id, "What may we do for you?")
        .await;
    notifications::catch_up(&app.app).await.unwrap();
    app.advance(120_000);
    let claimed = notifications::claim_due(&app.app, 10).await.unwrap();
    let mails: Vec<_> = claimed
        .iter()
        .filter(|mail| !mail.recipient.is_operator())
        .collect();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].address, "victim@example.com");
    assert_eq!(mails[0].messages.len(), 1);
    assert_eq!(mails[0].messages[0].body, "What may we do for you?");
    clean(mails[0]);
}

async fn an_answer_is_mailed_and_carries_nothing_that_the_sender_typed(app: TestApp) {
    answered(&app, false).await;
}

async fn a_proved_contact_gets_nothing_of_it_either(app: TestApp) {
    answered(&app, true).await;
}
