//! Where a link in a document may lead.

use super::Rules;

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Another document of the same kind, and a heading in it.
    Document {
        /// Its name, without `.md`.
        slug: String,
        /// The id of the heading, or nothing.
        anchor: String,
    },
    /// A heading of the same document.
    Here(String),
    /// A path of this site.
    Path(String),
    /// Another site, by https or mail, or an address that begins with a blank.
    Elsewhere(String),
    /// Anything else. Its words are shown, and it leads nowhere.
    Refused(String),
}

impl Target {
    /// Reads the destination of a link.
    pub(super) fn of(destination: &str, rules: &Rules<'_>) -> Self {
        let owned = || destination.to_owned();
        if destination
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        {
            return Self::Refused(owned());
        }
        if let Some(anchor) = destination.strip_prefix('#') {
            return Self::Here(anchor.to_owned());
        }
        let begins_with = |start: &&str| destination.starts_with(*start);
        if ["https://", "mailto:"].iter().any(begins_with) || rules.blanks.iter().any(begins_with) {
            return Self::Elsewhere(owned());
        }
        // Two slashes would lead to another host.
        if destination.starts_with('/') && !destination.starts_with("//") {
            return Self::Path(owned());
        }
        let (file, anchor) = destination.split_once('#').unwrap_or((destination, ""));
        match file.strip_suffix(".md") {
            Some(slug) if is_slug(slug) => Self::Document {
                slug: slug.to_owned(),
                anchor: anchor.to_owned(),
            },
            _ => Self::Refused(owned()),
        }
    }
}

fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_where_the_rules_say_and_nowhere_else() {
        let rules = Rules {
            folder: "/docs/",
            blanks: &["{{BASE_URL}}"],
        };
        let of = |destination| Target::of(destination, &rules);
        let document = |slug: &str, anchor: &str| Target::Document {
            slug: slug.to_owned(),
            anchor: anchor.to_owned(),
        };
        assert_eq!(of("wix.md"), document("wix", ""));
        assert_eq!(of("ai-builder.md#test-it"), document("ai-builder", "test-it"));
        assert_eq!(of("#top"), Target::Here("top".to_owned()));
        assert_eq!(of("/sign-in"), Target::Path("/sign-in".to_owned()));
        for elsewhere in ["https://example.com/a", "mailto:a@example.com", "{{BASE_URL}}/x"] {
            assert_eq!(of(elsewhere), Target::Elsewhere(elsewhere.to_owned()));
        }
        for refused in [
            "http://example.com",
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "/\\evil.example",
            "java\nscript:alert(1)",
            "../../etc/passwd",
            "../wix.md",
            "Wix.md",
            ".md",
            "wix",
            "",
        ] {
            assert_eq!(of(refused), Target::Refused(refused.to_owned()));
        }
    }
}
