//! The step before a secret is revoked.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;
use serde::Deserialize;

/// When a secret ends.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// At once.
    #[default]
    Now,
    /// In an hour.
    Hour,
    /// In 24 hours.
    Day,
    /// In 7 days.
    Week,
    /// At the time in the field beside it.
    At,
}

impl Choice {
    /// The value in the form.
    pub fn name(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::At => "at",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Now => "At once",
            Self::Hour => "In 1 hour",
            Self::Day => "In 24 hours",
            Self::Week => "In 7 days",
            Self::At => "At a date and time",
        }
    }
}

/// Asks when, and for the name of a secret that is in use and shall end at once.
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
    /// The end that was chosen before.
    pub retires_ms: Option<i64>,
    /// What is chosen in the form.
    pub when: Choice,
    /// The date and time in the form, in the reader's zone.
    pub at: String,
    /// What was wrong with the form.
    pub errors: FieldErrors,
}

impl RetireSecretPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// Value, label and whether it is chosen.
    pub fn choices(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        let when = self.when;
        [Choice::Now, Choice::Hour, Choice::Day, Choice::Week, Choice::At]
            .into_iter()
            .map(move |choice| (choice.name(), choice.label(), choice == when))
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
            retires_ms: None,
            when: Choice::Now,
            at: "2025-11-21T11:00".to_owned(),
            errors: FieldErrors::one("confirm", "These are not its last four characters"),
        }
    }

    /// The same for one whose end was chosen before.
    pub fn sample_planned() -> Self {
        Self {
            used_lately_ms: None,
            is_only: false,
            retires_ms: Some(SAMPLE_NOW_MS + 24 * 3_600_000),
            when: Choice::At,
            errors: FieldErrors::one("at", "This time is past. Choose a later one"),
            ..Self::sample()
        }
    }
}
