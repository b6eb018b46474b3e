//! Settings, the tab Notifications: how long mail is held, and whom it is for.

use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// An operator and their switch.
#[derive(Clone, Debug)]
pub struct Notified {
    /// The name.
    pub name: String,
    /// The address.
    pub address: String,
    /// Whether new messages are mailed.
    pub on: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_notifications.html")]
pub struct NotificationSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Seconds that mail to contacts is held, or what was typed for them.
    pub to_contacts: String,
    /// Seconds that mail to operators is held, or what was typed for them.
    pub to_operators: String,
    /// Whether mails quote what was written before.
    pub quotes: bool,
    /// Whether those to whom the contact wrote as well are chosen for copies.
    pub keeps_copies: bool,
    /// The reader's own switch.
    pub mine: bool,
    /// The reader's address.
    pub my_address: String,
    /// Everybody else.
    pub others: Vec<Notified>,
    /// Whether mail can leave.
    pub may_send: bool,
    /// What was wrong with the seconds.
    pub errors: FieldErrors,
}

impl NotificationSettingsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            to_contacts: "60".to_owned(),
            to_operators: "soon".to_owned(),
            quotes: true,
            keeps_copies: true,
            mine: true,
            my_address: "noor@fernway.example".to_owned(),
            others: vec![Notified {
                name: "Tomás Vieira".to_owned(),
                address: "tomas@fernway.example".to_owned(),
                on: false,
            }],
            may_send: false,
            errors: FieldErrors::one("to_operators", "Write 0 to 3600 seconds"),
        }
    }

    /// As a plain operator sees it.
    pub fn sample_plain() -> Self {
        let mut page = Self::sample();
        page.shell.may_administer = false;
        Self {
            others: Vec::new(),
            may_send: true,
            errors: FieldErrors::default(),
            ..page
        }
    }
}
