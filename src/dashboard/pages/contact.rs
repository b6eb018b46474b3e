//! One contact with all their conversations.

use super::SAMPLE_NOW_MS;
use super::inbox::Channel;
use super::shell::{Avatar, Shell};
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// One of their conversations.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Its page.
    pub href: String,
    /// Where it started.
    pub channel: Channel,
    /// The subject.
    pub subject: String,
    /// The beginning of the latest message.
    pub preview: String,
    /// Who wrote that, when it was not the contact.
    pub preview_by: Option<String>,
    /// Open or closed.
    pub is_open: bool,
    /// When it was written.
    pub at_ms: i64,
}

/// Why no mail goes to somebody.
#[derive(Clone, Debug)]
pub enum Refusal {
    /// They unsubscribed.
    Unsubscribed {
        /// When.
        since_ms: i64,
    },
    /// A mail server refused their address.
    BadAddress {
        /// When.
        since_ms: i64,
        /// What it said; may be empty.
        words: String,
    },
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/contact.html")]
pub struct ContactPage {
    /// The frame.
    pub shell: Shell,
    /// The page's own address.
    pub base: String,
    /// The name, or what stands before the `@`.
    pub name: String,
    /// What stands in the field for the name.
    pub typed: String,
    /// The address.
    pub email: String,
    /// Its domain in ASCII, when it is spelled in other letters.
    pub ascii_domain: Option<String>,
    /// Their mark.
    pub avatar: Avatar,
    /// When the address was last proved by a signature.
    pub proved_ms: Option<i64>,
    /// When they were first seen.
    pub first_seen_ms: i64,
    /// Why no mail goes to them.
    pub refusal: Option<Refusal>,
    /// One page of conversations, latest message first.
    pub conversations: Vec<Conversation>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
    /// What was wrong with the name.
    pub errors: FieldErrors,
}

impl ContactPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let line = |icon, label, subject: &str, preview: &str, is_open: bool, days: i64| Conversation {
            href: "/h/1/conversations/a?view=open".to_owned(),
            channel: Channel { icon, label },
            subject: subject.to_owned(),
            preview: preview.to_owned(),
            preview_by: is_open.then(|| "Noor Haddad".to_owned()),
            is_open,
            at_ms: SAMPLE_NOW_MS - days * 86_400_000,
        };
        Self {
            shell: Shell::sample("contacts"),
            base: "/h/1/contacts/b".to_owned(),
            name: "Priya Raman".to_owned(),
            typed: "Priya Raman".to_owned(),
            email: "priya@lumastudio.example".to_owned(),
            ascii_domain: None,
            avatar: Avatar::of("Priya Raman", "priya@lumastudio.example"),
            proved_ms: Some(SAMPLE_NOW_MS - 1_260_000),
            first_seen_ms: SAMPLE_NOW_MS - 600 * 86_400_000,
            refusal: None,
            conversations: vec![
                line(
                    "ticket",
                    "Ticket Center",
                    "Exported invoices are missing the VAT line",
                    "All three are re-sent with the VAT line back in place",
                    true,
                    0,
                ),
                line(
                    "mail",
                    "Email",
                    "Adding a second logo to invoices",
                    "Perfect, thank you.",
                    false,
                    17,
                ),
            ],
            older: None,
            newest: None,
            errors: FieldErrors::default(),
        }
    }

    /// Somebody who has never written, under an address that needs care.
    pub fn sample_bare() -> Self {
        Self {
            name: "ünï".to_owned(),
            typed: "x".repeat(130),
            email: "ünï@exämple.example".to_owned(),
            refusal: Some(Refusal::BadAddress {
                since_ms: SAMPLE_NOW_MS - 86_400_000,
                words: "mail.example.com: 550 5.1.1 no such user".to_owned(),
            }),
            ascii_domain: Some("xn--exmple-cua.example".to_owned()),
            proved_ms: None,
            conversations: Vec::new(),
            newest: Some("/h/1/contacts/b".to_owned()),
            older: Some("/h/1/contacts/b?before=x".to_owned()),
            errors: FieldErrors::one("name", "A name has at most 120 characters"),
            ..Self::sample()
        }
    }
}
