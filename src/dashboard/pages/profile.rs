//! The page of the one who reads it.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// A browser that is signed in.
#[derive(Clone, Debug)]
pub struct Session {
    /// What it is called in the form.
    pub id: String,
    /// The browser.
    pub browser: String,
    /// Where the sign-in came from.
    pub address: String,
    /// When.
    pub since_ms: i64,
    /// Last use.
    pub last_seen_ms: i64,
    /// Whether it is the one that shows this page.
    pub is_this: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/profile.html")]
pub struct ProfilePage {
    /// The frame.
    pub shell: Shell,
    /// The name, or what was typed for it.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where the reader is signed in.
    pub sessions: Vec<Session>,
    /// What was wrong with a form.
    pub errors: FieldErrors,
}

impl ProfilePage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let session = |browser: &str, is_this: bool| Session {
            id: browser.to_owned(),
            browser: browser.to_owned(),
            address: "203.0.113.9".to_owned(),
            since_ms: SAMPLE_NOW_MS - 86_400_000,
            last_seen_ms: SAMPLE_NOW_MS - 60_000,
            is_this,
        };
        let mut errors = FieldErrors::one("current", "This is not your present password");
        errors.add("password", "The password needs at least 8 characters");
        errors.add("name", "A name needs 1 to 120 characters");
        Self {
            shell: Shell::sample("profile"),
            name: String::new(),
            email: "noor@fernway.example".to_owned(),
            sessions: vec![
                session("Firefox on Linux", true),
                session("Safari on iPhone", false),
            ],
            errors,
        }
    }

    /// One session, single keys off, nothing wrong.
    pub fn sample_quiet() -> Self {
        let mut page = Self::sample();
        page.sessions.truncate(1);
        page.errors = FieldErrors::default();
        page.shell.single_keys = false;
        page
    }
}
