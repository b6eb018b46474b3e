//! The pages of the docs: what is on each, in the words of the page.

use askama::Template;
use html::SafeHtml;
use html::markdown::{Document, Rules};

/// A guide as lists name it.
#[derive(Clone, Debug)]
pub struct NavGuide {
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// Its address.
    pub href: String,
    /// Whether it is the present page.
    pub is_here: bool,
}

/// Guides that belong together.
#[derive(Clone, Debug)]
pub struct NavGroup {
    /// What they are about.
    pub title: &'static str,
    /// The guides.
    pub guides: Vec<NavGuide>,
}

/// A helpdesk that the guides can be filled in for.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The public id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is the present one.
    pub is_chosen: bool,
}

/// What stands around every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// `light`, `dark`, or nothing for the system's.
    pub theme: Option<&'static str>,
    /// Whether the reader is signed in.
    pub is_signed_in: bool,
    /// All guides.
    pub groups: Vec<NavGroup>,
    /// What links carry on: empty, or the helpdesk that was chosen.
    pub query: String,
    /// The same for forms.
    pub chosen: Option<String>,
    /// The helpdesks to choose from, when there are several.
    pub choices: Vec<Choice>,
    /// What is looked for.
    pub typed: String,
    /// The address of the page, without its query.
    pub path: String,
}

/// A heading of the page.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its id.
    pub anchor: String,
    /// Its words.
    pub title: String,
    /// Whether it stands below another one.
    pub is_inner: bool,
}

/// What is said about the Helpdesk ID in the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filled {
    /// There is none on this page.
    NotNeeded,
    /// Nobody is signed in.
    SignIn,
    /// Signed in without a helpdesk to administer.
    AskAdmin,
    /// It is that of the helpdesk with this name.
    For(String),
}

/// All guides.
#[derive(Template)]
#[template(path = "docs_site/home.html")]
pub struct HomePage {
    /// The frame.
    pub frame: Frame,
}

/// One guide.
#[derive(Template)]
#[template(path = "docs_site/guide.html")]
pub struct GuidePage {
    /// The frame.
    pub frame: Frame,
    /// Its title.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The address of its Markdown.
    pub markdown: String,
    /// Its text.
    pub body: SafeHtml,
    /// Its headings.
    pub parts: Vec<Part>,
    /// What is said about the Helpdesk ID.
    pub filled: Filled,
    /// The guide before it.
    pub previous: Option<NavGuide>,
    /// The guide after it.
    pub next: Option<NavGuide>,
}

/// A section that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its address.
    pub href: String,
    /// Its guide.
    pub guide: Marked,
    /// Its heading, unless that is the guide's title.
    pub heading: Option<Marked>,
    /// The words around the first one found.
    pub excerpt: Marked,
}

/// Text with the words that were looked for marked: each stretch, and whether it is one of them.
pub type Marked = Vec<(String, bool)>;

/// What was found.
#[derive(Template)]
#[template(path = "docs_site/results.html")]
pub struct ResultsPage {
    /// The frame; it knows what is looked for.
    pub frame: Frame,
    /// Whether there is a word to look for.
    pub is_asked: bool,
    /// The best sections.
    pub hits: Vec<Hit>,
    /// How many sections there are.
    pub found: usize,
}

/// Nothing at this address.
#[derive(Template)]
#[template(path = "docs_site/missing.html")]
pub struct MissingPage {
    /// The frame.
    pub frame: Frame,
    /// Guides that may be meant.
    pub meant: Vec<NavGuide>,
}

impl Frame {
    /// The address of the sign-in page that leads back here.
    pub fn sign_in(&self) -> String {
        let next: String = url::form_urlencoded::byte_serialize(self.path.as_bytes()).collect();
        format!("/sign-in?next={next}")
    }

