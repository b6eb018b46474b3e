//! Settings, the tab Incoming mail: mailboxes that mail is fetched from. What is done with one of them besides
//! changing it is in a file of its own.

use super::access::{Administrator, Reader, parsed};
use super::pages::choice::Choice;
use super::pages::mailboxes::{MailboxForm, MailboxPage, MailboxesPage, Standing};
use super::pages::outbox::Tone;
use super::{Answer, frame};
use crate::app::App;
use crate::config::{Hidden, Tls};
use crate::error::{Error, Kind};
use crate::ids::MailboxId;
use crate::mail_in::imap::{self, Afterwards, Mailbox, Settings};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

const TLS: [(Tls, &str); 3] = [
    (Tls::Implicit, "TLS (port 993)"),
    (Tls::StartTls, "STARTTLS (port 143)"),
    (Tls::Off, "None, only on this machine"),
];
const AUTH: [(&str, &str); 2] = [("password", "Password"), ("token", "Access token, by XOAUTH2")];
const AFTERWARDS: [(&str, &str); 3] = [
    ("seen", "Mark it as read"),
    ("move", "Move it to another folder"),
    ("leave", "Leave it as it is"),
];

/// The form of a mailbox, as typed.
#[derive(Deserialize)]
pub struct Fields {
    name: String,
    host: String,
    port: String,
    tls: String,
    auth: String,
    user: String,
    password: String,
    folder: String,
    afterwards: String,
    move_to: String,
    #[serde(default)]
    since: String,
}

