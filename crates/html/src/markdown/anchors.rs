//! The ids of headings, by GitHub's rule, so that a link works there as it does here.

use std::collections::HashSet;

/// The ids given out so far.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    taken: HashSet<String>,
}

impl Anchors {
    /// The id of a heading: its letters and digits in lower case, hyphens for spaces; a second one of
    /// the same name gets a number.
    pub(super) fn of(&mut self, heading: &str) -> String {
        let plain = slug(heading);
        let mut anchor = plain.clone();
        let mut number = 0;
        while !self.taken.insert(anchor.clone()) {
            number += 1;
            anchor = format!("{plain}-{number}");
        }
        anchor
    }
}

fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            _ => c.is_alphanumeric().then_some(c),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_the_rule_of_github() {
        for (heading, wanted) in [
            ("Sign the email", "sign-the-email"),
            ("PHP, Ruby & Go", "php-ruby--go"),
            ("1. Your server (Node.js)", "1-your-server-nodejs"),
            ("`data-align`", "data-align"),
            ("snake_case – and dash", "snake_case--and-dash"),
            ("Über uns", "über-uns"),
            ("  ", ""),
        ] {
            assert_eq!(slug(heading), wanted, "{heading:?}");
        }
    }

    #[test]
    fn an_id_is_given_once() {
        let mut anchors = Anchors::default();
        let given: Vec<String> = ["Node", "Node", "Node 1", "node"]
            .into_iter()
            .map(|heading| anchors.of(heading))
            .collect();
        assert_eq!(given, ["node", "node-1", "node-1-1", "node-2"]);
    }
}
