//! The Ticket Center's translations.

use crate::embeds::strings::{Languages, Strings};
use std::sync::LazyLock;

macro_rules! languages {
    ($($code:literal)*) => {
        Languages::read(&[$(($code, include_str!(concat!("strings/", $code, ".json")))),*])
    };
}

static LANGUAGES: LazyLock<Languages> =
    LazyLock::new(|| languages!("ar" "de" "es" "fr" "he" "it" "ja" "nl" "pl" "pt" "tr"));

/// The texts for a locale such as `de` or `pt-BR`; English and unknown ones have none.
pub(super) fn for_locale(locale: Option<&str>) -> Strings {
    LANGUAGES.for_locale(locale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::embeds::strings::Texts;

    #[test]
    fn every_language_has_the_same_texts() {
        assert_eq!(LANGUAGES.all().count(), 11);
        let keys = |texts: &Texts| texts.keys().cloned().collect::<Vec<_>>();
        let german = keys(for_locale(Some("de-AT")).texts.unwrap());
        assert!(german.len() > 20);
        assert!(LANGUAGES.all().all(|texts| keys(texts) == german));
        assert_eq!(for_locale(Some("ar")).direction, "rtl");
        assert!(for_locale(Some("en-GB")).texts.is_none() && for_locale(None).texts.is_none());
    }
}