/// `GET /h/{helpdesk}/settings/mailboxes`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn list(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = mailboxes_page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/mailboxes`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let read = read(&fields).and_then(|settings| Ok((settings, since(&view, &fields.since)?)));
    let errors = match read {
        Ok((settings, since_ms)) => {
            let by = reader.member.by();
            match imap::add(&app, reader.member.helpdesk_id, &by, &settings, since_ms).await {
                Ok(id) => {
                    let say = Flash::say("Mailbox added. Test the connection to see that it works");
                    return Ok(view.redirect(&app, &address(&reader, id), Some(&say)));
                }
                Err(error) => refusal(error)?,
            }
        }
        Err(errors) => errors,
    };
    let page = MailboxesPage {
        form: typed(&fields, false),
        errors,
        ..mailboxes_page(&app, &reader, view).await?
    };
    Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// `GET /h/{helpdesk}/settings/mailboxes/{mailbox}`.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn show(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
) -> Answer {
    let page = mailbox_page(&app, &reader, parsed(&id)?, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}`.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: MailboxId = parsed(&id)?;
    let errors = match read(&fields) {
        Ok(settings) => {
            let by = reader.member.by();
            match imap::change(&app, reader.member.helpdesk_id, id, &by, &settings).await {
                Ok(()) => {
                    let say = Flash::say("Mailbox saved");
                    return Ok(view.redirect(&app, &address(&reader, id), Some(&say)));
                }
                Err(error) => refusal(error)?,
            }
        }
        Err(errors) => errors,
    };
    let page = MailboxPage {
        form: typed(&fields, true),
        errors,
        ..mailbox_page(&app, &reader, id, view).await?
    };
    Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

/// Where a mailbox's page is.
pub(super) fn address(reader: &Reader, id: MailboxId) -> String {
    format!(
        "{}/settings/mailboxes/{id}",
        frame::base(reader.member.helpdesk_id)
    )
}

pub(super) async fn mailbox_page(
    app: &App,
    reader: &Reader,
    id: MailboxId,
    view: View,
) -> Result<MailboxPage, Error> {
    let mailbox = imap::get(app, reader.member.helpdesk_id, id).await?;
    Ok(MailboxPage {
        shell: frame::build(app, reader, view, "settings").await?,
        is_off: !app.config().mail_delivery,
        form: form(&mailbox),
        mailbox: standing(mailbox),
        trial: None,
        rescan_since: String::new(),
        errors: FieldErrors::default(),
    })
}

/// The day that a field of the reader means; none when it is empty.
pub(super) fn since(view: &View, typed: &str) -> Result<Option<i64>, FieldErrors> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let day = view.times.typed(&format!("{typed}T00:00"));
    let wrong = || FieldErrors::one("since", "Write a date such as 2026-01-31");
    day.map(Some).ok_or_else(wrong)
}

async fn mailboxes_page(app: &App, reader: &Reader, view: View) -> Result<MailboxesPage, Error> {
    let mailboxes = imap::list(app, reader.member.helpdesk_id).await?;
    Ok(MailboxesPage {
        shell: frame::build(app, reader, view, "settings").await?,
        is_off: !app.config().mail_delivery,
        mailboxes: mailboxes.into_iter().map(standing).collect(),
        form: MailboxForm {
            tls: choices(&TLS.map(|(tls, label)| (tls.name(), label)), Tls::Implicit.name()),
            auth: choices(&AUTH, "password"),
            afterwards: choices(&AFTERWARDS, "seen"),
            ..MailboxForm::default()
        },
        errors: FieldErrors::default(),
    })
}

fn read(fields: &Fields) -> Result<Settings, FieldErrors> {
    let port = match fields.port.trim() {
        "" => Some(0),
        typed => typed.parse::<u16>().ok().filter(|port| *port > 0),
    };
    let port = port.ok_or_else(|| FieldErrors::one("port", "Write a whole number from 1 to 65535"))?;
    let afterwards = Afterwards::named(&fields.afterwards, fields.move_to.trim());
    Ok(Settings {
        name: fields.name.clone(),
        host: fields.host.clone(),
        port,
        tls: Tls::named(&fields.tls).unwrap_or(Tls::Implicit),
        is_token: fields.auth == "token",
        user: fields.user.clone(),
        password: Hidden(fields.password.clone()),
        folder: fields.folder.clone(),
        afterwards: afterwards.unwrap_or(Afterwards::Seen),
    })
}

/// The field that a refusal is about.
fn refusal(error: Error) -> Result<FieldErrors, Error> {
    let field = match error.code {
        "invalid_port" => "port",
        "invalid_login" | "in_the_clear" => "password",
        "invalid_folder" => "folder",
        "invalid_move" => "move_to",
        _ if matches!(error.kind, Kind::Unprocessable | Kind::Conflict) => "host",
        _ => return Err(error),
    };
    Ok(FieldErrors::one(field, error.sentence))
}

/// The form as it was typed, without the password.
fn typed(fields: &Fields, has_password: bool) -> MailboxForm {
    MailboxForm {
        name: fields.name.clone(),
        host: fields.host.clone(),
        port: fields.port.clone(),
        tls: choices(&TLS.map(|(tls, label)| (tls.name(), label)), &fields.tls),
        auth: choices(&AUTH, &fields.auth),
        user: fields.user.clone(),
        has_password,
        folder: fields.folder.clone(),
        afterwards: choices(&AFTERWARDS, &fields.afterwards),
        move_to: fields.move_to.clone(),
        since: fields.since.clone(),
    }
}

fn form(mailbox: &Mailbox) -> MailboxForm {
    let auth = if mailbox.is_token { "token" } else { "password" };
    MailboxForm {
        name: mailbox.name.clone(),
        host: mailbox.host.clone(),
        port: mailbox.port.to_string(),
        tls: choices(&TLS.map(|(tls, label)| (tls.name(), label)), mailbox.tls.name()),
        auth: choices(&AUTH, auth),
        user: mailbox.user.clone(),
        has_password: true,
        folder: mailbox.folder.clone(),
        afterwards: choices(&AFTERWARDS, mailbox.afterwards.name()),
        move_to: mailbox.afterwards.folder().to_owned(),
        since: String::new(),
    }
}

fn choices(all: &[(&str, &str)], chosen: &str) -> Vec<Choice> {
    let choices = all.iter().map(|(value, label)| Choice {
        value: (*value).to_owned(),
        label: (*label).to_owned(),
        selected: *value == chosen,
    });
    choices.collect()
}

fn standing(mailbox: Mailbox) -> Standing {
    let (tone, state, reason, until_ms) = match mailbox.state {
        imap::State::Due => (Tone::Quiet, "Waiting to connect".to_owned(), None, None),
        imap::State::Connecting => (Tone::Quiet, "Connecting".to_owned(), None, None),
        imap::State::Connected { .. } => (Tone::Good, "Connected".to_owned(), None, None),
        imap::State::Waiting {
            until,
            kind: imap::Kind::Unreachable,
            ref words,
        } => (
            Tone::Unsure,
            "Waiting".to_owned(),
            Some(words.clone()),
            Some(until),
        ),
        imap::State::Waiting { until, ref words, .. } => {
            (Tone::Bad, "Paused".to_owned(), Some(words.clone()), Some(until))
        }
        imap::State::Paused { ref by, .. } => (Tone::Quiet, format!("Paused by {by}"), None, None),
    };
    let remedy = match &mailbox.state {
        imap::State::Waiting { kind, .. } => Some(match kind {
            imap::Kind::Unreachable => "It is tried again by itself. Nothing is lost meanwhile.",
            imap::Kind::Refused => "Correct the settings below. Nothing is lost meanwhile.",
            imap::Kind::Hostile => {
                "This is no mail server as it should be. Check its name, or ask whoever runs it."
            }
        }),
        _ => None,
    };
    Standing {
        id: mailbox.id.to_string(),
        is_paused: matches!(mailbox.state, imap::State::Paused { .. }),
        place: place(&mailbox.host, mailbox.port),
        name: mailbox.name,
        user: mailbox.user,
        folder: mailbox.folder,
        tone,
        state,
        reason,
        remedy,
        until_ms,
        last_mail_ms: mailbox.last_mail_at,
        looked_ms: mailbox.looked_at,
        scan_since_ms: mailbox.scan_since,
        fetched: mailbox.fetched,
        skipped: mailbox.skipped,
        skip_words: mailbox.skip_words,
        warning: mailbox.warning,
    }
}

pub(super) fn place(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}
