//! The page on which a new password is chosen.

use super::SAMPLE_NOW_MS;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One field.
#[derive(Template)]
#[template(path = "dashboard/reset.html")]
pub struct ResetPage {
    /// The reader's side.
    pub view: View,
    /// The one-time address the form is sent to.
    pub action: String,
    /// Whose password it is.
    pub email: String,
    /// What was wrong with it.
    pub errors: FieldErrors,
}

impl ResetPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            action: "/reset/token".to_owned(),
            email: "noor@fernway.example".to_owned(),
            errors: FieldErrors::one("password", "The password needs at least 8 characters"),
        }
    }
}
