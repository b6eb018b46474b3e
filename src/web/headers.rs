//! The headers of every page, redirect and refusal of the dashboard.
//!
//! Trusted Types are left out on purpose: Turbo parses the pages it fetches into elements itself
//! and has no policy of its own, so demanding them would stop it. No script is ever taken from
//! outside our own files, which is what the policy below says.

use crate::app::App;
use crate::web::error_page::ErrorPage;
use crate::web::hosts;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

const STEADY: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    ("x-frame-options", "DENY"),
];

/// The policy of a page whose styles may carry this nonce (Turbo's progress bar does).
pub fn content_security_policy(nonce: Option<&str>) -> String {
    let style = nonce.map_or_else(|| "'self'".to_owned(), |nonce| format!("'self' 'nonce-{nonce}'"));
    format!(
        "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Lets this one page hold frames with pages of ours.
pub fn allow_own_frames(headers: &mut HeaderMap) {
    let policy = headers
        .get(CONTENT_SECURITY_POLICY)
        .and_then(|policy| policy.to_str().ok())
        .map(|policy| format!("{policy}; frame-src 'self'"));
    if let Some(policy) = policy.and_then(|policy| HeaderValue::from_str(&policy).ok()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
}

/// The headers of a page that stands in a frame: its own policy says in whose. `legacy` is what old
/// browsers are told; nothing where they have no word for it.
pub fn allow_framing(headers: &mut HeaderMap, policy: &str, legacy: Option<&'static str>) {
    for (name, value) in STEADY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    match legacy {
        Some(legacy) => headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static(legacy)),
        None => headers.remove(X_FRAME_OPTIONS),
    };
    // A policy that cannot be written must not mean no policy.
    let policy = HeaderValue::from_str(policy).unwrap_or(HeaderValue::from_static(
        "default-src 'none'; frame-ancestors 'none'",
    ));
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// Refuses names that are not ours, and completes every answer. What a handler set itself stays.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = match hosts::check(app.config(), &request) {
        Ok(()) => next.run(request).await,
        Err(error) => ErrorPage(error).into_response(),
    };
    complete(response.headers_mut(), app.config().is_https());
    response
}

fn complete(headers: &mut HeaderMap, https: bool) {
    for (name, value) in STEADY {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(None)) {
        headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if https {
        headers
            .entry("strict-transport-security")
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}
