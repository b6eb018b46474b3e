//! Pages: what every one of them needs from the request, and the answer that carries it.

use crate::app::App;
use crate::web::csrf::Seal;
use crate::web::flash::{self, Flash};
use crate::web::headers::content_security_policy;
use crate::web::time::Times;
use crate::web::{cookies, error_page};
use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::convert::Infallible;

/// The reader's side of a page: their form token, theme, time zone, and the line waiting for them.
#[derive(Clone, Debug)]
pub struct View {
    /// For the `csrf` field of every form.
    pub csrf: String,
    /// For the one style sheet a script may add.
    pub nonce: String,
    /// `light`, `dark`, or nothing for the system's.
    pub theme: Option<&'static str>,
    /// Prints times.
    pub times: Times,
    /// Shown once.
    pub flash: Option<Flash>,
    /// The address of the form whose answer this page is. It cannot be asked for again, and what it
    /// shows may be shown only once.
    pub answers: Option<String>,
    seal: Seal,
    cookies: Vec<HeaderValue>,
}

impl FromRequestParts<App> for View {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let headers = &parts.headers;
        let seal = Seal::of_request(app, headers);
        let flash = Flash::of_request(app, headers, &seal);
        let shown = flash.is_some().then(|| flash::removal(app)).flatten();
        Ok(Self {
            csrf: seal.form_token(),
            nonce: STANDARD_NO_PAD.encode(app.random().bytes::<16>()),
            theme: theme(headers),
            times: Times::of_request(headers, app.now_ms()),
            flash,
            answers: (parts.method != Method::GET).then(|| parts.uri.path().to_owned()),
            cookies: seal.cookie(app).into_iter().chain(shown).collect(),
            seal,
        })
    }
}

impl View {
    /// A view for sample pages.
    pub fn sample(now_ms: i64) -> Self {
        let seal = Seal::sample();
        Self {
            csrf: seal.form_token(),
            nonce: "sample".to_owned(),
            theme: None,
            times: Times::new(jiff::tz::TimeZone::UTC, now_ms),
            flash: None,
            answers: None,
            cookies: Vec::new(),
            seal,
        }
    }

    /// The page as an answer.
    pub fn show(&self, page: &impl Template) -> Response {
        self.show_as(StatusCode::OK, page)
    }

    /// The page as an answer with another status; 422 brings a form back with its errors.
    pub fn show_as(&self, status: StatusCode, page: &impl Template) -> Response {
        let html = match page.render() {
            Ok(html) => html,
            Err(error) => return error_page::broken(&error),
        };
        let mut response = html_response(status, html);
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::from_str(&content_security_policy(Some(&self.nonce))) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        for cookie in &self.cookies {
            headers.append(SET_COOKIE, cookie.clone());
        }
        response
    }

    /// Goes on to another page after something was done.
    pub fn redirect(&self, app: &App, to: &str, say: Option<&Flash>) -> Response {
        let flash = say.and_then(|flash| flash.cookie(app, &self.seal));
        redirect(to, flash)
    }
}

/// The theme that the reader chose: `light`, `dark`, or nothing for the system's.
pub fn theme(headers: &HeaderMap) -> Option<&'static str> {
    match cookies::read(headers, "theme") {
        Some("light") => Some("light"),
        Some("dark") => Some("dark"),
        _ => None,
    }
}

/// A 303 to a path of ours, with cookies.
pub fn redirect(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(
        LOCATION,
        HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/")),
    );
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// HTML that no cache keeps.
pub fn html_response(status: StatusCode, html: String) -> Response {
    let mut response = Response::new(html.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
