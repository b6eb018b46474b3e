//! Settings, the tab Incoming mail: where mail is forwarded to, what came by which door, keys for programs,
//! and senders who are blocked or always let in. For administrators.

use super::access::{Administrator, Reader, parsed};
use super::pages::incoming::{self as pages, IncomingPage, Key, Rule};
use super::{Answer, acknowledgement, frame};
use crate::app::App;
use crate::error::{Kind, Result};
use crate::ids::EntryId;
use crate::inboxes::{self, keys};
use crate::mail_in::rules::{self, Treatment};
use crate::mail_in::{Door, mails};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// Which address is to be replaced.
#[derive(Debug, Deserialize)]
pub struct AddressFields {
    /// A browser leaves an unticked box out.
    at_once: Option<String>,
}

/// A key to be made.
#[derive(Debug, Deserialize)]
pub struct KeyFields {
    name: String,
}

/// A key to be removed.
#[derive(Debug, Deserialize)]
pub struct RemovedKey {
    id: String,
}

/// A sender and what becomes of their mail.
#[derive(Debug, Deserialize)]
pub struct SenderFields {
    sender: String,
    treatment: String,
}

/// A rule to be removed.
#[derive(Debug, Deserialize)]
pub struct RemovedSender {
    sender: String,
}

/// `GET /h/{helpdesk}/settings/incoming`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/incoming/address`: a new forwarding address.
///
/// # Errors
/// When the database refuses.
pub async fn renew(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<AddressFields>,
) -> Answer {
    let (member, at_once) = (&reader.member, fields.at_once.is_some());
    inboxes::renew(&app, member.helpdesk_id, &member.by(), at_once).await?;
    let say = if at_once {
        "The former address takes no more mail"
    } else {
        "The former address works for 30 more days"
    };
    Ok(view.redirect(&app, &address(&reader), Some(&Flash::say(say))))
}

/// `POST /h/{helpdesk}/settings/incoming/keys`: a new key, shown once.
///
/// # Errors
/// When the database refuses.
pub async fn make_key(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<KeyFields>,
) -> Answer {
    let member = &reader.member;
    let made = keys::make(&app, member.helpdesk_id, &member.by(), &fields.name).await;
    let mut page = page(&app, &reader, view).await?;
    match made {
        Ok(made) => {
            page.new_key = Some(made.text);
            Ok(page.shell.view.show(&page))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            page.key_name = fields.name;
            page.errors = FieldErrors::one("name", error.sentence);
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/settings/incoming/keys/removal`.
///
/// # Errors
/// When the database refuses.
pub async fn remove_key(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<RemovedKey>,
) -> Answer {
    let (member, id) = (&reader.member, parsed::<EntryId>(&fields.id)?);
    keys::remove(&app, member.helpdesk_id, &member.by(), id).await?;
    let say = Flash::say("The key was removed");
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

/// `POST /h/{helpdesk}/settings/incoming/senders`: blocks a sender, or always lets them in.
///
/// # Errors
/// When the database refuses.
pub async fn set_sender(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<SenderFields>,
) -> Answer {
    let member = &reader.member;
    let treatment = if fields.treatment == "allow" {
        Treatment::Allow
    } else {
        Treatment::Block
    };
    match rules::set(&app, member.helpdesk_id, &member.by(), &fields.sender, treatment).await {
        Ok(sender) => {
            let done = match treatment {
                Treatment::Block => "blocked",
                Treatment::Allow => "always let in",
            };
            let say = Flash::say(format!("{sender} is {done}"));
            Ok(view.redirect(&app, &address(&reader), Some(&say)))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let mut page = page(&app, &reader, view).await?;
            page.sender = fields.sender;
            page.errors = FieldErrors::one("sender", error.sentence);
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/settings/incoming/senders/removal`.
///
/// # Errors
/// When the database refuses.
pub async fn remove_sender(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<RemovedSender>,
) -> Answer {
    let member = &reader.member;
    rules::remove(&app, member.helpdesk_id, &member.by(), &fields.sender).await?;
    let say = Flash::say("The rule was removed");
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

fn address(reader: &Reader) -> String {
    format!("{}/settings/incoming", frame::base(reader.member.helpdesk_id))
}

pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<IncomingPage> {
    let helpdesk_id = reader.member.helpdesk_id;
    let shell = frame::build(app, reader, view, "settings").await?;
    let mut addresses = inboxes::forwarding_addresses(app, helpdesk_id).await?.into_iter();
    let current = addresses.next().map(|current| current.address);
    let latest = mails::latest_by_door(app, helpdesk_id).await?;
    let confirmation = mails::latest_confirmation(app, helpdesk_id).await?;
    Ok(IncomingPage {
        current,
        base_url: app.config().base_url.clone(),
        former: addresses
            .filter_map(|former| Some((former.address, former.ends_at?)))
            .collect(),
        listens: app.config().mail_in.listen.is_some(),
        doors: latest
            .into_iter()
            .map(|(door, id, at_ms)| pages::DoorLine {
                label: match door {
                    Door::Smtp => "Forwarding and answers (SMTP)",
                    Door::Imap => "Mailboxes (IMAP)",
                    Door::Api => "Programs (API)",
                    Door::Command => "Commands on the server",
                },
                href: format!("{}/mails/{id}", shell.base),
                at_ms,
            })
            .collect(),
        confirmation: confirmation.map(|(mail, code, link)| pages::Confirmation {
            from: mail.author_email,
            subject: mail.subject,
            code,
            link,
            at_ms: mail.received_at,
        }),
        keys: keys::list(app, helpdesk_id)
            .await?
            .into_iter()
            .map(|key| Key {
                id: key.id.to_string(),
                name: key.name,
                ending: key.ending,
                created_ms: key.created_at,
                used_ms: key.last_used_at,
            })
            .collect(),
        rules: rules::list(app, helpdesk_id)
            .await?
            .into_iter()
            .map(|rule| Rule {
                sender: rule.sender,
                is_blocked: rule.treatment == Treatment::Block,
            })
            .collect(),
        acknowledgement: acknowledgement::read(app, reader).await?,
        new_key: None,
        key_name: String::new(),
        sender: String::new(),
        errors: FieldErrors::default(),
        shell,
    })
}
