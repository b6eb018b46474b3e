//! Commands about mail; those about outgoing mail are here.

use super::command::{Mail, MailChange, MailSettings};
use super::helpdesks::find;
use super::{Answer, received};
use crate::app::App;
use crate::audit::By;
use crate::config::{Relay, Tls};
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::mail_out::settings::{self, Change, OwnRelay, Settings, Signing};
use crate::mail_out::{Outcome, delivery};
use serde_json::{Value, json};
use zeroize::Zeroizing;

pub(super) async fn run(app: &App, command: Mail) -> Result<Answer> {
    match command {
        Mail::Deliver(delivery) => received::deliver(app, delivery).await,
        Mail::Quarantine { helpdesk } => received::quarantine(app, &helpdesk).await,
        Mail::Test { helpdesk, to } => test(app, &helpdesk, &to).await,
        Mail::Settings(MailSettings::Show { helpdesk }) => {
            let helpdesk = find(app, &helpdesk).await?;
            show(app, helpdesk.id).await
        }
        Mail::Settings(MailSettings::Set(change)) => {
            let helpdesk = find(app, &change.helpdesk).await?;
            settings::set(app, helpdesk.id, &By::console(), read(*change)?).await?;
            show(app, helpdesk.id).await
        }
    }
}

async fn test(app: &App, helpdesk: &str, to: &str) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let (outcome, dialogue) = delivery::send_test(app, helpdesk.id, to).await?;
    let mut lines: Vec<String> = dialogue.iter().map(ToString::to_string).collect();
    let (name, verdict) = match &outcome {
        Outcome::Accepted { words } => ("accepted", format!("The mail server took the mail: {words}")),
        Outcome::Refused { words, .. } => ("refused", format!("Refused: {words}")),
        Outcome::Later { words } => ("later", format!("Not taken: {words}")),
        Outcome::NotSetUp { words } => ("not_set_up", words.clone()),
        Outcome::Uncertain { words } => ("uncertain", format!("Uncertain: {words}")),
    };
    lines.push(format!("\n{verdict}"));
    let said: Vec<Value> = dialogue
        .iter()
        .map(|line| json!({"afterMs": line.after_ms, "line": line.to_string()}))
        .collect();
    Ok(Answer {
        good: matches!(outcome, Outcome::Accepted { .. }),
        ..Answer::new(
            json!({"outcome": name, "says": verdict, "dialogue": said}),
            lines.join("\n"),
        )
    })
}

fn read(change: MailChange) -> Result<Change> {
    let relay = match change.relay.as_deref().map(str::trim) {
        None if change.password.password_stdin => {
            // A password belongs to a server: with another one it would be shown to that.
            let sentence = "A password is set together with its mail server: name it with --relay";
            return Err(Error::unprocessable("password_without_server", sentence));
        }
        None => None,
        Some("") => Some(OwnRelay::None),
        Some(url) => Some(OwnRelay::Relay(relay(url, &change)?)),
    };
    let pem = Zeroizing::new(change.dkim_pem);
    let dkim = change.dkim_selector.map(|selector| match selector.trim() {
        "" => Signing::Off,
        selector if pem.is_empty() => Signing::New {
            selector: selector.to_owned(),
        },
        selector => Signing::Given {
            selector: selector.to_owned(),
            pem,
        },
    });
    Ok(Change {
        from_name: change.from_name,
        from_address: change.from_address,
        support_url: change.support_url,
        relay,
        per_minute: change.per_minute,
        connections: change.connections,
        dkim,
    })
}

/// The URL may hold a password all the same, so that it is not repeated.
fn relay(url: &str, change: &MailChange) -> Result<Relay> {
    let wrong = |sentence| Error::unprocessable("invalid_mail_server", sentence);
    if url::Url::parse(url).is_ok_and(|url| url.password().is_some()) {
        return Err(wrong(
            "Others on this machine can read a command line: leave the password out of the address and pass it with --password-stdin",
        ));
    }
    let relay = if change.password.password_stdin {
        Relay::parse_with(url, &change.password.text)
    } else {
        Relay::parse(url)
    };
    relay.ok_or_else(|| {
        wrong(
            "This is no mail server; write smtps://user@host, or smtp://user@host for STARTTLS, with --password-stdin; without a user no password; a password without TLS goes to this machine only",
        )
    })
}

async fn show(app: &App, id: HelpdeskId) -> Result<Answer> {
    let settings = settings::of(app, id).await?;
    let none = || "none".to_owned();
    let record = settings.dkim.as_ref().map(mail::dkim::DkimKey::record);
    let lines = [
        format!("from name     {}", settings.from_name),
        format!(
            "from address  {}",
            settings.from_address.clone().unwrap_or_else(none)
        ),
        format!(
            "support page  {}",
            settings.support_url.clone().unwrap_or_else(none)
        ),
        format!(
            "mail server   {}",
            settings
                .relay
                .as_ref()
                .map_or_else(none, |relay| server(relay, &settings))
        ),
        format!(
            "limits        {} connections, {}",
            settings.limits.connections,
            settings.limits.per_minute.map_or_else(
                || "any number of mails".to_owned(),
                |number| format!("{number} mails a minute")
            )
        ),
        match &record {
            Some(record) => format!(
                "DKIM          put this into the DNS:\n{} TXT {}",
                record.name,
                record.quoted()
            ),
            None => "DKIM          not signed here".to_owned(),
        },
    ];
    let relay = settings.relay.as_ref().map(|relay| {
        json!({"host": relay.host, "port": relay.port, "tls": relay.tls.name(), "own": settings.has_own_relay,
            "user": relay.login.as_ref().map(|login| &login.user),
            "auth": relay.login.as_ref().map(|login| login.auth.name())})
    });
    let json = json!({
        "fromName": settings.from_name, "fromAddress": settings.from_address, "supportUrl": settings.support_url,
        "relay": relay, "connections": settings.limits.connections, "perMinute": settings.limits.per_minute,
        "dkim": record.map(|record| json!({"name": record.name, "value": record.value})),
    });
    Ok(Answer::new(json, lines.join("\n")))
}

fn server(relay: &Relay, settings: &Settings) -> String {
    let tls = match relay.tls {
        Tls::Implicit => "TLS",
        Tls::StartTls => "STARTTLS",
        Tls::Off => "no TLS",
    };
    let user = relay.login.as_ref().map_or_else(
        || "without a user".to_owned(),
        |login| format!("as {}", login.user),
    );
    let whose = if settings.has_own_relay {
        "its own"
    } else {
        "of the installation"
    };
    format!("{} ({tls}, {user}; {whose})", relay.place())
}
