//! Answers: kept by every cache while nobody is signed in, by none otherwise.

use super::reader::Reader;
use crate::web::{error_page, etag};
use askama::Template;
use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

const HTML: &str = "text/html; charset=utf-8";
pub(super) const MARKDOWN: &str = "text/markdown; charset=utf-8";
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// A page.
pub(super) fn page(reader: &Reader, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => text(reader, HTML, html),
        Err(error) => error_page::broken(&error),
    }
}

/// A page that says that there is nothing here.
pub(super) fn missing(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => not_found(HTML, html),
        Err(error) => error_page::broken(&error),
    }
}

/// Any text, for this reader.
pub(super) fn text(reader: &Reader, content_type: &'static str, body: String) -> Response {
    if reader.is_private {
        return complete(StatusCode::OK, content_type, "private, no-store", body.into());
    }
    let etag = etag::of(body.as_bytes());
    let mut response = if etag::is_held(&reader.headers, &etag) {
        complete(StatusCode::NOT_MODIFIED, content_type, "no-cache", Body::empty())
    } else {
        complete(StatusCode::OK, content_type, "no-cache", body.into())
    };
    let headers = response.headers_mut();
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(ETAG, etag);
    }
    // The theme and the sign-in stand in cookies.
    headers.insert(VARY, HeaderValue::from_static("cookie"));
    response
}

/// A text that says that there is nothing here.
pub(super) fn not_found(content_type: &'static str, body: String) -> Response {
    complete(StatusCode::NOT_FOUND, content_type, "no-store", body.into())
}

fn complete(
    status: StatusCode,
    content_type: &'static str,
    cache_control: &'static str,
    body: Body,
) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
    response
}
