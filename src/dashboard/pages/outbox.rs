//! The outbox: mail that waits, mail that could not be delivered, and what left lately.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::notifications::Automatic;
use crate::web::page::View;
use askama::Template;

/// A part of the outbox.
#[derive(Clone, Debug)]
pub struct Part {
    /// In words.
    pub label: &'static str,
    /// Its address.
    pub href: String,
    /// Whether it is shown.
    pub on: bool,
}

/// How urgent a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// On its way, or not needed.
    Quiet,
    /// Done.
    Good,
    /// To look at.
    Unsure,
    /// Did not arrive.
    Bad,
}

/// One mail.
#[derive(Clone, Debug)]
pub struct Row {
    /// The mail's id.
    pub id: String,
    /// For whom.
    pub to: String,
    /// The conversation's subject.
    pub subject: String,
    /// What it does if a machine wrote it by itself.
    pub automatic: Option<Automatic>,
    /// The conversation.
    pub href: String,
    /// The state in words.
    pub state: &'static str,
    /// How urgent that is.
    pub tone: Tone,
    /// Why, in the relay's words where they are.
    pub reason: String,
    /// When it leaves, or is tried again.
    pub due_ms: Option<i64>,
    /// When that happened.
    pub at_ms: i64,
    /// Whether it can be tried at once.
    pub may_retry: bool,
    /// Whether it can be given up.
    pub may_drop: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/outbox.html")]
pub struct OutboxPage {
    /// The frame.
    pub shell: Shell,
    /// The parts.
    pub parts: Vec<Part>,
    /// One page of mails.
    pub rows: Vec<Row>,
    /// What an empty part says.
    pub empty: &'static str,
    /// This page, for the way back after an action.
    pub here: String,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
}

impl OutboxPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let part = |label, on| Part {
            label,
            href: "/outbox".to_owned(),
            on,
        };
        let row = |state, tone, reason: &str, due_ms: Option<i64>| Row {
            id: "0198".to_owned(),
            to: "priya@lumastudio.example".to_owned(),
            subject: "VAT line missing in the PDF".to_owned(),
            automatic: due_ms.is_none().then_some(Automatic::Acknowledges),
            href: "/conversation".to_owned(),
            state,
            tone,
            reason: reason.to_owned(),
            due_ms,
            at_ms: SAMPLE_NOW_MS - 90_000,
            may_retry: due_ms.is_none(),
            may_drop: true,
        };
        Self {
            shell: Shell::sample("outbox"),
            parts: vec![part("Waiting", true), part("Failed", false)],
            rows: vec![
                row("Waiting", Tone::Quiet, "", Some(SAMPLE_NOW_MS + 42_000)),
                row("Failed", Tone::Bad, "550 5.1.1 No such user", None),
            ],
            empty: "Nothing waits",
            here: "waiting".to_owned(),
            older: Some("/older".to_owned()),
            newest: Some("/newest".to_owned()),
        }
    }

    /// With nothing in it.
    pub fn sample_empty() -> Self {
        Self {
            rows: Vec::new(),
            older: None,
            newest: None,
            ..Self::sample()
        }
    }
}
