//! What differs from reader to reader in a guide: two names in double braces, and nothing else.

/// The names, as they stand in the texts.
pub(super) const NAMES: [&str; 2] = ["{{BASE_URL}}", "{{HELPDESK_ID}}"];
/// The number of the second one.
pub(super) const HELPDESK_ID: usize = 1;
/// What readers see who have no helpdesk of their own.
const NO_HELPDESK: &str = "YOUR_HELPDESK_ID";

/// The values for one reader.
#[derive(Clone, Debug)]
pub(super) struct Values {
    base_url: String,
    helpdesk_id: String,
}

impl Values {
    pub(super) fn new(base_url: &str, helpdesk_id: Option<String>) -> Self {
        Self {
            base_url: base_url.to_owned(),
            helpdesk_id: helpdesk_id.unwrap_or_else(|| NO_HELPDESK.to_owned()),
        }
    }

    /// In the order of the names.
    pub(super) fn each(&self) -> [&str; 2] {
        [&self.base_url, &self.helpdesk_id]
    }

    /// A plain text with the values in place of the names. What a value holds is not read again.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((at, name, value)) = self.next(rest) {
            let (before, after) = rest.split_at(at);
            filled.push_str(before);
            filled.push_str(value);
            rest = after.strip_prefix(name).unwrap_or_default();
        }
        filled + rest
    }

    fn next(&self, text: &str) -> Option<(usize, &'static str, &str)> {
        let pairs = NAMES.into_iter().zip(self.each());
        pairs
            .filter_map(|(name, value)| Some((text.find(name)?, name, value)))
            .min_by_key(|(at, ..)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_names_are_replaced_once_and_nothing_else_is() {
        let values = Values::new("https://a.example", Some("{{BASE_URL}}".to_owned()));
        for (text, wanted) in [
            (
                "{{BASE_URL}}/x {{HELPDESK_ID}}",
                "https://a.example/x {{BASE_URL}}",
            ),
            (
                "{{HELPDESK_ID}}{{BASE_URL}}{{HELPDESK_ID}}",
                "{{BASE_URL}}https://a.example{{BASE_URL}}",
            ),
            ("{{ email }} {{{BASE_URL}}}", "{{ email }} {https://a.example}"),
            (
                "{{base_url}} {{BASE_URL }} {BASE_URL}",
                "{{base_url}} {{BASE_URL }} {BASE_URL}",
            ),
            ("", ""),
        ] {
            assert_eq!(values.fill(text), wanted, "{text}");
        }
        assert_eq!(Values::new("", None).fill("{{HELPDESK_ID}}"), "YOUR_HELPDESK_ID");
    }
}
