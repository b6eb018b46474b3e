//! Commands about mails: what waits, what failed, and what to do about it.

use super::command::Notifications;
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::clock::iso8601;
use crate::contacts;
use crate::error::{Error, Result};
use crate::ids::NotificationId;
use crate::notifications::{self, Automatic, Filter, Listed, State};
use crate::operators::members::Changer;
use mail::Address;
use serde_json::{Value, json};

pub(super) async fn run(app: &App, command: Notifications) -> Result<Answer> {
    match command {
        Notifications::List {
            helpdesk,
            state,
            before,
        } => list(app, &helpdesk, state.as_deref(), before.as_deref()).await,
        Notifications::Hold {
            helpdesk,
            contacts,
            operators,
        } => hold(app, &helpdesk, contacts, operators).await,
        Notifications::Forgive { helpdesk, contact } => forgive(app, &helpdesk, &contact).await,
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

async fn hold(app: &App, helpdesk: &str, contacts: Option<i64>, operators: Option<i64>) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let mut holds = notifications::holds(app, helpdesk.id).await?;
    holds.contact_seconds = contacts.unwrap_or(holds.contact_seconds);
    holds.operator_seconds = operators.unwrap_or(holds.operator_seconds);
    notifications::set_holds(app, helpdesk.id, &Changer::Console, holds).await?;
    let (to_contacts, to_operators) = (holds.contact_seconds, holds.operator_seconds);
    Ok(Answer::new(
        json!({"contacts": to_contacts, "operators": to_operators}),
        format!("Mails to contacts are held for {to_contacts} s, mails to operators for {to_operators} s."),
    ))
}

async fn forgive(app: &App, helpdesk: &str, contact: &str) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let unknown = || {
        Error::not_found(
            "contact_not_found",
            "This helpdesk has no contact with this address",
        )
    };
    let address = Address::parse(contact).map_err(|_| unknown())?;
    let contact = contacts::of_address(app, helpdesk.id, &address)
        .await?
        .ok_or_else(unknown)?;
    let was_bad = notifications::forgive(app, helpdesk.id, &Changer::Console, contact.id).await?;
    let text = if was_bad {
        "Mail goes to this address again."
    } else {
        "Nothing kept mail from this address."
    };
    Ok(Answer::new(
        json!({"contact": contact.id, "wasBad": was_bad}),
        text,
    ))
}

async fn list(app: &App, helpdesk: &str, state: Option<&str>, before: Option<&str>) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let before = before.map(parse).transpose()?;
    let state = state.map(|name| State::from_name(name).ok_or_else(unknown_state));
    let filter = Filter {
        state: state.transpose()?,
    };
    let page = notifications::outbox(app, helpdesk.id, filter, before).await?;
    let rows: Vec<_> = page.items.iter().map(row).collect();
    let mut text = if rows.is_empty() {
        "No such mails.".to_owned()
    } else {
        table(&["NOTIFICATION", "STATE", "DUE", "TO", "SUBJECT", "WHY"], &rows)
    };
    if page.next.is_some() {
        text.push_str("\nThere are older ones: --before with the last of these shows them.");
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
        match mail.automatic {
            Some(Automatic::Acknowledges) => format!("Acknowledgement: {}", mail.subject),
            Some(Automatic::Confirms) => format!("Confirmation: {}", mail.subject),
            None => mail.subject.clone(),
        },
        mail.words.clone(),
    ]
}

fn listed(mail: &Listed) -> Value {
    let to = if mail.recipient.is_operator() {
        "operator"
    } else {
        "contact"
    };
    let does = |automatic| mail.automatic == Some(automatic);
    json!({"id": mail.id, "conversationId": mail.conversation_id, "recipient": to, "address": mail.address,
        "subject": mail.subject, "state": mail.state.name(), "attempt": mail.attempt, "words": mail.words,
        "changedBy": mail.changed_by, "acknowledges": does(Automatic::Acknowledges), "confirms": does(Automatic::Confirms),
        "createdAt": iso8601(mail.created_at),
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
