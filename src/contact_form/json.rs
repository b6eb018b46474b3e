//! The shapes that callers get.

use super::files;
use super::strings::Words;
use crate::app::App;
use crate::embeds::strings::Texts;
use crate::forms::settings::{FormSettings, Select};
use crate::helpdesks::{Appearance, Helpdesk};
use serde::Serialize;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Form<'a> {
    pub(super) helpdesk: HelpdeskJson<'a>,
    pub(super) form: Asked<'a>,
    /// Goes back with the message.
    pub(super) token: String,
    /// How many leading zero bits the proof needs; nothing when none is looked at.
    pub(super) proof_bits: Option<u8>,
    /// What else the sender must pass; nothing where nothing is.
    pub(super) check: Option<&'static str>,
    /// How long the token must have been held.
    pub(super) minimum_seconds: u32,
    /// What files may have; nothing when the form takes none.
    pub(super) file_limits: Option<FileLimits>,
    /// Another language than English.
    pub(super) strings: Option<&'a Texts>,
    pub(super) direction: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileLimits {
    /// Files of one form.
    count: usize,
    /// Bytes of one.
    bytes: u32,
    /// Bytes of all together.
    bytes_in_all: u32,
}

impl FileLimits {
    pub(super) fn new(app: &App, settings: &FormSettings) -> Option<Self> {
        settings.asks_files.then(|| Self {
            count: files::MOST,
            bytes: files::most_of_one(app),
            bytes_in_all: files::MOST_BYTES,
        })
    }
}

#[derive(Serialize)]
pub(super) struct HelpdeskJson<'a> {
    name: &'a str,
    messaging: bool,
    appearance: &'a Appearance,
}

impl<'a> From<&'a Helpdesk> for HelpdeskJson<'a> {
    fn from(helpdesk: &'a Helpdesk) -> Self {
        Self {
            name: &helpdesk.name,
            messaging: helpdesk.messaging,
            appearance: &helpdesk.appearance,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked<'a> {
    title: &'a str,
    intro: &'a str,
    /// Empty for the script's own words.
    success: String,
    privacy_text: &'a str,
    privacy_url: &'a str,
    name: bool,
    subject: bool,
    files: bool,
    selects: Vec<SelectJson<'a>>,
}

#[derive(Serialize)]
struct SelectJson<'a> {
    name: &'a str,
    label: &'a str,
    options: &'a [String],
    required: bool,
}

impl<'a> Asked<'a> {
    pub(super) fn new(settings: &'a FormSettings, words: Words) -> Self {
        Self {
            title: &settings.title,
            intro: &settings.intro,
            success: words.success(&settings.success, &settings.protection),
            privacy_text: &settings.privacy_text,
            privacy_url: &settings.privacy_url,
            name: settings.asks_name,
            subject: settings.asks_subject,
            files: settings.asks_files,
            selects: settings.selects.iter().map(SelectJson::from).collect(),
        }
    }
}

impl<'a> From<&'a Select> for SelectJson<'a> {
    fn from(select: &'a Select) -> Self {
        Self {
            name: &select.name,
            label: &select.label,
            options: &select.options,
            required: select.required,
        }
    }
}

/// The same whatever was sent and whoever is known.
#[derive(Serialize)]
pub(super) struct Received {
    pub(super) received: bool,
}
