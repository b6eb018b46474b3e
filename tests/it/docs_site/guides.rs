//! The texts: every guide has its file, and no link in them or to them is dead.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use helpdesky::docs_site::guides::{GROUPS, Text};
use helpdesky::docs_site::library::{Guide, library};
use helpdesky::router::routes;
use html::markdown::Target;

const BLANKS: [&str; 2] = ["{{BASE_URL}}", "{{HELPDESK_ID}}"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_guide_of_the_table_has_a_file_and_every_file_a_line() {
    let listed: Vec<&str> = GROUPS
        .iter()
        .flat_map(|group| group.guides)
        .map(|text| text.slug)
        .collect();
    let files: BTreeSet<String> = fs::read_dir(root().join("docs/guides"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let wanted: BTreeSet<String> = listed.iter().map(|slug| format!("{slug}.md")).collect();
    assert_eq!(files, wanted);
    assert_eq!(listed.len(), wanted.len(), "each stands in the table once");
    assert!(!listed.contains(&"search"), "that address is taken");
}

#[test]
fn every_guide_begins_with_a_title_and_what_it_is_for() {
    let mut titles = BTreeSet::new();
    for guide in &library().guides {
        let (slug, document) = (guide.slug, &guide.document);
        assert!(guide.markdown.starts_with("# "), "{slug} begins with its title");
        assert!(
            titles.insert(&document.title),
            "{slug}: another guide has this title"
        );
        assert!(
            document.description.ends_with('.'),
            "{slug}: {}",
            document.description
        );
        let first = &document.sections[0];
        assert!(
            first.level == 1 && first.text.starts_with(&document.description),
            "{slug}: what it is for stands below its title"
        );
    }
}

/// Links of some guides that lead nowhere.
fn dead_links(guides: &[Guide]) -> Vec<String> {
    let has = |slug: &str, anchor: &str| {
        guides.iter().filter(|guide| guide.slug == slug).any(|guide| {
            let mut sections = guide.document.sections.iter();
            anchor.is_empty() || sections.any(|section| section.anchor == anchor)
        })
    };
    let mut dead = Vec::new();
    for guide in guides {
        for link in &guide.document.links {
            let leads = match link {
                Target::Document { slug, anchor } => has(slug, anchor),
                Target::Here(anchor) => !anchor.is_empty() && has(guide.slug, anchor),
                Target::Path(path) => routes().iter().any(|route| route.path == path),
                Target::Elsewhere(_) => true,
                Target::Refused(_) => false,
            };
            if !leads {
                dead.push(format!("{}: {link:?}", guide.slug));
            }
        }
    }
    dead
}

#[test]
fn no_link_of_a_guide_is_dead() {
    assert_eq!(dead_links(&library().guides), Vec::<String>::new());
    let planted = [
        Text {
            slug: "one",
            markdown: "# One\n\nD.\n\n## Here\n\n[a](two.md) [b](two.md#there) [c](#here) [d](/sign-in) [e](https://a.example) [f]({{BASE_URL}}/docs)",
        },
        Text {
            slug: "two",
            markdown: "# Two\n\nD.\n\n## There\n\n[a](three.md) [b](one.md#there) [c](#here) [d](/nothing) [e](http://a.example) [f](one) [g](#)",
        },
    ];
    let guides: Vec<Guide> = planted.iter().map(Guide::read).collect();
    let dead = dead_links(&guides);
    assert_eq!(dead.len(), 7, "{dead:?}");
    assert!(dead.iter().all(|line| line.starts_with("two: ")), "{dead:?}");
}

/// Addresses of guides that a text names: what follows `/docs/`, with its anchor.
fn named(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-#._".contains(c);
    text.split("/docs/")
        .skip(1)
        .map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default())
        .map(|address| address.trim_end_matches('.').to_owned())
        .filter(|address| !address.is_empty())
        .collect()
}

fn exists(address: &str) -> bool {
    let (name, anchor) = address.split_once('#').unwrap_or((address, ""));
    let slug = name.strip_suffix(".md").unwrap_or(name);
    let found = library().find(slug);
    address == "search"
        || found.is_some_and(|(_, guide)| {
            let mut sections = guide.document.sections.iter();
            anchor.is_empty() || sections.any(|section| section.anchor == anchor)
        })
}

fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| {
            ["html", "txt", "ts", "rs"]
                .iter()
                .any(|known| extension == *known)
        }) {
            found.push(path);
        }
    }
}

#[test]
fn no_link_of_the_program_to_a_guide_is_dead() {
    let mut files = Vec::new();
    for folder in [
        "templates/dashboard",
        "templates/ticket_center",
        "src/dashboard",
        "src/ticket_center",
        "web/embeds",
    ] {
        texts(&root().join(folder), &mut files);
    }
    let mut seen = BTreeSet::new();
    for file in files {
        for address in named(&fs::read_to_string(&file).unwrap()) {
            assert!(exists(&address), "{}: /docs/{address}", file.display());
            seen.insert(address);
        }
    }
    for wanted in [
        "ticket-center-setup",
        "ticket-center-setup.md",
        "wordpress",
        "wix",
        "astro",
        "ai-builder",
        "restrict-embed-domains",
        "troubleshooting",
    ] {
        assert!(seen.contains(wanted), "the dashboard leads to {wanted}: {seen:?}");
    }
    assert_eq!(
        named("<a href=\"/docs/wix#a-b\">{BASE}/docs/astro.md.\n/docs \"/docs/{guide}\""),
        ["wix#a-b", "astro.md"]
    );
    assert!(exists("wix") && !exists("wix#nowhere") && !exists("nothing") && !exists("nothing.md"));
}

#[test]
fn guides_name_no_other_blank() {
    let unknown = |text: &str| -> Vec<String> {
        let names = text
            .split("{{")
            .skip(1)
            .filter_map(|rest| rest.split("}}").next());
        names
            .filter(|name| {
                !name.is_empty() && name.trim().bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            })
            .map(|name| format!("{{{{{name}}}}}"))
            .filter(|name| !BLANKS.contains(&name.as_str()))
            .collect()
    };
    for guide in &library().guides {
        assert_eq!(unknown(guide.markdown), Vec::<String>::new(), "{}", guide.slug);
    }
    assert_eq!(
        unknown("{{BASE_URL}} {{ BASE_URL }} {{ email }} {{HELPDESKID}}"),
        ["{{ BASE_URL }}", "{{HELPDESKID}}"]
    );
}
