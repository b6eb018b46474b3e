//! Answers of the embed API: JSON that any page may read, never cached, never with credentials.
//!
//! The preflight cannot know the helpdesk (the id is in the body), so it lets every origin ask; the
//! origin is held against the helpdesk's list on the request itself, and the refusal is readable.

use super::body;
use crate::error::{Error, Kind};
use crate::web::status::status;
use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refused call, answered as `{"error": sentence, "code": name}`.
#[derive(Debug)]
pub struct Refusal(pub Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    error: &'a str,
    code: &'a str,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = self.0;
        if matches!(error.kind, Kind::Internal | Kind::Unavailable) {
            let source = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(code = error.code, source, "an embed call failed");
        }
        let mut response = (
            status(error.kind),
            Json(Body {
                error: &error.sentence,
                code: error.code,
            }),
        )
            .into_response();
        if let Kind::TooMany { retry_after_seconds } = error.kind {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        if error.kind == Kind::MethodNotAllowed {
            response
                .headers_mut()
                .insert(header::ALLOW, HeaderValue::from_static("POST, OPTIONS"));
        }
        with_cors(response)
    }
}

/// A good answer.
pub fn answer<T: Serialize>(value: &T) -> Response {
    with_cors(Json(value).into_response())
}

/// Adds the headers that every answer of the embed API has.
pub fn with_cors(mut response: Response) -> Response {
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, "retry-after");
    set(headers, header::CACHE_CONTROL, "no-store");
    set(headers, header::VARY, "origin");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    // Pages that isolate themselves (COEP) may read the answers too.
    set(
        headers,
        HeaderName::from_static("cross-origin-resource-policy"),
        "cross-origin",
    );
    response
}

/// The answer to a browser that asks whether it may call.
pub async fn preflight() -> Response {
    let mut response = with_cors(StatusCode::NO_CONTENT.into_response());
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
    set(
        headers,
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "content-type, authorization",
    );
    set(headers, header::ACCESS_CONTROL_MAX_AGE, "7200");
    response
}

/// The answer to any method but POST and OPTIONS.
pub async fn method_not_allowed(request: Request) -> Response {
    body::drain(request.into_body()).await;
    Refusal(Error::new(
        Kind::MethodNotAllowed,
        "method_not_allowed",
        "Use POST",
    ))
    .into_response()
}

/// The answer to a path below ours that does not exist.
pub async fn not_found(request: Request) -> Response {
    body::drain(request.into_body()).await;
    Refusal(Error::not_found("not_found", "There is no such call")).into_response()
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}
