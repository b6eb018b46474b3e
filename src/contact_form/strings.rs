//! The Contact Form's translations, and English for the hosted page.

use crate::embeds::strings::{Languages, Strings, Texts};
use crate::forms::settings::Protection;
use axum::http::{HeaderMap, header};
use std::sync::LazyLock;

macro_rules! languages {
    ($($code:literal)*) => {
        Languages::read(&[$(($code, include_str!(concat!("strings/", $code, ".json")))),*])
    };
}

static LANGUAGES: LazyLock<Languages> =
    LazyLock::new(|| languages!("ar" "de" "es" "fr" "he" "it" "ja" "nl" "pl" "pt" "tr"));

/// The same files that the scripts carry, and what only pages say.
static ENGLISH: LazyLock<Texts> = LazyLock::new(|| {
    let read = |json| serde_json::from_str::<Texts>(json).unwrap_or_default();
    let mut texts = read(include_str!("../../web/embeds/contact-form/english.json"));
    texts.extend(read(include_str!(
        "../../web/embeds/contact-form/english-files.json"
    )));
    texts.extend(read(include_str!(
        "../../web/embeds/contact-form/english-pages.json"
    )));
    texts
});

/// The texts for a locale such as `de` or `pt-BR`; English and unknown ones have none.
pub(super) fn for_locale(locale: Option<&str>) -> Strings {
    LANGUAGES.for_locale(locale)
}

/// The texts of a page that the server writes.
#[derive(Clone, Copy)]
pub(super) struct Words(Strings);

impl Words {
    /// In the first language that the browser asks for.
    pub(super) fn of_request(headers: &HeaderMap) -> Self {
        let asked = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|languages| languages.to_str().ok());
        let first = asked.and_then(|languages| languages.split([',', ';']).next());
        Self(for_locale(first.map(str::trim)))
    }

    /// In this language, when there is one.
    pub(super) fn of_locale(locale: &str) -> Option<Self> {
        (!locale.is_empty()).then(|| Self(for_locale(Some(locale))))
    }

    /// In the language of a locale.
    pub(super) fn of(strings: Strings) -> Self {
        Self(strings)
    }

    /// What is said once a form has come in; the helpdesk's own words stand before what must be known.
    pub(super) fn success(&self, own: &str, settings: &Protection) -> String {
        match (own, settings.confirms_address) {
            (own, false) => own.to_owned(),
            ("", true) => self.text("sent_confirm").to_owned(),
            (own, true) => format!("{own} {}", self.text("sent_confirm")),
        }
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &str) -> &'static str {
        let translated = self.0.texts.and_then(|texts| texts.get(key));
        translated.or_else(|| ENGLISH.get(key)).map_or("", String::as_str)
    }

    /// The text of a key with its placeholder filled in.
    pub(super) fn with(&self, key: &str, placeholder: &str, value: &str) -> String {
        self.text(key).replacen(placeholder, value, 1)
    }

    pub(super) fn direction(&self) -> &'static str {
        self.0.direction
    }

    pub(super) fn language(&self) -> &'static str {
        self.0.language
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_texts_of_english() {
        assert_eq!(LANGUAGES.all().count(), 11);
        let keys = |texts: &Texts| texts.keys().cloned().collect::<Vec<_>>();
        assert!(ENGLISH.len() > 20);
        assert!(LANGUAGES.all().all(|texts| keys(texts) == keys(&ENGLISH)));
    }
}