    /// For the test that renders every page.
    pub fn sample(path: &str) -> Self {
        let guide = |slug: &str, title: &str, description: &str| NavGuide {
            title: title.to_owned(),
            description: description.to_owned(),
            href: format!("/docs/{slug}"),
            is_here: path.ends_with(slug),
        };
        Self {
            theme: None,
            is_signed_in: false,
            groups: vec![
                NavGroup {
                    title: "Ticket Center",
                    guides: vec![
                        guide("setup", "Set up", "For people who are signed in."),
                        guide("troubleshooting", "Troubleshooting", "What went wrong."),
                    ],
                },
                NavGroup {
                    title: "Operating",
                    guides: vec![guide("install", "Install", "On a machine of yours.")],
                },
            ],
            query: String::new(),
            chosen: None,
            choices: Vec::new(),
            typed: String::new(),
            path: path.to_owned(),
        }
    }

    /// The same for somebody who chose the second of two helpdesks.
    pub fn sample_choosing(path: &str) -> Self {
        let choice = |id: &str, name: &str, is_chosen| Choice {
            id: id.to_owned(),
            name: name.to_owned(),
            is_chosen,
        };
        Self {
            theme: Some("dark"),
            is_signed_in: true,
            query: "?helpdesk=2".to_owned(),
            chosen: Some("2".to_owned()),
            choices: vec![
                choice("1", "Fernway", false),
                choice("2", "<script>Luma</script> & Sons", true),
            ],
            ..Self::sample(path)
        }
    }
}

impl HomePage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            frame: Frame::sample("/docs"),
        }
    }
}

const SAMPLE: &str = "# Set up\n\nFor people who are signed in.\n\n## Sign\n\nOn `your` server, see [troubleshooting](troubleshooting.md):\n\n```js title=\"sign.js\"\nconst id = \"{{HELPDESK_ID}}\";\n```\n\n### Compare\n\n> **Warning** Keep it secret.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n";

impl GuidePage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        let frame = Frame::sample("/docs/setup");
        let rules = Rules {
            folder: "/docs/",
            blanks: &["{{HELPDESK_ID}}"],
        };
        let part = |anchor: &str, title: &str, is_inner| Part {
            anchor: anchor.to_owned(),
            title: title.to_owned(),
            is_inner,
        };
        Self {
            title: "Set up".to_owned(),
            description: "For people who are signed in.".to_owned(),
            markdown: "/docs/setup.md".to_owned(),
            body: Document::parse(SAMPLE, &rules).fill(&["YOUR_HELPDESK_ID"], ""),
            parts: vec![part("sign", "Sign", false), part("compare", "Compare", true)],
            filled: Filled::SignIn,
            previous: None,
            next: frame
                .groups
                .first()
                .and_then(|group| group.guides.last().cloned()),
            frame,
        }
    }

    /// The same for an admin of two helpdesks.
    pub fn sample_choosing() -> Self {
        Self {
            frame: Frame::sample_choosing("/docs/setup"),
            filled: Filled::For("<script>Luma</script> & Sons".to_owned()),
            ..Self::sample()
        }
    }
}

impl ResultsPage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        let mut frame = Frame::sample("/docs/search");
        frame.typed = "\"><b>secret".to_owned();
        Self {
            frame,
            is_asked: true,
            hits: vec![Hit {
                href: "/docs/setup#sign".to_owned(),
                guide: vec![("Set up".to_owned(), false)],
                heading: Some(vec![("Sign".to_owned(), true)]),
                excerpt: vec![
                    ("The ".to_owned(), false),
                    ("secret".to_owned(), true),
                    (" of yours".to_owned(), false),
                ],
            }],
            found: 1,
        }
    }

    /// The same when nothing was found.
    pub fn sample_nothing() -> Self {
        Self {
            hits: Vec::new(),
            found: 0,
            ..Self::sample()
        }
    }

    /// The same before anything was looked for.
    pub fn sample_asking() -> Self {
        Self {
            frame: Frame::sample("/docs/search"),
            is_asked: false,
            ..Self::sample_nothing()
        }
    }
}

impl MissingPage {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        let frame = Frame::sample("/docs");
        let first = frame.groups.first();
        Self {
            meant: first.map(|group| group.guides.clone()).unwrap_or_default(),
            frame,
        }
    }
}

#[cfg(test)]
mod tests;
