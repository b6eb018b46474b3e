//! `/llms.txt`: what there is to read, for programs that read (<https://llmstxt.org>).

use super::answer;
use super::guides::GROUPS;
use super::library::{FOLDER, library};
use super::reader::Reader;
use axum::response::Response;
use std::fmt::Write as _;

/// `GET /llms.txt`.
pub async fn show(reader: Reader) -> Response {
    let (values, query) = (reader.values(), reader.query());
    let base = &reader.base_url;
    let mut text = format!(
        "# Helpdesky\n\n\
         > The guides of the help desk at {base}: how to put its Ticket Center into an app or a site, \
         and how to run it.\n\n\
         Each guide is Markdown and names this installation's own address.\n"
    );
    for group in GROUPS {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {}\n\n", group.title);
        for (_, guide) in group.guides.iter().filter_map(|text| library().find(text.slug)) {
            let (title, about) = (&guide.document.title, &guide.document.description);
            let line = format!("- [{title}]({base}{FOLDER}{}.md{query}): {about}\n", guide.slug);
            text.push_str(&values.fill(&line));
        }
    }
    answer::text(&reader, answer::TEXT, text)
}
