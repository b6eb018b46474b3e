//! The step before a secret is revoked.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// Asks once more, and for the name of a secret that is in use.
#[derive(Template)]
#[template(path = "dashboard/retire_secret.html")]
pub struct RetireSecretPage {
    /// The frame.
    pub shell: Shell,
    /// The secret's id.
    pub id: String,
    /// How it is known.
    pub fingerprint: String,
    /// The characters to type.
    pub ending: String,
    /// When it was last used, if that was within a day.
    pub used_lately_ms: Option<i64>,
    /// Whether no other secret is live.
    pub is_only: bool,
    /// What was wrong with the confirmation.
    pub errors: FieldErrors,
}

impl RetireSecretPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("ticket-center"),
            id: "1".to_owned(),
            fingerprint: "hdh_secret_…m2Xd".to_owned(),
            ending: "m2Xd".to_owned(),
            used_lately_ms: Some(SAMPLE_NOW_MS - 3 * 3_600_000),
            is_only: true,
            errors: FieldErrors::one("confirm", "These are not its last four characters"),
        }
    }
}
