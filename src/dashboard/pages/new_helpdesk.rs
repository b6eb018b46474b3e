//! The page that creates a further helpdesk.

use super::SAMPLE_NOW_MS;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One field.
#[derive(Template)]
#[template(path = "dashboard/new_helpdesk.html")]
pub struct NewHelpdeskPage {
    /// The reader's side.
    pub view: View,
    /// What was typed.
    pub name: String,
    /// What was wrong with it.
    pub errors: FieldErrors,
}

impl NewHelpdeskPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            name: " ".to_owned(),
            errors: FieldErrors::one("name", "A name needs 1 to 120 characters"),
        }
    }
}
