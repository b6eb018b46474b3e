//! Settings, the tab Audit log.

use super::SAMPLE_NOW_MS;
use super::choice::Choice;
use super::shell::Shell;
use crate::web::page::View;
use askama::Template;

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When.
    pub at_ms: i64,
    /// By whom: an address, or `console`.
    pub actor: String,
    /// What, in words.
    pub action: String,
    /// To what; one line of text.
    pub detail: String,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_audit.html")]
pub struct AuditLogPage {
    /// The frame.
    pub shell: Shell,
    /// One page of the log, newest first.
    pub entries: Vec<Entry>,
    /// Who stands in it.
    pub actors: Vec<Choice>,
    /// What stands in it.
    pub actions: Vec<Choice>,
    /// Whether a filter is in use.
    pub is_filtered: bool,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
}

impl AuditLogPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let entry = |actor: &str, action: &str, detail: &str| Entry {
            at_ms: SAMPLE_NOW_MS - 3_600_000,
            actor: actor.to_owned(),
            action: action.to_owned(),
            detail: detail.to_owned(),
        };
        let choice = |value: &str, selected: bool| Choice {
            value: value.to_owned(),
            label: value.to_owned(),
            selected,
        };
        Self {
            shell: Shell::sample("settings"),
            entries: vec![
                entry("noor@fernway.example", "Domain allowed", "app.fernway.example"),
                entry("console", "Operator added", "ines@fernway.example as operator"),
            ],
            actors: vec![choice("console", false), choice("noor@fernway.example", true)],
            actions: vec![choice("Domain allowed", true), choice("Operator added", false)],
            is_filtered: true,
            older: Some("/older".to_owned()),
            newest: Some("/newest".to_owned()),
        }
    }

    /// A filter that nothing passes.
    pub fn sample_empty() -> Self {
        Self {
            entries: Vec::new(),
            older: None,
            newest: None,
            ..Self::sample()
        }
    }
}
