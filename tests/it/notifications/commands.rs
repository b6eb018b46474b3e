//! The outbox from the command line.

use super::{MINUTE, claimed, record};
use crate::support::TestApp;
use helpdesky::admin::command::Notifications;
use helpdesky::admin::{self, Command};
use helpdesky::notifications::Outcome;

both_engines!(commands_list_retry_and_drop_mails);

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
        run(Notifications::List { helpdesk, state }).await
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
