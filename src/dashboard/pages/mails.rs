//! The mails that came in, and one of them.

use super::SAMPLE_NOW_MS;
use super::shell::Shell;
use crate::web::page::View;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};

pub use super::outbox::Tone;

/// A part of the list.
#[derive(Clone, Debug)]
pub struct Part {
    /// In words.
    pub label: &'static str,
    /// Its address.
    pub href: String,
    /// Whether it is shown.
    pub on: bool,
    /// What waits there for somebody.
    pub count: i64,
}

/// One mail of the list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// Who wrote it.
    pub from: String,
    /// The subject.
    pub subject: String,
    /// What became of it, in words.
    pub state: &'static str,
    /// How urgent that is.
    pub tone: Tone,
    /// Why; may be empty.
    pub reason: &'static str,
    /// When it came.
    pub at_ms: i64,
}

/// The list.
#[derive(Template)]
#[template(path = "dashboard/mails.html")]
pub struct MailsPage {
    /// The frame.
    pub shell: Shell,
    /// The parts.
    pub parts: Vec<Part>,
    /// One page of mails.
    pub rows: Vec<Row>,
    /// What an empty part says.
    pub empty: &'static str,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
}

impl MailsPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let part = |label, on, count| Part {
            label,
            href: "/mails".to_owned(),
            on,
            count,
        };
        let row = |state, tone, reason| Row {
            href: "/mail".to_owned(),
            from: "priya@lumastudio.example".to_owned(),
            subject: "VAT line missing in the PDF".to_owned(),
            state,
            tone,
            reason,
            at_ms: SAMPLE_NOW_MS - 90_000,
        };
        Self {
            shell: Shell::sample("mails"),
            parts: vec![part("All", true, 0), part("Quarantine", false, 2)],
            rows: vec![
                row("In a conversation", Tone::Good, ""),
                row("In quarantine", Tone::Bad, "This mail names no single author"),
            ],
            empty: "No mail",
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

/// One mail.
#[derive(Template)]
#[template(path = "dashboard/mail.html")]
pub struct MailPage {
    /// The frame.
    pub shell: Shell,
    /// The page's address.
    pub base: String,
    /// The subject.
    pub subject: String,
    /// Who wrote it.
    pub from: String,
    /// Under which name; may be empty.
    pub from_name: String,
    /// What became of it, in words.
    pub state: &'static str,
    /// How urgent that is.
    pub tone: Tone,
    /// Why.
    pub reason: &'static str,
    /// More about that; may be empty.
    pub words: String,
    /// Whether it is its author's; empty before it was read.
    pub verdict: (String, Tone),
    /// How it came.
    pub door: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// When it came.
    pub at_ms: i64,
    /// How long it is.
    pub size: String,
    /// The conversation that it stands in.
    pub conversation: Option<String>,
    /// Another one that it has to do with.
    pub other_conversation: Option<String>,
    /// The mail that it repeats or resembles.
    pub related: Option<String>,
    /// Whether it waits for somebody.
    pub is_quarantined: bool,
    /// Whether its sender can be let into the other conversation.
    pub may_accept: bool,
    /// Whether the reader may delete it.
    pub may_delete: bool,
    /// The address of its HTML, when it has any.
    pub frame: Option<String>,
    /// Pictures from elsewhere that are not loaded.
    pub remote_pictures: usize,
    /// Its text.
    pub text: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its files: names and lengths.
    pub files: Vec<(String, String)>,
    /// False when it cannot be read.
    pub is_read: bool,
}

impl MailPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            shell: Shell::sample("mails"),
            base: "/mails/0198".to_owned(),
            subject: "Re: VAT line missing in the PDF".to_owned(),
            from: "priya@lumastudio.example".to_owned(),
            from_name: "Priya Natarajan".to_owned(),
            state: "In a conversation",
            tone: Tone::Good,
            reason: "Answers a mail of another conversation",
            words: "more".to_owned(),
            verdict: (
                "Nothing proves that this mail is its author’s".to_owned(),
                Tone::Unsure,
            ),
            door: "By SMTP from 192.0.2.7 mx.example".to_owned(),
            recipients: vec!["fernway-abc@in.desk.example".to_owned()],
            at_ms: SAMPLE_NOW_MS - 90_000,
            size: "12 kB".to_owned(),
            conversation: Some("/conversation".to_owned()),
            other_conversation: Some("/other".to_owned()),
            related: Some("/related".to_owned()),
            is_quarantined: false,
            may_accept: true,
            may_delete: false,
            frame: Some("/body".to_owned()),
            remote_pictures: 3,
            text: "The whole text\n> and what it quotes".to_owned(),
            headers: vec![("From".to_owned(), "Priya <priya@lumastudio.example>".to_owned())],
            files: vec![("invoice.pdf".to_owned(), "120 kB".to_owned())],
            is_read: true,
        }
    }

    /// In quarantine, and unreadable.
    pub fn sample_quarantined() -> Self {
        Self {
            state: "In quarantine",
            tone: Tone::Bad,
            is_quarantined: true,
            may_accept: false,
            may_delete: true,
            conversation: None,
            other_conversation: None,
            related: None,
            frame: None,
            remote_pictures: 0,
            text: String::new(),
            headers: Vec::new(),
            files: Vec::new(),
            is_read: false,
            ..Self::sample()
        }
    }
}

/// The HTML of a mail, in a page of its own.
#[derive(Template)]
#[template(path = "dashboard/mail_body.html")]
pub struct BodyPage {
    /// What the sanitiser let through.
    pub html: String,
}

impl BodyPage {
    /// As an answer.
    pub fn response(&self) -> Response {
        // It cannot fail but for memory; an empty page is shown then.
        Html(self.render().unwrap_or_default()).into_response()
    }
}
