//! The settings of a helpdesk's form: which fields it has, what it says, how it is protected.
//!
//! They are read on every call of the form, so each node keeps them for a moment.

use super::store;
use super::turnstile::Turnstile;
use crate::app::App;
use crate::audit::{By, Entry};
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::kept::{Kept, Look};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Select fields of one form.
pub const MOST_SELECTS: usize = 4;

/// What a form asks, says and keeps out. Absent parts mean the default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FormSettings {
    /// The heading; empty for the form's own words, in the visitor's language.
    pub title: String,
    /// The line below it; empty for none.
    pub intro: String,
    /// What is said when a message has come in; empty for the form's own words.
    pub success: String,
    /// A line about privacy; empty for none.
    pub privacy_text: String,
    /// Where that line leads; empty for nowhere.
    pub privacy_url: String,
    /// Whether a name is asked for.
    pub asks_name: bool,
    /// Whether a subject is asked for.
    pub asks_subject: bool,
    /// Whether files can be sent with a message.
    pub asks_files: bool,
    /// The form's own fields.
    pub selects: Vec<Select>,
    /// How it is protected.
    pub protection: Protection,
}

impl Default for FormSettings {
    fn default() -> Self {
        Self {
            title: String::new(),
            intro: String::new(),
            success: String::new(),
            privacy_text: String::new(),
            privacy_url: String::new(),
            asks_name: true,
            asks_subject: true,
            asks_files: false,
            selects: Vec::new(),
            protection: Protection::default(),
        }
    }
}

/// A field in which one of several answers is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Select {
    /// Its name in calls.
    pub name: String,
    /// Its label.
    pub label: String,
    /// The answers to choose from.
    pub options: Vec<String>,
    /// Whether one must be chosen.
    pub required: bool,
}

/// What keeps robots and bombers out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Protection {
    /// How long a form lies open at least.
    pub minimum_seconds: u32,
    /// Whether a wrong proof of work is refused and its price rises; without, none is looked at.
    pub asks_proof: bool,
    /// Whether what comes from an address waits until whoever reads its mail has confirmed it.
    pub confirms_address: bool,
    /// Messages of one network within an hour.
    pub per_network_an_hour: u32,
    /// Conversations of one address within a day.
    pub per_address_a_day: u32,
    /// Messages to the helpdesk within an hour.
    pub per_helpdesk_an_hour: u32,
    /// Domains whose messages go into spam.
    pub blocked_domains: Vec<String>,
    /// Words whose messages go into spam.
    pub blocked_words: Vec<String>,
    /// Cloudflare Turnstile in place of the proof of work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turnstile: Option<Turnstile>,
}

impl Protection {
    /// Whether a proof of work is looked at: it is not where Turnstile checks.
    pub fn looks_at_proof(&self) -> bool {
        self.asks_proof && self.turnstile.is_none()
    }
}

impl Default for Protection {
    fn default() -> Self {
        Self {
            minimum_seconds: 3,
            asks_proof: true,
            confirms_address: false,
            per_network_an_hour: 20,
            per_address_a_day: 10,
            per_helpdesk_an_hour: 600,
            blocked_domains: Vec::new(),
            blocked_words: Vec::new(),
            turnstile: None,
        }
    }
}

type Cache = Kept<HelpdeskId, FormSettings>;

/// The settings of a helpdesk's form, from memory when they were read a moment ago.
///
/// # Errors
/// When the database cannot be read.
pub async fn get(app: &App, id: HelpdeskId) -> Result<Arc<FormSettings>> {
    let cache = app.room(|_| Cache::default());
    let now = app.now_ms();
    let ticket = match cache.look(&id, now) {
        Look::Fresh(settings) => return Ok(settings),
        Look::Stale(ticket) => ticket,
    };
    let stored = app
        .db()
        .read(async move |tx: &mut db::Tx| Ok::<_, Error>(store::settings(tx, id).await?))
        .await?;
    let settings = Arc::new(parsed(stored.as_deref())?);
    cache.keep(ticket, id, &settings, now);
    Ok(settings)
}

/// Sets them; the settings as they were before.
///
/// # Errors
/// When the database refuses.
pub async fn set(app: &App, id: HelpdeskId, by: &By, settings: &FormSettings) -> Result<FormSettings> {
    let (entry, now) = (Entry::new(app, id, by, "contact form set"), app.now_ms());
    let json = serde_json::to_string(settings).map_err(Error::internal)?;
    let settings = settings.clone();
    let changed = app
        .db()
        .write(async move |tx: &mut db::Tx| {
            let before = parsed(store::settings(tx, id).await?.as_deref())?;
            if before != settings {
                store::put_settings(tx, id, &json, now).await?;
                entry.write(tx, &changes(&before, &settings)).await?;
            }
            Ok(before)
        })
        .await;
    app.room(|_| Cache::default()).forget(&id);
    changed
}

fn parsed(stored: Option<&str>) -> Result<FormSettings> {
    stored.map_or_else(
        || Ok(FormSettings::default()),
        |json| serde_json::from_str(json).map_err(Error::internal),
    )
}

/// Which parts differ, for the audit log.
fn changes(before: &FormSettings, after: &FormSettings) -> String {
    let texts = |of: &FormSettings| {
        [
            &of.title,
            &of.intro,
            &of.success,
            &of.privacy_text,
            &of.privacy_url,
        ]
        .map(String::clone)
    };
    let (old, new) = (&before.protection, &after.protection);
    let lists = |of: &Protection| (of.blocked_domains.clone(), of.blocked_words.clone());
    let limits = |of: &Protection| {
        (
            of.minimum_seconds,
            of.asks_proof,
            of.confirms_address,
            of.per_network_an_hour,
            of.per_address_a_day,
            of.per_helpdesk_an_hour,
        )
    };
    let fields = |of: &FormSettings| (of.asks_name, of.asks_subject, of.asks_files, of.selects.clone());
    let parts = [
        (fields(before) != fields(after), "fields"),
        (texts(before) != texts(after), "texts"),
        (limits(old) != limits(new), "limits"),
        (lists(old) != lists(new), "block lists"),
        (old.turnstile != new.turnstile, "Turnstile"),
    ];
    let changed = parts.into_iter().filter(|(differs, _)| *differs);
    changed.map(|(_, part)| part).collect::<Vec<_>>().join(", ")
}

/// The name of a field in calls, from its label: `Your topic` is `your-topic`. Labels without a Latin
/// letter are called by their place.
pub fn name_of(label: &str, place: usize) -> String {
    let mut name = String::new();
    for c in label.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() {
            name.push(c);
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() {
        format!("field-{place}")
    } else {
        name.chars().take(40).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_after_its_label() {
        assert_eq!(name_of("Topic", 1), "topic");
        assert_eq!(name_of("  What is it about? ", 1), "what-is-it-about");
        assert_eq!(name_of("Тема", 2), "field-2");
    }

    #[test]
    fn what_an_older_version_stored_is_read_with_defaults() {
        let read = parsed(Some(r#"{"title":"Hi","later":1}"#)).unwrap();
        assert_eq!(read.title, "Hi");
        assert!(read.asks_name && !read.asks_files && read.protection == Protection::default());
        assert_eq!(parsed(None).unwrap(), FormSettings::default());
    }
}
