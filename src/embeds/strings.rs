//! Translations of an embed. Its script carries English; the texts of another language ride in the
//! answer of its first call.

use std::collections::BTreeMap;

/// Texts by their keys.
pub type Texts = BTreeMap<String, String>;

/// The languages of one embed, by code.
pub struct Languages(BTreeMap<&'static str, Texts>);

/// Texts and writing direction for one visitor.
#[derive(Clone, Copy)]
pub struct Strings {
    /// The texts; nothing for English.
    pub texts: Option<&'static Texts>,
    /// `ltr` or `rtl`.
    pub direction: &'static str,
    /// The language they are in.
    pub language: &'static str,
}

impl Languages {
    /// Reads the files. One that is no JSON is found by the tests of its room; English would be shown.
    pub fn read(files: &[(&'static str, &str)]) -> Self {
        let read = files
            .iter()
            .filter_map(|(code, json)| Some((*code, serde_json::from_str(json).ok()?)));
        Self(read.collect())
    }

    /// The texts for a locale such as `de` or `pt-BR`; English and unknown ones have none.
    pub fn for_locale(&'static self, locale: Option<&str>) -> Strings {
        let locale = locale.unwrap_or_default();
        let language = locale
            .split(['-', '_'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let found = self.0.get_key_value(language.as_str());
        let direction = if matches!(found, Some((&("ar" | "he"), _))) {
            "rtl"
        } else {
            "ltr"
        };
        Strings {
            texts: found.map(|(_, texts)| texts),
            direction,
            language: found.map_or("en", |(code, _)| code),
        }
    }

    /// All of them, for a room's test.
    pub fn all(&self) -> impl Iterator<Item = &Texts> {
        self.0.values()
    }
}
