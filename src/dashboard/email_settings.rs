//! Settings, the tab Email: the sender, the relay, and a trial of them; signatures are in a file of
//! their own.

use super::access::{Administrator, Reader};
use super::pages::choice::Choice;
use super::pages::email_settings::{Dkim, EmailSettingsPage, RelayForm, Road, Sender, Trial};
use super::{Answer, frame};
use crate::app::App;
use crate::config::{Auth, Hidden, Login, Mailer, Relay, Tls};
use crate::error::{Error, Kind};
use crate::mail_out::settings::{self, Change, OwnRelay, Settings};
use crate::mail_out::{Outcome, delivery, smtp};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use mail::dkim::Algorithm;
use serde::Deserialize;

const TLS: [(Tls, &str); 3] = [
    (Tls::Implicit, "TLS (port 465)"),
    (Tls::StartTls, "STARTTLS (port 587)"),
    (Tls::Off, "None, only on this machine or network (port 25)"),
];
const AUTH: [(Auth, &str); 4] = [
    (Auth::Any, "Password"),
    (Auth::Plain, "Password, by PLAIN"),
    (Auth::Login, "Password, by LOGIN"),
    (Auth::XOAuth2, "Access token, by XOAUTH2"),
];

/// The form of the sender.
#[derive(Debug, Deserialize)]
pub struct SenderFields {
    from_name: String,
    from_address: String,
    support_url: String,
}

/// The form of the relay, as typed.
#[derive(Deserialize)]
pub struct RelayFields {
    host: String,
    port: String,
    tls: String,
    auth: String,
    user: String,
    password: String,
    rate: String,
    connections: String,
}

/// The form of the trial.
#[derive(Debug, Deserialize)]
pub struct TrialFields {
    to: String,
}

