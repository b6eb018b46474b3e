//! Settings, the tab General.

use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_general.html")]
pub struct GeneralSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// The helpdesk's name, or what was typed for it.
    pub name: String,
    /// Where this installation is reached.
    pub address: String,
    /// What was wrong with the name.
    pub errors: FieldErrors,
}

impl GeneralSettingsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            name: String::new(),
            address: "https://help.fernway.example".to_owned(),
            errors: FieldErrors::one("name", "A name needs 1 to 120 characters"),
        }
    }
}
