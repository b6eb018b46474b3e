//! Settings, the tab Incoming mail.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// The latest mail of a door.
#[derive(Clone, Debug)]
pub struct DoorLine {
    /// The door, in words.
    pub label: &'static str,
    /// The mail.
    pub href: String,
    /// When it came.
    pub at_ms: i64,
}

/// What a provider wants to have confirmed.
#[derive(Clone, Debug)]
pub struct Confirmation {
    /// Who asks.
    pub from: String,
    /// In which words.
    pub subject: String,
    /// The code to type.
    pub code: Option<String>,
    /// The link to open.
    pub link: Option<String>,
    /// When it was asked.
    pub at_ms: i64,
}

/// A key for programs.
#[derive(Clone, Debug)]
pub struct Key {
    /// Which.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Its last characters.
    pub ending: String,
    /// When it was made.
    pub created_ms: i64,
    /// When it was last used.
    pub used_ms: Option<i64>,
}

/// A sender who is blocked or always let in.
#[derive(Clone, Debug)]
pub struct Rule {
    /// An address, or a domain with an @.
    pub sender: String,
    /// Which of the two.
    pub is_blocked: bool,
}

/// What whoever writes is told at once.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// Whether they are told.
    pub is_on: bool,
    /// The subject, as typed.
    pub subject: String,
    /// The text, as typed.
    pub text: String,
    /// Until when nobody is told, because very many were.
    pub paused_until: Option<i64>,
    /// Subject and text of the whole email, when they were asked for.
    pub preview: Option<(String, String)>,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_incoming.html")]
pub struct IncomingPage {
    /// The frame.
    pub shell: Shell,
    /// The forwarding address; none while the installation takes no mail.
    pub current: Option<String>,
    /// Where browsers reach this installation.
    pub base_url: String,
    /// Former ones, and until when they work.
    pub former: Vec<(String, i64)>,
    /// Whether this installation listens for mail itself.
    pub listens: bool,
    /// The doors through which mail came.
    pub doors: Vec<DoorLine>,
    /// The latest question of a provider.
    pub confirmation: Option<Confirmation>,
    /// The keys.
    pub keys: Vec<Key>,
    /// The rules.
    pub rules: Vec<Rule>,
    /// What whoever writes is told at once.
    pub acknowledgement: Acknowledgement,
    /// A key that was just made.
    pub new_key: Option<String>,
    /// What was typed as a key's name.
    pub key_name: String,
    /// What was typed as a sender.
    pub sender: String,
    /// What was wrong.
    pub errors: FieldErrors,
}

impl IncomingPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            current: Some("fernway-abcdefghijkm@in.desk.example".to_owned()),
            base_url: "https://desk.example".to_owned(),
            former: vec![(
                "fernway-old@in.desk.example".to_owned(),
                SAMPLE_NOW_MS + 86_400_000,
            )],
            listens: true,
            doors: vec![DoorLine {
                label: "Forwarding and answers (SMTP)",
                href: "/mail".to_owned(),
                at_ms: SAMPLE_NOW_MS - 90_000,
            }],
            confirmation: Some(Confirmation {
                from: "forwarding-noreply@google.com".to_owned(),
                subject: "(#123456789) Gmail Forwarding Confirmation".to_owned(),
                code: Some("123456789".to_owned()),
                link: Some("https://mail-settings.google.com/mail/vf-x".to_owned()),
                at_ms: SAMPLE_NOW_MS - 90_000,
            }),
            keys: vec![Key {
                id: "0198".to_owned(),
                name: "Postfix pipe".to_owned(),
                ending: "aB3x".to_owned(),
                created_ms: SAMPLE_NOW_MS - 86_400_000,
                used_ms: Some(SAMPLE_NOW_MS - 3_600_000),
            }],
            rules: vec![Rule {
                sender: "@spam.example".to_owned(),
                is_blocked: true,
            }],
            acknowledgement: Acknowledgement {
                is_on: true,
                subject: "We have your mail".to_owned(),
                text: "Thank you.\n\nWe answer soon.".to_owned(),
                paused_until: Some(SAMPLE_NOW_MS + 1_800_000),
                preview: Some((
                    "We have your mail".to_owned(),
                    "Fernway\n\nThank you.\n\nWe answer soon.\n".to_owned(),
                )),
            },
            new_key: Some("hdk_0123456789".to_owned()),
            key_name: String::new(),
            sender: String::new(),
            errors: FieldErrors::one("sender", "Write an address"),
        }
    }

    /// Before anything was set up.
    pub fn sample_empty() -> Self {
        Self {
            current: None,
            former: Vec::new(),
            listens: false,
            doors: Vec::new(),
            confirmation: None,
            keys: Vec::new(),
            rules: Vec::new(),
            acknowledgement: Acknowledgement {
                is_on: false,
                subject: String::new(),
                text: String::new(),
                paused_until: None,
                preview: None,
            },
            new_key: None,
            errors: FieldErrors::one("text", "Too long"),
            ..Self::sample()
        }
    }
}
