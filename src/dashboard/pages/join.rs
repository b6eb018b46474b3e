//! The page behind an invitation.

use super::SAMPLE_NOW_MS;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One form: for a new person, or for one who has an account.
#[derive(Template)]
#[template(path = "dashboard/join.html")]
pub struct JoinPage {
    /// The reader's side.
    pub view: View,
    /// The one-time address the form is sent to.
    pub action: String,
    /// Which helpdesk.
    pub helpdesk_name: String,
    /// Who is invited.
    pub email: String,
    /// As what, in words.
    pub role: &'static str,
    /// By whom.
    pub invited_by: String,
    /// Whether they have an account already.
    pub is_known: bool,
    /// Somebody else who is signed in in this browser.
    pub signed_in_as: Option<String>,
    /// The name that was typed.
    pub name: String,
    /// What was wrong.
    pub errors: FieldErrors,
}

impl JoinPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let mut errors = FieldErrors::one("name", "A name needs 1 to 120 characters");
        errors.add("password", "The password needs at least 8 characters");
        Self {
            view: View::sample(SAMPLE_NOW_MS),
            action: "/join/1/token".to_owned(),
            helpdesk_name: "Fernway".to_owned(),
            email: "li@fernway.example".to_owned(),
            role: "Operator",
            invited_by: "Noor Haddad".to_owned(),
            is_known: false,
            signed_in_as: Some("noor@fernway.example".to_owned()),
            name: String::new(),
            errors,
        }
    }

    /// Somebody who answers elsewhere already.
    pub fn sample_known() -> Self {
        Self {
            is_known: true,
            signed_in_as: None,
            errors: FieldErrors::one("password", "This is not the password of your account"),
            ..Self::sample()
        }
    }
}
