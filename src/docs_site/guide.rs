//! `/docs/{guide}`: one guide, as a page or, with `.md` at the end, as Markdown.

use super::library::{FOLDER, Guide, library};
use super::pages::{Filled, GuidePage, MissingPage, NavGuide, Part};
use super::reader::Reader;
use super::{answer, blanks, frame};
use crate::words;
use axum::extract::Path;
use axum::response::Response;

/// Headings that the list beside the page shows: these two levels.
const SHOWN: std::ops::RangeInclusive<usize> = 2..=3;

/// `GET /docs/{guide}`.
pub async fn show(Path(name): Path<String>, reader: Reader) -> Response {
    match name.strip_suffix(".md") {
        Some(slug) => markdown(slug, &reader),
        None => page(&name, &reader),
    }
}

fn markdown(slug: &str, reader: &Reader) -> Response {
    match library().find(slug) {
        Some((_, guide)) => {
            let text = reader.values().fill(guide.markdown);
            answer::text(reader, answer::MARKDOWN, text)
        }
        None => answer::not_found(
            answer::MARKDOWN,
            "# Not found\n\nThere is no guide at this address. All of them: [llms.txt](/llms.txt)\n"
                .to_owned(),
        ),
    }
}

fn page(slug: &str, reader: &Reader) -> Response {
    let Some((place, guide)) = library().find(slug) else {
        let frame = frame::build(reader, "/docs".to_owned(), None);
        let meant = meant(slug, reader);
        return answer::missing(&MissingPage { frame, meant });
    };
    let values = reader.values();
    let neighbour = |place: Option<usize>| library().guides.get(place?).map(|guide| named(guide, reader));
    let page = GuidePage {
        frame: frame::build(reader, format!("{FOLDER}{slug}"), Some(slug)),
        title: values.fill(&guide.document.title),
        description: values.fill(&guide.document.description),
        markdown: format!("{FOLDER}{slug}.md{}", reader.query()),
        body: guide.document.fill(&values.each(), &reader.query()),
        parts: parts(guide, reader),
        filled: filled(guide, reader),
        previous: neighbour(place.checked_sub(1)),
        next: neighbour(place.checked_add(1)),
    };
    answer::page(reader, &page)
}

fn parts(guide: &Guide, reader: &Reader) -> Vec<Part> {
    let values = reader.values();
    let sections = guide.document.sections.iter();
    sections
        .filter(|section| SHOWN.contains(&section.level))
        .map(|section| Part {
            anchor: section.anchor.clone(),
            title: values.fill(&section.title),
            is_inner: section.level > *SHOWN.start(),
        })
        .collect()
}

fn filled(guide: &Guide, reader: &Reader) -> Filled {
    match reader.desk() {
        _ if !guide.document.has_blank(blanks::HELPDESK_ID) => Filled::NotNeeded,
        Some(desk) => Filled::For(desk.name.clone()),
        None if reader.is_signed_in => Filled::AskAdmin,
        None => Filled::SignIn,
    }
}

fn named(guide: &Guide, reader: &Reader) -> NavGuide {
    NavGuide {
        title: reader.values().fill(&guide.document.title),
        description: reader.values().fill(&guide.document.description),
        href: format!("{FOLDER}{}{}", guide.slug, reader.query()),
        is_here: false,
    }
}

/// Guides whose name shares a word with an address where there is none.
fn meant(slug: &str, reader: &Reader) -> Vec<NavGuide> {
    let asked = words::of(slug);
    let shares = |guide: &&Guide| words::of(guide.slug).iter().any(|word| asked.contains(word));
    let guides = library().guides.iter();
    guides.filter(shares).map(|guide| named(guide, reader)).collect()
}
