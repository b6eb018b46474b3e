//! Commands about mail that comes in.

use super::command::Delivery;
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::mail_in::{self, Door, Reason, Received, Sender, State, mails};
use crate::{helpdesks, inboxes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

/// Takes a mail: it is durable when the command ends well.
pub(super) async fn deliver(app: &App, delivery: Delivery) -> Result<Answer> {
    let raw = STANDARD
        .decode(&delivery.raw)
        .map_err(|_| Error::invalid("invalid_mail", "The mail did not arrive whole"))?;
    if raw.is_empty() {
        return Err(Error::unprocessable(
            "empty_mail",
            "Standard input is empty; pipe a whole mail in, with its headers",
        ));
    }
    let sender = match delivery.from.as_deref().map(str::trim) {
        None => Sender::Unknown,
        Some("" | "<>") => Sender::Null,
        // How Postfix writes it, unless it is told otherwise.
        Some("MAILER-DAEMON") => Sender::Null,
        Some(address) => Sender::Address(address.to_owned()),
    };
    let mut ids = Vec::new();
    // Nothing is stored before all are known; what is stored and handed in again is known by its content.
    for (helpdesk_id, recipients) in recipients(app, delivery).await? {
        let received = Received {
            helpdesk_id,
            door: Door::Command,
            sender: sender.clone(),
            recipients,
            client: String::new(),
            raw: raw.clone(),
        };
        ids.push(mail_in::receive(app, received).await?);
    }
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Ok(Answer::new(
        json!({"id": ids.first(), "ids": ids}),
        format!("The mail is stored as {}", names.join(" and ")),
    ))
}

/// The helpdesks whose mail it is, each with its recipients.
async fn recipients(app: &App, delivery: Delivery) -> Result<Vec<(HelpdeskId, Vec<String>)>> {
    if let Some(id) = &delivery.helpdesk {
        return Ok(vec![(find(app, id).await?.id, delivery.to)]);
    }
    if delivery.to.is_empty() {
        return Ok(vec![(only(app).await?, Vec::new())]);
    }
    let mut found: Vec<(HelpdeskId, Vec<String>)> = Vec::new();
    for address in delivery.to {
        let id = match inboxes::helpdesk_of(app, &address).await? {
            Some(id) => id,
            None => only(app).await?,
        };
        match found.iter_mut().find(|(known, _)| *known == id) {
            Some((_, recipients)) => recipients.push(address),
            None => found.push((id, vec![address])),
        }
    }
    Ok(found)
}

async fn only(app: &App) -> Result<HelpdeskId> {
    let only = helpdesks::only(app).await?;
    only.map(|helpdesk| helpdesk.id).ok_or_else(|| {
        Error::not_found(
            "unknown_recipient",
            "Whose mail this is cannot be told: name the helpdesk with --helpdesk, or the forwarding address with --to",
        )
    })
}

/// The mails that wait for somebody.
pub(super) async fn quarantine(app: &App, helpdesk: &str) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let found = mails::list(app, helpdesk.id, Some(State::Quarantined), None).await?;
    let rows: Vec<_> = found
        .items
        .iter()
        .map(|mail| {
            let reason = mail.reason.map_or("", Reason::name).to_owned();
            vec![
                mail.id.to_string(),
                time(mail.received_at),
                mail.author_email.clone(),
                reason,
                mail.subject.clone(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "No mail is in quarantine".to_owned()
    } else {
        table(&["MAIL", "RECEIVED", "FROM", "REASON", "SUBJECT"], &rows)
    };
    let all = found.items.iter().map(|mail| {
        json!({
            "id": mail.id,
            "from": mail.author_email,
            "subject": mail.subject,
            "reason": mail.reason.map(Reason::name),
            "receivedAt": crate::clock::iso8601(mail.received_at),
        })
    });
    Ok(Answer::new(json!(all.collect::<Vec<_>>()), text))
}
