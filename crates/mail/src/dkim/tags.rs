//! Lists of tags (RFC 6376, 3.2): `v=1; d=example.com`, in signatures as in key records.

/// Longer lists are refused.
const LIST_BYTES: usize = 16 * 1_024;

/// Names with their values, in order, each name once.
pub(super) struct Tags<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Tags<'a> {
    /// Reads a list. None when it is not one: a list that names something twice has no meaning.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if text.len() > LIST_BYTES {
            return None;
        }
        let mut tags = Vec::new();
        for piece in text.split(';').filter(|piece| !piece.trim().is_empty()) {
            let (name, value) = piece.split_once('=')?;
            let name = name.trim();
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.is_empty() || !name.bytes().all(is_letter) {
                return None;
            }
            tags.push((name, value.trim()));
        }
        let mut names: Vec<&str> = tags.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        let is_repeated = names.windows(2).any(|two| two.first() == two.last());
        (!is_repeated).then_some(Self(tags))
    }

    pub(super) fn is_first(&self, name: &str) -> bool {
        self.0.first().is_some_and(|(first, _)| *first == name)
    }

    /// The value of a tag; upper and lower case differ in names.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value)
    }

    /// The value without any white space, which may stand between the characters of some.
    pub(super) fn packed(&self, name: &str) -> Option<String> {
        let value = self.get(name)?;
        Some(value.split_ascii_whitespace().collect())
    }

    /// Whether a list with colons has one of these; `None` when there is no such tag.
    pub(super) fn lists(&self, name: &str, wanted: &[&str]) -> Option<bool> {
        let packed = self.packed(name)?;
        let is_wanted = |item: &str| wanted.iter().any(|one| item.eq_ignore_ascii_case(one));
        Some(packed.split(':').any(is_wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_the_rfc_writes_them() {
        let tags = Tags::read(" v = 1 ;a=rsa-sha256;\r\n\tb=AB\r\n\t CD=; B=;h= a : b ;").unwrap();
        assert!(tags.is_first("v"));
        assert_eq!(tags.get("v"), Some("1"));
        assert_eq!(tags.get("a"), Some("rsa-sha256"));
        assert_eq!(tags.packed("b").as_deref(), Some("ABCD="));
        assert_eq!(tags.get("B"), Some(""));
        assert_eq!(tags.get("c"), None);
        assert_eq!(tags.lists("h", &["B"]), Some(true));
        assert_eq!(tags.lists("h", &["c"]), Some(false));
        assert_eq!(tags.lists("x", &["c"]), None);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let long = format!("v=1; n={}", "x".repeat(LIST_BYTES));
        for text in [
            "a",
            "a=1; b",
            "=1",
            "a b=1",
            "ä=1",
            "a=1; b=2; a=1",
            long.as_str(),
        ] {
            assert!(Tags::read(text).is_none(), "{text}");
        }
        assert!(Tags::read("").is_some_and(|tags| !tags.is_first("v")));
    }
}
