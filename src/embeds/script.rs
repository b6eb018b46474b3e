//! The embed scripts at their fixed addresses: readable by every page, kept five minutes at most,
//! checked again by ETag.

use crate::web::assets;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const FIVE_MINUTES: &str = "public, max-age=300";

/// `GET /ticket-center.js`; a query string is ignored.
pub async fn ticket_center(headers: HeaderMap) -> Response {
    script("ticket-center.js", &headers)
}

/// `GET /ticket-center-files.js`: what the other script fetches once somebody has to do with files.
pub async fn ticket_center_files(headers: HeaderMap) -> Response {
    script("ticket-center-files.js", &headers)
}

/// `GET /contact-form.js`; a query string is ignored.
pub async fn contact_form(headers: HeaderMap) -> Response {
    script("contact-form.js", &headers)
}

/// `GET /contact-form-files.js`: what that script fetches where the form takes files.
pub async fn contact_form_files(headers: HeaderMap) -> Response {
    script("contact-form-files.js", &headers)
}

fn script(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = assets::find(name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = asset.response(headers, FIVE_MINUTES);
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
    response
}
