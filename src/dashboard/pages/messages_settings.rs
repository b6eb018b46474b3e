//! Settings, the tab Messages: the messaging switch and the Allowed Embed Domains.

use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One entry of the list.
#[derive(Clone, Debug)]
pub struct Domain {
    /// As stored.
    pub name: String,
    /// Why it may allow more than meant.
    pub warning: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_messages.html")]
pub struct MessagesSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Whether contacts may write.
    pub messaging: bool,
    /// The list; empty allows every domain.
    pub domains: Vec<Domain>,
    /// What was typed into the field.
    pub typed: String,
    /// What was wrong with it.
    pub errors: FieldErrors,
}

impl MessagesSettingsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let domain = |name: &str, warning: Option<&str>| Domain {
            name: name.to_owned(),
            warning: warning.map(str::to_owned),
        };
        Self {
            shell: Shell::sample("settings"),
            messaging: true,
            domains: vec![
                domain("app.fernway.example", None),
                domain(
                    "replit.app",
                    Some(
                        "Shared by many people: everyone’s apps on replit.app are allowed. Use your own name below it",
                    ),
                ),
            ],
            typed: "not a domain".to_owned(),
            errors: FieldErrors::one("domain", "This is not a domain"),
        }
    }
}
