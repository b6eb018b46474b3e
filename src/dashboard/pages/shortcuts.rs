//! The keys.

use super::shell::Shell;
use crate::web::page::View;
use askama::Template;

/// A table of keys.
#[derive(Template)]
#[template(path = "dashboard/shortcuts.html")]
pub struct ShortcutsPage {
    /// The frame.
    pub shell: Shell,
}

impl ShortcutsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("shortcuts"),
        }
    }
}
