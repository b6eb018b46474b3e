//! Settings, the tab Email: where mail leaves, as whom, and a trial of it.

use super::choice::Choice;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// Where mail leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Road {
    /// Nowhere.
    None,
    /// Nowhere, because the installation keeps mail back.
    Off,
    /// A relay of this helpdesk's own.
    Own(String),
    /// The relay that the installation was started with.
    Installation(String),
    /// A folder or the terminal, for development.
    Development(String),
}

/// The form of the sender.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The name beside the address.
    pub from_name: String,
    /// The address.
    pub from_address: String,
    /// The installation's address, used while the field is empty.
    pub usual_address: Option<String>,
    /// The page of the host app that carries the Ticket Center.
    pub support_url: String,
}

/// The form of the relay.
#[derive(Clone, Debug, Default)]
pub struct RelayForm {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: String,
    /// How it is encrypted.
    pub tls: Vec<Choice>,
    /// How we sign in.
    pub auth: Vec<Choice>,
    /// The user.
    pub user: String,
    /// Whether a password is stored.
    pub has_password: bool,
    /// Mails a minute.
    pub rate: String,
    /// Connections at once.
    pub connections: String,
}

/// A key that mail is signed with.
#[derive(Clone, Debug)]
pub struct Dkim {
    /// Of which kind.
    pub algorithm: &'static str,
    /// The name of the DNS record.
    pub record_name: String,
    /// Its text.
    pub record_text: String,
    /// What the DNS said just now.
    pub looked_up: Option<LookedUp>,
}

/// What looking a record up has shown.
#[derive(Clone, Debug)]
pub struct LookedUp {
    /// Whether it is as it should be.
    pub good: bool,
    /// What is there.
    pub headline: String,
    /// What to do.
    pub remedy: String,
}

/// What came of a trial.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Whether the mail was accepted.
    pub good: bool,
    /// In a sentence.
    pub headline: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// The whole talk.
    pub dialogue: Vec<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_email.html")]
pub struct EmailSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Where mail leaves.
    pub road: Road,
    /// As whom.
    pub sender: Sender,
    /// The relay.
    pub relay: RelayForm,
    /// The signature.
    pub dkim: Option<Dkim>,
    /// Where a trial goes.
    pub test_to: String,
    /// What came of it.
    pub trial: Option<Trial>,
    /// What was wrong with a form.
    pub errors: FieldErrors,
}

impl EmailSettingsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let choice = |label: &str, selected| Choice {
            value: label.to_lowercase(),
            label: label.to_owned(),
            selected,
        };
        Self {
            shell: Shell::sample("settings"),
            road: Road::Own("smtp.fernway.example:465".to_owned()),
            sender: Sender {
                from_name: "Fernway".to_owned(),
                from_address: "support@fernway.example".to_owned(),
                usual_address: Some("help@example.com".to_owned()),
                support_url: "https://app.fernway.example/support".to_owned(),
            },
            relay: RelayForm {
                host: "smtp.fernway.example".to_owned(),
                port: "465".to_owned(),
                tls: vec![choice("TLS", true), choice("STARTTLS", false)],
                auth: vec![choice("PLAIN", true), choice("LOGIN", false)],
                user: "support".to_owned(),
                has_password: true,
                rate: "60".to_owned(),
                connections: "2".to_owned(),
            },
            dkim: Some(Dkim {
                algorithm: "Ed25519",
                record_name: "helpdesky._domainkey.fernway.example".to_owned(),
                record_text: "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".to_owned(),
                looked_up: Some(LookedUp {
                    good: false,
                    headline: "There is no such record in the DNS".to_owned(),
                    remedy: "Add it where your domain’s DNS is kept.".to_owned(),
                }),
            }),
            test_to: "noor@fernway.example".to_owned(),
            trial: Some(Trial {
                good: false,
                headline: "The relay refused the password".to_owned(),
                remedy: Some("Write user and password anew".to_owned()),
                dialogue: vec![
                    "  0.012 ← 220 smtp.fernway.example ESMTP".to_owned(),
                    "  0.030 → AUTH PLAIN (hidden)".to_owned(),
                    "  0.044 ← 535 5.7.8 Authentication failed".to_owned(),
                ],
            }),
            errors: FieldErrors::one("port", "Write a port from 1 to 65535"),
        }
    }

    /// Before anything is set up.
    pub fn sample_new() -> Self {
        Self {
            road: Road::None,
            sender: Sender::default(),
            relay: RelayForm::default(),
            dkim: None,
            trial: None,
            errors: FieldErrors::default(),
            ..Self::sample()
        }
    }
}
