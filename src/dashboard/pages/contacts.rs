//! The list of contacts.

use super::SAMPLE_NOW_MS;
use super::shell::{Avatar, Shell};
use crate::web::page::View;
use askama::Template;

/// One contact.
#[derive(Clone, Debug)]
pub struct Row {
    /// Their page.
    pub href: String,
    /// Their mark.
    pub avatar: Avatar,
    /// The name, or what stands before the `@`.
    pub name: String,
    /// Whether that is a name that somebody gave.
    pub has_name: bool,
    /// The address.
    pub email: String,
    /// When the address was last proved by a signature.
    pub proved_ms: Option<i64>,
    /// When they were first seen.
    pub first_seen_ms: i64,
}

impl Row {
    pub(super) fn sample(name: &str, email: &str, days: i64) -> Self {
        Self {
            href: "/h/1/contacts/b".to_owned(),
            avatar: Avatar::of(name, email),
            name: name.to_owned(),
            has_name: !email.starts_with(name),
            email: email.to_owned(),
            proved_ms: (days < 9).then_some(SAMPLE_NOW_MS - days * 3_600_000),
            first_seen_ms: SAMPLE_NOW_MS - days * 86_400_000,
        }
    }
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/contacts.html")]
pub struct ContactsPage {
    /// The frame.
    pub shell: Shell,
    /// What was looked for.
    pub typed: String,
    /// One page of contacts.
    pub rows: Vec<Row>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
}

impl ContactsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("contacts"),
            typed: "exa".to_owned(),
            rows: vec![
                Row::sample("Priya Raman", "priya@lumastudio.example", 0),
                Row::sample("luca.ferri", "luca.ferri@example.it", 12),
            ],
            older: Some("/h/1/contacts?before=x".to_owned()),
            newest: Some("/h/1/contacts".to_owned()),
        }
    }

    /// Nobody yet.
    pub fn sample_empty() -> Self {
        Self {
            typed: String::new(),
            rows: Vec::new(),
            older: None,
            newest: None,
            ..Self::sample()
        }
    }
}
