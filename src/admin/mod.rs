//! Administration: commands that run inside the server when it is running, and otherwise in the
//! process that was asked, on the same data. Either way the same function does the work.
//!
//! Whoever may read and write the data folder may do all of this: the control socket and the data
//! are open to their owner only.

mod api_keys;
mod backup;
pub mod command;
pub mod control;
mod conversations;
mod doctor;
mod helpdesks;
mod mail;
mod mailboxes;
mod notifications;
mod operators;
mod received;
mod secrets;

pub use command::Command;

use crate::app::App;
use crate::error::Error;
use serde::{Deserialize, Serialize};

/// What a command answers: one JSON value for scripts, one text for people.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// For `--json`.
    pub json: serde_json::Value,
    /// For people.
    pub text: String,
    /// False when the command ran and its answer is bad news (`doctor`).
    pub good: bool,
}

impl Answer {
    fn new(json: serde_json::Value, text: impl Into<String>) -> Self {
        Self {
            json,
            text: text.into(),
            good: true,
        }
    }
}

/// A refused command, as it crosses the control socket.
#[derive(Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{sentence}")]
pub struct Refused {
    /// Stable name.
    pub code: String,
    /// Cause and remedy.
    pub sentence: String,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        let source = std::error::Error::source(&error)
            .map(|source| format!(" ({source})"))
            .unwrap_or_default();
        Self {
            code: error.code.to_owned(),
            sentence: format!("{}{source}", error.sentence),
        }
    }
}

/// Runs a command.
///
/// # Errors
/// [`Refused`] says why it was not done.
pub async fn run(app: &App, command: Command) -> Result<Answer, Refused> {
    let answer = match command {
        Command::Helpdesk(command) => helpdesks::run(app, command).await,
        Command::Secret(command) => secrets::run(app, command).await,
        Command::ApiKey(command) => api_keys::run(app, command).await,
        Command::Domains(command) => helpdesks::run_domains(app, command).await,
        Command::Operator(command) => operators::run(app, command).await,
        Command::Conversation(command) => conversations::run(app, command).await,
        Command::Notifications(command) => notifications::run(app, command).await,
        Command::Mail(command) => mail::run(app, command).await,
        Command::Mailbox(command) => mailboxes::run(app, command).await,
        Command::Backup { to } => backup::run(app, to).await,
        Command::Doctor => doctor::run(app).await,
    };
    Ok(answer?)
}

/// A table for people: columns as wide as their widest entry.
fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells
            .chain(head.get(column).map(|title| title.len()))
            .max()
            .unwrap_or(0)
    };
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .enumerate()
            .map(|(column, cell)| format!("{cell:<width$}", width = width(column)))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![line(&mut head.iter().copied())];
    lines.extend(rows.iter().map(|row| line(&mut row.iter().map(String::as_str))));
    lines.join("\n")
}

/// A time for people, to the minute, in UTC.
fn time(ms: i64) -> String {
    let iso = crate::clock::iso8601(ms);
    iso.get(..16).unwrap_or_default().replace('T', " ")
}
