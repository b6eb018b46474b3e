//! What was found for some words.

use super::SAMPLE_NOW_MS;
use super::contacts::Row;
use super::inbox::Channel;
use super::shell::{Avatar, Shell};
use crate::web::page::View;
use askama::Template;

/// In which conversations is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In all.
    All,
    /// In open ones.
    Open,
    /// In closed ones.
    Closed,
}

impl Scope {
    /// All of them, in the order of the page.
    pub const EACH: [Self; 3] = [Self::All, Self::Open, Self::Closed];

    /// The scope of this name; all for any other.
    pub fn named(name: Option<&str>) -> Self {
        let found = Self::EACH.into_iter().find(|scope| name == scope.name());
        found.unwrap_or(Self::All)
    }

    /// Its name in addresses.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::All => None,
            Self::Open => Some("open"),
            Self::Closed => Some("closed"),
        }
    }

    /// Its name on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::All => "All",
            Self::Open => "Open",
            Self::Closed => "Closed",
        }
    }
}

/// Text with the words that were looked for marked.
#[derive(Clone, Debug, Default)]
pub struct Marked {
    /// Whether the text begins earlier.
    pub is_cut_before: bool,
    /// Each stretch, and whether it is marked.
    pub pieces: Vec<(String, bool)>,
    /// Whether the text goes on.
    pub is_cut_after: bool,
}

/// A conversation that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its page, at the entry that was found.
    pub href: String,
    /// Where it started.
    pub channel: Channel,
    /// Open or closed.
    pub is_open: bool,
    /// The contact's mark.
    pub avatar: Avatar,
    /// The contact's name or address.
    pub who: Marked,
    /// The subject.
    pub subject: Marked,
    /// Who wrote the text below.
    pub by: Option<String>,
    /// Whether it stands in a private note.
    pub is_note: bool,
    /// The surroundings of the words, or the beginning of the latest message.
    pub text: Marked,
    /// When something was last written.
    pub at_ms: i64,
}

/// One of the scopes on the page.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name.
    pub label: &'static str,
    /// Where it leads.
    pub href: String,
    /// Whether it is the present one.
    pub is_current: bool,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/search.html")]
pub struct SearchPage {
    /// The frame.
    pub shell: Shell,
    /// What was typed.
    pub typed: String,
    /// Whether there was a word in it.
    pub is_asked: bool,
    /// In which conversations.
    pub scope: Scope,
    /// The first contacts with these words.
    pub contacts: Vec<Row>,
    /// The address of all of them, when there are more.
    pub all_contacts: Option<String>,
    /// One page of conversations, latest first.
    pub hits: Vec<Hit>,
    /// The address of the next page.
    pub older: Option<String>,
    /// The address of the first page, on any other.
    pub newest: Option<String>,
}

impl SearchPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// The address of a page of results.
    pub fn address(base: &str, typed: &str, scope: Scope, before: Option<i64>) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", typed);
        if let Some(name) = scope.name() {
            query.append_pair("status", name);
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        format!("{base}/search?{}", query.finish())
    }

    /// The same words in each scope.
    pub fn scopes(&self) -> [Choice; 3] {
        Scope::EACH.map(|scope| Choice {
            label: scope.label(),
            href: Self::address(&self.shell.base, &self.typed, scope, None),
            is_current: scope == self.scope,
        })
    }

    /// The same words in all conversations.
    pub fn everywhere(&self) -> String {
        Self::address(&self.shell.base, &self.typed, Scope::All, None)
    }

    /// The list of all contacts with these words.
    pub fn contacts_address(base: &str, typed: &str) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", typed);
        format!("{base}/contacts?{}", query.finish())
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let plain = |text: &str| Marked {
            pieces: vec![(text.to_owned(), false)],
            ..Marked::default()
        };
        let note = Hit {
            href: "/h/1/conversations/a?view=open#entry-4".to_owned(),
            channel: Channel {
                icon: "ticket",
                label: "Ticket Center",
            },
            is_open: true,
            avatar: Avatar::of("Priya Raman", "priya@lumastudio.example"),
            who: plain("Priya Raman"),
            subject: Marked {
                pieces: vec![("Exported ".to_owned(), false), ("invoices".to_owned(), true)],
                ..Marked::default()
            },
            by: Some("Tomás Vieira".to_owned()),
            is_note: true,
            text: Marked {
                is_cut_before: true,
                pieces: vec![("the ".to_owned(), false), ("invoice".to_owned(), true)],
                is_cut_after: true,
            },
            at_ms: SAMPLE_NOW_MS - 960_000,
        };
        let closed = Hit {
            is_open: false,
            by: None,
            is_note: false,
            at_ms: SAMPLE_NOW_MS - 20 * 86_400_000,
            ..note.clone()
        };
        Self {
            shell: Shell::sample("search"),
            typed: "invoice".to_owned(),
            is_asked: true,
            scope: Scope::All,
            contacts: vec![Row::sample("Ingrid Vance", "ingrid@invoice.example", 3)],
            all_contacts: Some("/h/1/contacts?q=invoice".to_owned()),
            hits: vec![note, closed],
            older: Some("/h/1/search?q=invoice&before=9".to_owned()),
            newest: Some("/h/1/search?q=invoice".to_owned()),
        }
    }

    /// Before anything was typed.
    pub fn sample_asking() -> Self {
        Self {
            typed: String::new(),
            is_asked: false,
            ..Self::sample_nothing()
        }
    }

    /// Nothing found.
    pub fn sample_nothing() -> Self {
        Self {
            scope: Scope::Open,
            contacts: Vec::new(),
            all_contacts: None,
            hits: Vec::new(),
            older: None,
            newest: None,
            ..Self::sample()
        }
    }
}
