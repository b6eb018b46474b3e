//! The outbox from the command line.

use super::{MINUTE, claimed, record};
use crate::support::TestApp;
use helpdesky::admin::command::Notifications;
use helpdesky::admin::{self, Command};
use helpdesky::notifications::{self, Filter, Outcome, State};
use helpdesky::operators::members::Changer;

both_engines!(
    commands_list_retry_and_drop_mails,
    commands_set_holds_and_forgive_addresses,
);

async fn commands_list_retry_and_drop_mails(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let id = app
        .contact(&helpdesk, "user@example.com")
        .open("My question")
        .await;
    app.operator_reply(&helpdesk, &id, "a secret answer").await;
    app.advance(MINUTE);
    for mail in claimed(&app).await {
        let words = "554 not today".to_owned();
        let address_is_bad = false;
        let refused = Outcome::Refused {
            words,
            address_is_bad,
        };
        record(&app, &mail, refused).await;
    }
    let run = async |command| admin::run(&app.app, Command::Notifications(command)).await;
    let list = async |state: Option<&str>| {
        let (helpdesk, state) = (helpdesk.id.clone(), state.map(str::to_owned));
        run(Notifications::List {
            helpdesk,
            state,
            before: None,
        })
        .await
    };
    let answer = list(Some("failed")).await.unwrap();
    assert!(answer.text.contains("554 not today") && answer.text.contains("user@example.com"));
    assert!(!answer.text.contains("a secret answer"));
    let (mail, notification) = (&answer.json[0], answer.json[0]["id"].as_str().unwrap().to_owned());
    assert_eq!(
        (mail["state"].as_str(), mail["recipient"].as_str()),
        (Some("failed"), Some("contact"))
    );
    assert_eq!(list(Some("lost")).await.unwrap_err().code, "unknown_state");

    let named = |notification: &str| (helpdesk.id.clone(), notification.to_owned());
    let (helpdesk_id, of) = named(&notification);
    run(Notifications::Retry {
        helpdesk: helpdesk_id,
        notification: of,
    })
    .await
    .unwrap();
    assert_eq!(list(Some("retrying")).await.unwrap().json[0]["id"], *notification);
    let (helpdesk_id, of) = named(&notification);
    run(Notifications::Drop {
        helpdesk: helpdesk_id,
        notification: Some(of),
        waiting: false,
    })
    .await
    .unwrap();
    let dropped = list(Some("cancelled")).await.unwrap();
    assert_eq!(dropped.json[0]["changedBy"], "the server’s administrator");
    let (helpdesk_id, of) = named("nonsense");
    let refused = run(Notifications::Drop {
        helpdesk: helpdesk_id,
        notification: Some(of),
        waiting: false,
    })
    .await;
    assert_eq!(refused.unwrap_err().code, "notification_not_found");
    let (helpdesk_id, _) = named("");
    let all = Notifications::Drop {
        helpdesk: helpdesk_id,
        notification: None,
        waiting: true,
    };
    assert_eq!(
        run(all).await.unwrap().json["dropped"],
        0,
        "nothing waits any more"
    );
}

async fn commands_set_holds_and_forgive_addresses(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let run = async |command| admin::run(&app.app, Command::Notifications(command)).await;
    let hold = async |contacts, operators| {
        let helpdesk = helpdesk.id.clone();
        run(Notifications::Hold {
            helpdesk,
            contacts,
            operators,
        })
        .await
    };
    let shown = hold(None, None).await.unwrap().json;
    assert_eq!(
        (&shown["contacts"], &shown["operators"]),
        (&60.into(), &60.into())
    );
    hold(None, Some(5)).await.unwrap();
    let shown = hold(None, None).await.unwrap().json;
    assert_eq!((&shown["contacts"], &shown["operators"]), (&60.into(), &5.into()));
    assert_eq!(hold(Some(3601), None).await.unwrap_err().code, "invalid_hold");

    let id = app
        .contact(&helpdesk, "user@example.com")
        .open("My question")
        .await;
    app.operator_reply(&helpdesk, &id, "an answer").await;
    app.advance(MINUTE);
    for mail in claimed(&app).await {
        let outcome = Outcome::Refused {
            words: "550 5.1.1 no such user".to_owned(),
            address_is_bad: true,
        };
        record(&app, &mail, outcome).await;
    }
    let forgive = async |contact: &str| {
        let (helpdesk, contact) = (helpdesk.id.clone(), contact.to_owned());
        run(Notifications::Forgive { helpdesk, contact }).await
    };
    for stranger in ["nobody@example.com", "not an address"] {
        assert_eq!(forgive(stranger).await.unwrap_err().code, "contact_not_found");
    }
    app.operator_reply(&helpdesk, &id, "another").await;
    app.advance(MINUTE);
    assert!(claimed(&app).await.is_empty(), "the address is known to be bad");
    assert_eq!(forgive("User@example.com").await.unwrap().json["wasBad"], true);
    assert_eq!(forgive("user@example.com").await.unwrap().json["wasBad"], false);
    app.operator_reply(&helpdesk, &id, "a third").await;
    app.advance(MINUTE);
    assert_eq!(claimed(&app).await.len(), 1);
}

both_engines!(retrying_what_did_not_reach_somebody_means_that_it_may_by_now);

async fn retrying_what_did_not_reach_somebody_means_that_it_may_by_now(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let user = app.contact(&helpdesk, "user@example.com");
    let id = user.open("My question").await;
    let contact_id = user.verify().await["contact"]["id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let helpdesk_id = super::key(&helpdesk);
    notifications::mark_bad(&app.app, helpdesk_id, contact_id, "550")
        .await
        .unwrap();
    app.operator_reply(&helpdesk, &id, "an answer").await;
    app.advance(MINUTE);
    claimed(&app).await;
    let unreachable = Filter {
        state: Some(State::Unreachable),
    };
    let page = notifications::outbox(&app.app, helpdesk_id, unreachable, None)
        .await
        .unwrap();
    let mail = page.items[0].id;
    let retry = async || notifications::retry(&app.app, helpdesk_id, &Changer::Console, mail).await;

    let token = notifications::unsubscribe_token(&app.app, helpdesk_id, contact_id);
    notifications::unsubscribe(&app.app, &token).await.unwrap();
    assert_eq!(retry().await.unwrap_err().code, "contact_unsubscribed");
    notifications::subscribe_again(&app.app, &token).await.unwrap();
    retry().await.unwrap();
    let again = claimed(&app).await;
    assert_eq!(again.iter().map(|again| again.id).collect::<Vec<_>>(), [mail]);
}
