//! Settings, the tab Incoming mail: mailboxes that mail is fetched from.

use super::choice::Choice;
use super::email_settings::Trial;
use super::outbox::Tone;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// A mailbox as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// What operators call it.
    pub name: String,
    /// Who we are to the server.
    pub user: String,
    /// Host and port.
    pub place: String,
    /// The folder.
    pub folder: String,
    /// How urgent its state is.
    pub tone: Tone,
    /// Its state in a word or two.
    pub state: String,
    /// Why it is in that state.
    pub reason: Option<String>,
    /// What to do about it.
    pub remedy: Option<&'static str>,
    /// When it is tried again, epoch milliseconds.
    pub until_ms: Option<i64>,
    /// Whether a person has paused it.
    pub is_paused: bool,
    /// When the last mail was fetched.
    pub last_mail_ms: Option<i64>,
    /// When all that was there was fetched.
    pub looked_ms: Option<i64>,
    /// Since which date older mail is being gone through.
    pub scan_since_ms: Option<i64>,
    /// How many mails were fetched.
    pub fetched: i64,
    /// How many were passed over.
    pub skipped: i64,
    /// Why the last one was.
    pub skip_words: String,
    /// What does not work although mail is fetched.
    pub warning: String,
}

/// The form of a mailbox.
#[derive(Clone, Debug, Default)]
pub struct MailboxForm {
    /// What operators call it.
    pub name: String,
    /// The server.
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
    /// The folder.
    pub folder: String,
    /// What is done with a mail.
    pub afterwards: Vec<Choice>,
    /// The folder that mails are moved to.
    pub move_to: String,
    /// From which day on mail that is there already is fetched, too; only for a new one.
    pub since: String,
}

/// All of a helpdesk.
#[derive(Template)]
#[template(path = "dashboard/settings_mailboxes.html")]
pub struct MailboxesPage {
    /// The frame.
    pub shell: Shell,
    /// Whether this installation fetches at all.
    pub is_off: bool,
    /// The mailboxes.
    pub mailboxes: Vec<Standing>,
    /// A new one.
    pub form: MailboxForm,
    /// What was wrong with the form.
    pub errors: FieldErrors,
}

/// One of them.
#[derive(Template)]
#[template(path = "dashboard/settings_mailbox.html")]
pub struct MailboxPage {
    /// The frame.
    pub shell: Shell,
    /// Whether this installation fetches at all.
    pub is_off: bool,
    /// As it stands.
    pub mailbox: Standing,
    /// What is set.
    pub form: MailboxForm,
    /// What came of a trial.
    pub trial: Option<Trial>,
    /// The day since which it is to be gone through again, as typed.
    pub rescan_since: String,
    /// What was wrong with a form.
    pub errors: FieldErrors,
}

/// The step before one is removed.
#[derive(Template)]
#[template(path = "dashboard/remove_mailbox.html")]
pub struct RemoveMailboxPage {
    /// The frame.
    pub shell: Shell,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it is.
    pub place: String,
}

fn choice(value: &str, label: &str, selected: bool) -> Choice {
    Choice {
        value: value.to_owned(),
        label: label.to_owned(),
        selected,
    }
}

impl Standing {
    fn sample() -> Self {
        Self {
            id: "1".to_owned(),
            name: "Support".to_owned(),
            user: "support@fernway.example".to_owned(),
            place: "imap.fernway.example:993".to_owned(),
            folder: "INBOX".to_owned(),
            tone: Tone::Good,
            state: "Connected".to_owned(),
            reason: None,
            remedy: None,
            until_ms: None,
            is_paused: false,
            last_mail_ms: Some(super::SAMPLE_NOW_MS - 240_000),
            looked_ms: Some(super::SAMPLE_NOW_MS - 12_000),
            scan_since_ms: None,
            fetched: 1_248,
            skipped: 0,
            skip_words: String::new(),
            warning: String::new(),
        }
    }

    fn sample_refused() -> Self {
        Self {
            id: "2".to_owned(),
            name: "<b>Billing</b>".to_owned(),
            tone: Tone::Bad,
            state: "Paused".to_owned(),
            reason: Some("imap.fernway.example:993 refused the user name or password: [AUTHENTICATIONFAILED] Invalid credentials".to_owned()),
            remedy: Some("Type the password anew."),
            until_ms: Some(super::SAMPLE_NOW_MS + 560_000),
            scan_since_ms: Some(super::SAMPLE_NOW_MS - 864_000_000),
            skipped: 2,
            skip_words: "A mail of 31.2 MiB is longer than 25 MiB".to_owned(),
            warning: "Mail is fetched, but the server does not let it be marked or moved: only to be read".to_owned(),
            ..Self::sample()
        }
    }

    fn sample_new() -> Self {
        Self {
            tone: Tone::Quiet,
            state: "Paused by Ines".to_owned(),
            is_paused: true,
            last_mail_ms: None,
            looked_ms: None,
            fetched: 0,
            ..Self::sample()
        }
    }
}

impl MailboxForm {
    fn sample() -> Self {
        Self {
            name: "Support".to_owned(),
            host: "imap.fernway.example".to_owned(),
            port: "993".to_owned(),
            tls: vec![choice("tls", "TLS", true), choice("starttls", "STARTTLS", false)],
            auth: vec![choice("any", "Password", true)],
            user: "support@fernway.example".to_owned(),
            has_password: true,
            folder: "INBOX".to_owned(),
            afterwards: vec![choice("seen", "Mark it as read", true)],
            move_to: String::new(),
            since: "2025-11-01".to_owned(),
        }
    }
}

impl MailboxesPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            is_off: false,
            mailboxes: vec![
                Standing::sample(),
                Standing::sample_refused(),
                Standing::sample_new(),
            ],
            form: MailboxForm::sample(),
            errors: FieldErrors::one("host", "The mail server needs a name"),
        }
    }

    /// Before there is one.
    pub fn sample_empty() -> Self {
        Self {
            is_off: true,
            mailboxes: Vec::new(),
            errors: FieldErrors::default(),
            ..Self::sample()
        }
    }
}

impl MailboxPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            is_off: true,
            mailbox: Standing::sample_refused(),
            form: MailboxForm::sample(),
            trial: Some(Trial {
                good: false,
                headline: "The server refused the password".to_owned(),
                remedy: Some("Type it anew".to_owned()),
                dialogue: vec!["  0.044 ← a2 NO [AUTHENTICATIONFAILED] no".to_owned()],
            }),
            rescan_since: "yesterday".to_owned(),
            errors: FieldErrors::one("rescan_since", "Write a date"),
        }
    }

    /// One that works.
    pub fn sample_good() -> Self {
        Self {
            is_off: false,
            mailbox: Standing::sample(),
            trial: None,
            rescan_since: String::new(),
            errors: FieldErrors::default(),
            ..Self::sample()
        }
    }

    /// One that somebody has paused.
    pub fn sample_paused() -> Self {
        Self {
            mailbox: Standing::sample_new(),
            ..Self::sample_good()
        }
    }
}

impl RemoveMailboxPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            id: "1".to_owned(),
            name: "<b>Support</b>".to_owned(),
            place: "support@fernway.example at imap.fernway.example:993".to_owned(),
        }
    }
}
