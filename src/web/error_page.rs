//! What a person sees when a page cannot be had: what happened, and the way back.

use crate::error::{Error, Kind};
use crate::web::assets;
use crate::web::page::{html_response, redirect};
use askama::Template;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A refusal, as a page.
#[derive(Debug)]
pub struct ErrorPage(pub Error);

impl From<Error> for ErrorPage {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<db::Error> for ErrorPage {
    fn from(error: db::Error) -> Self {
        Self(Error::from(error))
    }
}

/// The page itself.
#[derive(Template)]
#[template(path = "web/error.html")]
pub struct Page {
    /// In two or three words.
    pub title: &'static str,
    /// What happened and what to do.
    pub sentence: String,
}

impl Page {
    /// For the test that renders every page.
    pub fn sample() -> Self {
        Self {
            title: "Not found",
            sentence: "There is no such page, or you may not see it".to_owned(),
        }
    }

    /// The address of the style sheet.
    pub fn stylesheet(&self) -> &'static str {
        assets::DASHBOARD_CSS.url
    }
}

impl IntoResponse for ErrorPage {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let (status, title) = match error.kind {
            // Only a missing sign-in is answered so, with the wanted address for a sentence.
            Kind::Unauthorized => return to_sign_in(&error.sentence),
            Kind::Invalid => (StatusCode::BAD_REQUEST, "Not understood"),
            Kind::Forbidden => (StatusCode::FORBIDDEN, "Not allowed"),
            Kind::NotFound => (StatusCode::NOT_FOUND, "Not found"),
            Kind::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "Not possible here"),
            Kind::Conflict => (StatusCode::CONFLICT, "Changed meanwhile"),
            Kind::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Too large"),
            Kind::UnsupportedMediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Not understood"),
            Kind::Unprocessable => (StatusCode::UNPROCESSABLE_ENTITY, "Cannot be accepted"),
            Kind::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "Too many tries"),
            Kind::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Not possible right now"),
            Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Something went wrong"),
        };
        if status.is_server_error() {
            let cause = std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default();
            tracing::error!(code = error.code, cause, "a page could not be shown");
        }
        let page = Page {
            title,
            sentence: error.sentence,
        };
        let mut response = match page.render() {
            Ok(html) => html_response(status, html),
            Err(failure) => return broken(&failure),
        };
        if let Kind::TooMany { retry_after_seconds } = error.kind {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(retry_after_seconds));
        }
        response
    }
}

fn to_sign_in(wanted: &str) -> Response {
    let next: String = url::form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    let address = if wanted.len() > 1 {
        format!("/sign-in?next={next}")
    } else {
        "/sign-in".to_owned()
    };
    redirect(&address, None)
}

/// The answer when even rendering fails.
pub fn broken(error: &askama::Error) -> Response {
    tracing::error!(%error, "a template could not be rendered");
    let mut response = Response::new("This page cannot be shown. The cause is in the server's log.\n".into());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
