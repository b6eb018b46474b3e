//! The page in which Cloudflare Turnstile looks at a visitor, for the frame within the form. It is a page of
//! ours, so that the script of somebody else runs neither in the customer's page nor in our form, a customer's
//! Content-Security-Policy needs to know us only, and Cloudflare needs to know one host.
//!
//! Callers are strangers. The page holds nothing but the public site key; the token that Cloudflare gives a
//! browser goes to whichever page frames it, and those are the Allowed Embed Domains.

use super::hosted::{PathId, framed, missing, named};
use super::strings::Words;
use crate::app::App;
use crate::forms::{self, turnstile};
use crate::web::error_page::ErrorPage;
use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "contact_form/check.html")]
struct CheckPage<'a> {
    words: Words,
    theme: &'a str,
    site_key: &'a str,
    script: String,
}

/// How the form around it looks and speaks.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Look {
    theme: String,
    locale: String,
}

/// `GET /form/{helpdesk}/check`. Where nothing is checked there is no such page.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    headers: HeaderMap,
    id: PathId,
    look: Result<Query<Look>, QueryRejection>,
) -> Result<Response, ErrorPage> {
    let Some(helpdesk) = named(&app, id).await? else {
        return Ok(missing(&headers));
    };
    let settings = forms::get(&app, helpdesk.id).await?;
    let Some(turnstile) = &settings.protection.turnstile else {
        return Ok(missing(&headers));
    };
    let look = look.map(|Query(look)| look).unwrap_or_default();
    let page = CheckPage {
        words: Words::of_locale(&look.locale).unwrap_or_else(|| Words::of_request(&headers)),
        theme: match look.theme.as_str() {
            "dark" => "dark",
            "light" | "normal" => "light",
            _ => "auto",
        },
        site_key: &turnstile.site_key,
        script: turnstile::script_url(&app),
    };
    let from = &app.config().turnstile_url;
    let policy = format!(
        "default-src 'none'; script-src 'self' {from}; style-src 'self' 'unsafe-inline'; img-src data:; frame-src {from}; \
         connect-src {from}; base-uri 'none'; form-action 'none'"
    );
    Ok(framed(&page, StatusCode::OK, &policy, &helpdesk))
}
