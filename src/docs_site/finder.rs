//! Finds the sections that hold all words of a query, or longer words that begin with them. The
//! words of every section are cut once and kept sorted; there are a few hundred sections.

use super::library::Guide;
use crate::words::{self, Query, Wanted};

/// Words of one kind of place, sorted.
#[derive(Debug, Default)]
struct Words(Vec<String>);

impl Words {
    fn of(text: &str) -> Self {
        let mut all = words::of(text);
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// 2 for the word itself, 1 for a longer one, 0 for neither.
    fn rank(&self, wanted: &Wanted) -> usize {
        let Self(all) = self;
        let from = all.partition_point(|word| *word < wanted.word);
        match all.get(from) {
            Some(word) if *word == wanted.word => 2,
            Some(word) if wanted.or_longer && word.starts_with(&wanted.word) => 1,
            _ => 0,
        }
    }
}

/// A section, ready to be looked through.
#[derive(Debug)]
struct Entry {
    guide: usize,
    section: usize,
    guide_title: Words,
    heading: Words,
    text: Words,
}

/// All sections.
#[derive(Debug)]
pub(super) struct Finder {
    entries: Vec<Entry>,
}

/// A section that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// The guide's place in the library.
    pub(super) guide: usize,
    /// The section's place in the guide.
    pub(super) section: usize,
}

/// How much a word counts in a heading, and in the title of its guide. In the text it counts once.
const IN_HEADING: usize = 6;
const IN_TITLE: usize = 2;

impl Finder {
    pub(super) fn of(guides: &[Guide]) -> Self {
        let mut entries = Vec::new();
        for (guide, read) in guides.iter().enumerate() {
            for (section, part) in read.document.sections.iter().enumerate() {
                entries.push(Entry {
                    guide,
                    section,
                    guide_title: Words::of(&read.document.title),
                    heading: Words::of(&part.title),
                    text: Words::of(&part.text),
                });
            }
        }
        Self { entries }
    }

    /// The sections that hold all words, the best first.
    pub(super) fn find(&self, query: &Query) -> Vec<Found> {
        let mut found: Vec<(usize, Found)> = Vec::new();
        for entry in &self.entries {
            if let Some(score) = entry.score(query) {
                let (guide, section) = (entry.guide, entry.section);
                found.push((score, Found { guide, section }));
            }
        }
        // Stable: what is equally good stays in the order of the guides.
        found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        found.into_iter().map(|(_, found)| found).collect()
    }
}

impl Entry {
    /// How well a section fits: every word must be there, and one of them not in the title alone.
    fn score(&self, query: &Query) -> Option<usize> {
        let (mut own, mut title) = (0, 0);
        for wanted in query.words() {
            let here = self.heading.rank(wanted) * IN_HEADING + self.text.rank(wanted);
            let above = self.guide_title.rank(wanted) * IN_TITLE;
            if here + above == 0 {
                return None;
            }
            own += here;
            title += above;
        }
        (own > 0).then_some(own + title)
    }
}

#[cfg(test)]
mod tests {
    use super::super::guides::Text;
    use super::*;

    const SAMPLES: [Text; 2] = [
        Text {
            slug: "php",
            markdown: "# Signing in PHP\n\nUse hash_hmac.\n\n## Errors\n\nA newline at the end of the secret.\n\n## Caching\n\nExclude the page from the cache; Élan vital.\n",
        },
        Text {
            slug: "node",
            markdown: "# Node\n\nUse crypto.\n\n## Signing\n\nThe secret is the key.\n\n## Cached errors\n\nNone.\n",
        },
    ];

    /// What is found, as `slug#anchor`.
    fn found(query: &str) -> Vec<String> {
        let guides: Vec<Guide> = SAMPLES.iter().map(Guide::read).collect();
        let finder = Finder::of(&guides);
        let name = |found: &Found| {
            let guide = &guides[found.guide];
            format!("{}#{}", guide.slug, guide.document.sections[found.section].anchor)
        };
        finder.find(&Query::parse(query)).iter().map(name).collect()
    }

    #[test]
    fn all_words_must_be_there_in_any_case_and_order_or_begin_a_longer_one() {
        for (query, wanted) in [
            ("newline", vec!["php#errors"]),
            ("SECRET newline", vec!["php#errors"]),
            ("newl secr", vec!["php#errors"]),
            ("newline crypto", vec![]),
            ("elan", vec!["php#caching"]),
            ("line", vec![]),
            ("", vec![]),
            ("?!", vec![]),
        ] {
            assert_eq!(found(query), wanted, "{query:?}");
        }
    }

    #[test]
    fn headings_come_before_texts_and_whole_words_before_longer_ones() {
        assert_eq!(found("signing"), ["php#signing-in-php", "node#signing"]);
        assert_eq!(found("errors"), ["php#errors", "node#cached-errors"]);
        assert_eq!(found("cache"), ["node#cached-errors", "php#caching"]);
        assert_eq!(found("secret"), ["php#errors", "node#signing"]);
    }

    #[test]
    fn the_title_helps_and_does_not_find_every_section_of_its_guide() {
        assert_eq!(found("php"), ["php#signing-in-php"]);
        assert_eq!(found("php newline"), ["php#errors"]);
    }
}