/// `GET /h/{helpdesk}/settings/email`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn show(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/email/sender`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn sender(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<SenderFields>,
) -> Answer {
    let change = Change {
        from_name: Some(fields.from_name.clone()),
        from_address: Some(fields.from_address.clone()),
        support_url: Some(fields.support_url.clone()),
        ..Change::default()
    };
    match set(&app, &reader, change).await {
        Ok(()) => Ok(view.redirect(&app, &address(&reader), Some(&Flash::say("Sender saved")))),
        Err(error) if error.kind == Kind::Unprocessable => {
            let field = match error.code {
                "invalid_url" => "support_url",
                _ => "from_address",
            };
            let mut page = page(&app, &reader, view).await?;
            page.sender = Sender {
                from_name: fields.from_name,
                from_address: fields.from_address,
                support_url: fields.support_url,
                ..page.sender
            };
            refuse(page, FieldErrors::one(field, error.sentence))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/settings/email/relay`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn relay(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<RelayFields>,
) -> Answer {
    let stored = settings::of(&app, reader.member.helpdesk_id).await?;
    let change = match read_relay(&fields, &stored) {
        Ok(change) => change,
        Err(errors) => {
            let mut page = page(&app, &reader, view).await?;
            page.relay = typed(&fields, page.relay.has_password);
            return refuse(page, errors);
        }
    };
    set(&app, &reader, change).await?;
    let say = if fields.host.trim().is_empty() {
        "Mail server removed"
    } else {
        "Mail server saved. Send a test mail to see that it works"
    };
    Ok(view.redirect(&app, &address(&reader), Some(&Flash::say(say))))
}

fn read_relay(fields: &RelayFields, stored: &Settings) -> Result<Change, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut number = |field: &'static str, typed: &str, most: u32| match typed.trim() {
        "" => Some(0),
        typed => {
            let found = typed
                .parse::<u32>()
                .ok()
                .filter(|number| (1..=most).contains(number));
            if found.is_none() {
                errors.add(
                    field,
                    format!("Write a whole number from 1 to {most}, or nothing for the usual"),
                );
            }
            found
        }
    };
    let per_minute = number("rate", &fields.rate, settings::MOST_PER_MINUTE);
    let connections = number("connections", &fields.connections, settings::MOST_CONNECTIONS);
    let port = number("port", &fields.port, u32::from(u16::MAX));
    let relay = if fields.host.trim().is_empty() {
        Some(OwnRelay::None)
    } else {
        let tls = Tls::named(&fields.tls).unwrap_or(Tls::Implicit);
        let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default();
        let port = if port == 0 { tls.port() } else { port };
        match Relay::new(fields.host.trim(), port, tls, login(fields, stored, port)) {
            Ok(relay) => Some(OwnRelay::Relay(relay)),
            Err(why) => {
                let field = match why {
                    crate::config::InvalidRelay::Host => "host",
                    crate::config::InvalidRelay::Port => "port",
                    crate::config::InvalidRelay::Login | crate::config::InvalidRelay::InTheClear => {
                        "password"
                    }
                };
                errors.add(field, format!("The mail server {why}"));
                None
            }
        }
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Change {
        relay,
        per_minute,
        connections,
        ..Change::default()
    })
}

/// Who we are to the relay. A password that is stored is kept while host, port and user stay the same:
/// otherwise somebody who may change settings could have it sent to a server of theirs.
fn login(fields: &RelayFields, stored: &Settings, port: u16) -> Option<Login> {
    let user = fields.user.trim();
    if user.is_empty() && fields.password.is_empty() {
        return None;
    }
    let same_place = |relay: &&Relay| {
        stored.has_own_relay && relay.host.eq_ignore_ascii_case(fields.host.trim()) && relay.port == port
    };
    let kept = stored
        .relay
        .as_ref()
        .filter(same_place)
        .and_then(|relay| relay.login.clone());
    let password = match kept.filter(|login| fields.password.is_empty() && login.user == user) {
        Some(login) => login.password,
        None => Hidden(fields.password.clone()),
    };
    Some(Login {
        user: user.to_owned(),
        password,
        auth: Auth::named(&fields.auth).unwrap_or(Auth::Any),
    })
}

/// `POST /h/{helpdesk}/settings/email/trial`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn trial(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<TrialFields>,
) -> Answer {
    let sent = delivery::send_test(&app, reader.member.helpdesk_id, fields.to.trim()).await;
    let mut page = page(&app, &reader, view).await?;
    page.test_to = fields.to;
    match sent {
        Ok((outcome, dialogue)) => {
            page.trial = Some(told(&outcome, &dialogue));
            Ok(page.shell.view.show(&page))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            refuse(page, FieldErrors::one("to", error.sentence))
        }
        Err(error) if error.kind == Kind::Conflict => {
            page.trial = Some(Trial {
                good: false,
                headline: "Nothing was sent".to_owned(),
                remedy: Some(remedy(error.code).to_owned()),
                dialogue: Vec::new(),
            });
            Ok(page.shell.view.show_as(StatusCode::CONFLICT, &page))
        }
        Err(error) => Err(error.into()),
    }
}

fn remedy(code: &str) -> &'static str {
    match code {
        "no_sender" => "Write the address that mail is from under Sender, then try again.",
        _ => "Enter a mail server above, then try again.",
    }
}

fn told(outcome: &Outcome, dialogue: &[smtp::Spoken]) -> Trial {
    let (good, headline, remedy) = match outcome {
        Outcome::Accepted { words } => (
            true,
            format!("The mail server took it: {words}"),
            Some("Look whether it arrives, and whether it lands among spam.".to_owned()),
        ),
        Outcome::Refused { words, .. } => (false, format!("Refused: {words}"), None),
        Outcome::Later { words } | Outcome::NotSetUp { words } => (false, format!("Not sent: {words}"), None),
        Outcome::Uncertain { words } => (false, format!("Uncertain: {words}"), None),
    };
    Trial {
        good,
        headline,
        remedy,
        dialogue: dialogue.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn address(reader: &Reader) -> String {
    format!("{}/settings/email", frame::base(reader.member.helpdesk_id))
}

pub(super) fn refuse(mut page: EmailSettingsPage, errors: FieldErrors) -> Answer {
    page.errors = errors;
    Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
}

pub(super) async fn set(app: &App, reader: &Reader, change: Change) -> Result<(), Error> {
    settings::set(app, reader.member.helpdesk_id, &reader.member.by(), change).await
}

pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<EmailSettingsPage, Error> {
    let settings = settings::of(app, reader.member.helpdesk_id).await?;
    let shell = frame::build(app, reader, view, "settings").await?;
    let usual = settings::usual_address(app);
    let own = |value: &Option<String>| {
        let value = value.clone().filter(|value| Some(value) != usual.as_ref());
        value.unwrap_or_default()
    };
    let relay = settings.relay.as_ref().filter(|_| settings.has_own_relay);
    Ok(EmailSettingsPage {
        road: road(app, &settings),
        sender: Sender {
            from_name: Some(settings.from_name.clone())
                .filter(|name| *name != shell.helpdesk_name)
                .unwrap_or_default(),
            from_address: own(&settings.from_address),
            usual_address: usual.clone(),
            support_url: settings.support_url.clone().unwrap_or_default(),
        },
        relay: form(relay, &settings),
        dkim: settings.dkim.as_ref().map(|key| {
            let record = key.record();
            Dkim {
                algorithm: match key.algorithm() {
                    Algorithm::Ed25519 => "Ed25519",
                    Algorithm::Rsa => "RSA",
                },
                record_name: record.name,
                record_text: record.value,
                looked_up: None,
            }
        }),
        test_to: reader.member.operator.email.clone(),
        trial: None,
        errors: FieldErrors::default(),
        shell,
    })
}

fn road(app: &App, settings: &Settings) -> Road {
    if !app.config().mail_delivery {
        return Road::Off;
    }
    match app.config().mailer {
        Mailer::Smtp => match &settings.relay {
            None => Road::None,
            Some(relay) if settings.has_own_relay => Road::Own(relay.place()),
            Some(relay) => Road::Installation(relay.place()),
        },
        Mailer::File => Road::Development("a folder in the data folder".to_owned()),
        Mailer::Console => Road::Development("the server’s terminal".to_owned()),
        Mailer::Memory => Road::Development("memory".to_owned()),
    }
}

fn form(relay: Option<&Relay>, settings: &Settings) -> RelayForm {
    let login = relay.and_then(|relay| relay.login.as_ref());
    let tls = relay.map_or(Tls::Implicit, |relay| relay.tls);
    let auth = login.map_or(Auth::Any, |login| login.auth);
    RelayForm {
        host: relay.map(|relay| relay.host.clone()).unwrap_or_default(),
        port: relay.map(|relay| relay.port.to_string()).unwrap_or_default(),
        tls: choices(&TLS, tls, Tls::name),
        auth: choices(&AUTH, auth, Auth::name),
        user: login.map(|login| login.user.clone()).unwrap_or_default(),
        has_password: login.is_some(),
        rate: settings
            .limits
            .per_minute
            .map(|rate| rate.to_string())
            .unwrap_or_default(),
        connections: settings.limits.connections.to_string(),
    }
}

/// The form as it was typed, without the password.
fn typed(fields: &RelayFields, has_password: bool) -> RelayForm {
    RelayForm {
        host: fields.host.clone(),
        port: fields.port.clone(),
        tls: choices(&TLS, Tls::named(&fields.tls).unwrap_or(Tls::Implicit), Tls::name),
        auth: choices(&AUTH, Auth::named(&fields.auth).unwrap_or(Auth::Any), Auth::name),
        user: fields.user.clone(),
        has_password,
        rate: fields.rate.clone(),
        connections: fields.connections.clone(),
    }
}

fn choices<T: Copy + PartialEq>(all: &[(T, &str)], chosen: T, name: fn(T) -> &'static str) -> Vec<Choice> {
    let choices = all.iter().map(|(one, label)| Choice {
        value: name(*one).to_owned(),
        label: (*label).to_owned(),
        selected: *one == chosen,
    });
    choices.collect()
}
