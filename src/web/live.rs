//! Server-sent events: one long answer that carries changes as they happen.

use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use std::convert::Infallible;
use std::time::Duration;

/// Proxies and browsers drop a connection that stays silent.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The answer that sends these events until the stream ends.
pub fn respond(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    use futures_util::StreamExt;
    let events = events.map(Ok::<_, Infallible>);
    let mut response = Sse::new(events)
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
        .into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Some reverse proxies collect answers before they pass them on, unless told not to.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
