//! The page inside the preview's frame: the real embed, whose calls are answered by a script of ours
//! with made-up conversations. It may connect to nothing, so nothing can be written from there.

use super::Answer;
use super::access::Administrator;
use super::pages::preview::PreviewPage;
use crate::app::App;
use crate::helpdesks::{self, appearance::Typed};
use crate::web::page::View;
use crate::web::{headers, page};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

/// `GET /h/{helpdesk}/ticket-center/preview`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn show(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let helpdesk = helpdesks::get(&app, reader.member.helpdesk_id).await?;
    let shown = PreviewPage {
        looks: Typed::from(&helpdesk.appearance),
        theme: view.theme,
    };
    let html = match shown.render() {
        Ok(html) => html,
        Err(error) => return Ok(crate::web::error_page::broken(&error)),
    };
    let mut response = page::html_response(StatusCode::OK, html);
    headers::allow_framing(response.headers_mut(), POLICY, Some("SAMEORIGIN"));
    Ok(response)
}
