//! The guides as they are served: each read once, when the first reader comes.

use super::blanks;
use super::finder::Finder;
use super::guides::{GROUPS, Text};
use html::markdown::{Document, Rules};
use std::sync::LazyLock;

/// Where the guides are served.
pub const FOLDER: &str = "/docs/";

/// A guide that was read.
#[derive(Debug)]
pub struct Guide {
    /// Its name in addresses.
    pub slug: &'static str,
    /// The Markdown.
    pub markdown: &'static str,
    /// The same as HTML, with its parts.
    pub document: Document,
}

impl Guide {
    /// Reads a guide.
    pub fn read(text: &Text) -> Self {
        let rules = Rules {
            folder: FOLDER,
            blanks: &blanks::NAMES,
        };
        Self {
            slug: text.slug,
            markdown: text.markdown,
            document: Document::parse(text.markdown, &rules),
        }
    }
}

/// All guides, in the order of the table.
#[derive(Debug)]
pub struct Library {
    /// The guides.
    pub guides: Vec<Guide>,
    pub(super) finder: Finder,
}

impl Library {
    fn read() -> Self {
        let texts = GROUPS.iter().flat_map(|group| group.guides);
        let guides: Vec<Guide> = texts.map(Guide::read).collect();
        let finder = Finder::of(&guides);
        Self { guides, finder }
    }

    /// The guide of this name, and its place in the order.
    pub fn find(&self, slug: &str) -> Option<(usize, &Guide)> {
        let mut all = self.guides.iter().enumerate();
        all.find(|(_, guide)| guide.slug == slug)
    }
}

/// The one library.
pub fn library() -> &'static Library {
    static LIBRARY: LazyLock<Library> = LazyLock::new(Library::read);
    &LIBRARY
}
