//! `/docs`: all guides.

use super::pages::HomePage;
use super::reader::Reader;
use super::{answer, frame};
use axum::response::Response;

/// `GET /docs`.
pub async fn show(reader: Reader) -> Response {
    let frame = frame::build(&reader, "/docs".to_owned(), None);
    answer::page(&reader, &HomePage { frame })
}
