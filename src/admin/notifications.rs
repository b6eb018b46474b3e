//! Commands about mails: what waits, what failed, and what to do about it.

use super::command::Notifications;
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::clock::iso8601;
use crate::error::{Error, Result};
use crate::ids::NotificationId;
use crate::notifications::{self, Filter, Listed, State};
use crate::operators::members::Changer;
use serde_json::{Value, json};

pub(super) async fn run(app: &App, command: Notifications) -> Result<Answer> {
    match command {
        Notifications::List { helpdesk, state } => list(app, &helpdesk, state.as_deref()).await,
        Notifications::Retry {
            helpdesk,
            notification,
        } => {
            let (helpdesk, id) = (find(app, &helpdesk).await?, parse(&notification)?);
            notifications::retry(app, helpdesk.id, &Changer::Console, id).await?;
            let json = json!({"id": id, "state": State::Retrying.name()});
            Ok(Answer::new(json, "It is tried again now."))
        }
        Notifications::Drop {
            helpdesk,
            notification: None,
            ..
        } => {
            let (helpdesk, words) = (find(app, &helpdesk).await?, "All that waited was dropped");
            let dropped = notifications::cancel_waiting(app, helpdesk.id, &Changer::Console, words).await?;
            Ok(Answer::new(
                json!({"dropped": dropped}),
                format!("Dropped {dropped}."),
            ))
        }
        Notifications::Drop {
            helpdesk,
            notification: Some(notification),
            ..
        } => {
            let (helpdesk, id) = (find(app, &helpdesk).await?, parse(&notification)?);
            notifications::drop_it(app, helpdesk.id, &Changer::Console, id).await?;
            let json = json!({"id": id, "state": State::Cancelled.name()});
            Ok(Answer::new(json, "Dropped. No other mail carries its messages."))
        }
    }
}

async fn list(app: &App, helpdesk: &str, state: Option<&str>) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let state = state.map(|name| State::from_name(name).ok_or_else(unknown_state));
    let filter = Filter {
        state: state.transpose()?,
    };
    let page = notifications::outbox(app, helpdesk.id, filter, None).await?;
    let rows: Vec<_> = page.items.iter().map(row).collect();
    let mut text = if rows.is_empty() {
        "No such mails.".to_owned()
    } else {
        table(&["NOTIFICATION", "STATE", "DUE", "TO", "SUBJECT", "WHY"], &rows)
    };
    if page.next.is_some() {
        text.push_str("\nThere are more; these are the newest.");
    }
    let json: Vec<Value> = page.items.iter().map(listed).collect();
    Ok(Answer::new(json!(json), text))
}

fn row(mail: &Listed) -> Vec<String> {
    vec![
        mail.id.to_string(),
        mail.state.name().to_owned(),
        mail.due_at.map(time).unwrap_or_default(),
        mail.address.clone(),
        mail.subject.clone(),
        mail.words.clone(),
    ]
}

fn listed(mail: &Listed) -> Value {
    let to = if mail.recipient.is_operator() {
        "operator"
    } else {
        "contact"
    };
    json!({"id": mail.id, "conversationId": mail.conversation_id, "recipient": to, "address": mail.address,
        "subject": mail.subject, "state": mail.state.name(), "attempt": mail.attempt, "words": mail.words,
        "changedBy": mail.changed_by, "createdAt": iso8601(mail.created_at),
        "dueAt": mail.due_at.map(iso8601), "endedAt": mail.ended_at.map(iso8601)})
}

fn parse(id: &str) -> Result<NotificationId> {
    id.parse().map_err(|_| {
        Error::not_found(
            "notification_not_found",
            "There is no such mail in this helpdesk; `helpdesky notifications list` shows them",
        )
    })
}

fn unknown_state() -> Error {
    let names: Vec<&str> = State::ALL.iter().map(|state| state.name()).collect();
    Error::unprocessable(
        "unknown_state",
        format!("A mail is in one of these states: {}", names.join(", ")),
    )
}
