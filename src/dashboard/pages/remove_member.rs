//! The step before an operator is removed.

use super::shell::Shell;
use crate::web::page::View;
use askama::Template;

/// Says what follows, and asks once more.
#[derive(Template)]
#[template(path = "dashboard/remove_operator.html")]
pub struct RemoveMemberPage {
    /// The frame.
    pub shell: Shell,
    /// The operator's id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether it is the reader.
    pub is_me: bool,
    /// How many open conversations they have.
    pub open: i64,
}

impl RemoveMemberPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("settings"),
            id: "1".to_owned(),
            name: "Ines Kowalski".to_owned(),
            email: "ines@fernway.example".to_owned(),
            is_me: false,
            open: 4,
        }
    }

    /// The reader leaves.
    pub fn sample_leaving() -> Self {
        Self {
            is_me: true,
            open: 0,
            ..Self::sample()
        }
    }
}
