//! Settings, the tab Messages: the messaging switch and the Allowed Embed Domains.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One entry of the list.
#[derive(Clone, Debug)]
pub struct Domain {
    /// As stored.
    pub name: String,
    /// Whether names below it are not covered.
    pub is_exact: bool,
    /// When an embed last called from there.
    pub seen_ms: Option<i64>,
    /// Why it may allow more than meant.
    pub warning: Option<String>,
}

/// A host that is not on the list and called.
#[derive(Clone, Debug)]
pub struct RefusedHost {
    /// Its name.
    pub name: String,
    /// When it last did.
    pub at_ms: i64,
}

/// What a call from a page would be answered.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The page's origin.
    pub origin: String,
    /// Whether it passes.
    pub passes: bool,
    /// Why.
    pub sentence: String,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_messages.html")]
pub struct MessagesSettingsPage {
    /// The frame.
    pub shell: Shell,
    /// Whether contacts may write.
    pub messaging: bool,
    /// The list; empty allows every domain.
    pub domains: Vec<Domain>,
    /// Who was refused lately.
    pub refused: Vec<RefusedHost>,
    /// What was typed into the field for new ones.
    pub typed: String,
    /// What was typed into the probe.
    pub probed: String,
    /// What came of it.
    pub probe: Option<Probe>,
    /// What was wrong with either.
    pub errors: FieldErrors,
}

impl MessagesSettingsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let domain = |name: &str, warning: Option<&str>| Domain {
            name: name.to_owned(),
            is_exact: name == "localhost",
            seen_ms: (name != "replit.app").then_some(SAMPLE_NOW_MS - 8_000),
            warning: warning.map(str::to_owned),
        };
        Self {
            shell: Shell::sample("settings"),
            messaging: true,
            domains: vec![
                domain("app.fernway.example", None),
                domain("localhost", None),
                domain(
                    "replit.app",
                    Some(
                        "Shared by many people: everyone’s apps on replit.app are allowed. Use your own name below it",
                    ),
                ),
            ],
            refused: vec![RefusedHost {
                name: "editor.wixsite.example".to_owned(),
                at_ms: SAMPLE_NOW_MS - 3_600_000,
            }],
            typed: "not a domain".to_owned(),
            probed: "https://app.fernway.example/support".to_owned(),
            probe: Some(Probe {
                origin: "https://app.fernway.example".to_owned(),
                passes: true,
                sentence: "Allowed Embed Domains let it pass, by the entry app.fernway.example.".to_owned(),
            }),
            errors: FieldErrors::one("domain", "This is not a domain"),
        }
    }

    /// The same with an empty list and a probe that was refused for its form.
    pub fn sample_open() -> Self {
        Self {
            domains: Vec::new(),
            refused: Vec::new(),
            typed: String::new(),
            probe: None,
            errors: FieldErrors::one("origin", "Write the address of a page"),
            ..Self::sample()
        }
    }
}
