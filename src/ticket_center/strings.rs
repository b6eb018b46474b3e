//! Translations of the embed. The script carries English; the texts of another language ride in
//! the answer of `verify`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

type Texts = BTreeMap<String, String>;

/// Texts and writing direction for one embed.
pub(super) struct Strings {
    pub(super) texts: Option<&'static Texts>,
    pub(super) direction: &'static str,
}

macro_rules! languages {
    ($($code:literal)*) => {
        [$(($code, include_str!(concat!("strings/", $code, ".json")))),*]
    };
}

static LANGUAGES: LazyLock<BTreeMap<&'static str, Texts>> = LazyLock::new(|| {
    let files = languages!("ar" "de" "es" "fr" "he" "it" "ja" "nl" "pl" "pt" "tr");
    // A file that is no JSON is found by the test below; English would be shown.
    files
        .into_iter()
        .filter_map(|(code, json)| Some((code, serde_json::from_str(json).ok()?)))
        .collect()
});

/// The texts for a locale such as `de` or `pt-BR`; English and unknown ones have none.
pub(super) fn for_locale(locale: Option<&str>) -> Strings {
    let locale = locale.unwrap_or_default();
    let language = locale
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let texts = LANGUAGES.get(language.as_str());
    let direction = if texts.is_some() && matches!(language.as_str(), "ar" | "he") {
        "rtl"
    } else {
        "ltr"
    };
    Strings { texts, direction }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_texts() {
        assert_eq!(LANGUAGES.len(), 11);
        let keys = |texts: &Texts| texts.keys().cloned().collect::<Vec<_>>();
        let german = keys(for_locale(Some("de-AT")).texts.unwrap());
        assert!(german.len() > 20);
        assert!(LANGUAGES.values().all(|texts| keys(texts) == german));
        assert_eq!(for_locale(Some("ar")).direction, "rtl");
        assert!(for_locale(Some("en-GB")).texts.is_none() && for_locale(None).texts.is_none());
    }
}
