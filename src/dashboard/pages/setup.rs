//! The page that creates the owner and the helpdesk, once.

use super::SAMPLE_NOW_MS;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// What was typed; the password is never sent back.
#[derive(Clone, Debug, Default)]
pub struct Typed {
    /// The helpdesk's name.
    pub helpdesk: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
}

/// The form.
#[derive(Template)]
#[template(path = "dashboard/setup.html")]
pub struct SetupPage {
    /// The reader's side.
    pub view: View,
    /// The one-time address the form is sent to.
    pub action: String,
    /// What was typed before.
    pub form: Typed,
    /// What was wrong with it.
    pub errors: FieldErrors,
}

impl SetupPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let mut errors = FieldErrors::one("password", "Use at least 12 characters");
        errors.add("helpdesk", "Give the helpdesk a name");
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            action: "/setup/token".to_owned(),
            form: Typed {
                name: "Noor Haddad".to_owned(),
                email: "noor@fernway.example".to_owned(),
                ..Typed::default()
            },
            errors,
        }
    }
}
