//! `/docs/search`: the sections that hold some words.

use super::finder::Found;
use super::library::{FOLDER, library};
use super::pages::{Hit, Marked, ResultsPage};
use super::reader::Reader;
use super::{answer, frame};
use crate::web::error_page::ErrorPage;
use crate::web::query::Query;
use crate::words;
use crate::words::excerpt::Excerpt;
use axum::response::Response;
use serde::Deserialize;

/// Sections on the page.
const SHOWN: usize = 20;
/// Characters of a section shown when no word stands in its text.
const BEGINNING: usize = 160;

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    q: Option<String>,
}

/// `GET /docs/search`.
///
/// # Errors
/// When the address cannot be understood.
pub async fn show(reader: Reader, Query(wanted): Query<Wanted>) -> Result<Response, ErrorPage> {
    let typed = wanted.q.unwrap_or_default().trim().to_owned();
    let query = words::Query::parse(&typed);
    let found = library().finder.find(&query);
    let mut frame = frame::build(&reader, "/docs/search".to_owned(), None);
    frame.typed = typed;
    let hits = found.iter().take(SHOWN);
    let page = ResultsPage {
        frame,
        is_asked: !query.is_empty(),
        hits: hits.filter_map(|found| hit(*found, &query, &reader)).collect(),
        found: found.len(),
    };
    Ok(answer::page(&reader, &page))
}

fn hit(found: Found, query: &words::Query, reader: &Reader) -> Option<Hit> {
    let guide = library().guides.get(found.guide)?;
    let section = guide.document.sections.get(found.section)?;
    let values = reader.values();
    let is_inner = section.level > 1;
    let anchor = if is_inner {
        format!("#{}", section.anchor)
    } else {
        String::new()
    };
    Some(Hit {
        href: format!("{FOLDER}{}{}{anchor}", guide.slug, reader.query()),
        guide: marked(Excerpt::whole(query, &values.fill(&guide.document.title))),
        heading: is_inner.then(|| marked(Excerpt::whole(query, &values.fill(&section.title)))),
        excerpt: excerpt(query, &values.fill(&section.text)),
    })
}

/// The words around the first one found, or the beginning of the text.
fn excerpt(query: &words::Query, text: &str) -> Marked {
    if let Some(excerpt) = Excerpt::around(query, text) {
        return marked(excerpt);
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    let more = if beginning.len() < text.len() { "…" } else { "" };
    vec![(beginning + more, false)]
}

fn marked(excerpt: Excerpt) -> Marked {
    let mark = |is_cut: bool| is_cut.then(|| ("…".to_owned(), false));
    let pieces = excerpt.pieces.into_iter().map(|piece| (piece.text, piece.is_hit));
    mark(excerpt.is_cut_before)
        .into_iter()
        .chain(pieces)
        .chain(mark(excerpt.is_cut_after))
        .collect()
}
