//! The hosted page: the Ticket Center for site builders that take only the address of a frame.
//!
//! Who is signed in stands in the fragment of the address, which no server ever sees; a script of ours
//! reads it and mounts the embed. The page itself is the same for everybody. Which sites may frame it
//! follows the Allowed Embed Domains, and the browser holds them to it.

use crate::app::App;
use crate::embeds::Refusal;
use crate::embeds::framing::frame_ancestors;
use crate::helpdesks;
use crate::ids::HelpdeskId;
use crate::web::{headers, page};
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

#[derive(Template)]
#[template(path = "ticket_center/portal.html")]
struct PortalPage {
    /// Nothing for a helpdesk that does not exist.
    helpdesk_id: Option<HelpdeskId>,
    /// Light unless the helpdesk says otherwise, as an embed on a page that sets nothing.
    theme: String,
}

/// `GET /portal/{helpdesk}`. Whatever is no helpdesk's id gets one and the same refusal.
///
/// # Errors
/// When the database cannot be read.
pub async fn portal(
    State(app): State<App>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, Refusal> {
    let id = id.ok().and_then(|Path(id)| id.parse::<HelpdeskId>().ok());
    let helpdesk = match id {
        Some(id) => helpdesks::find(&app, id).await?,
        None => None,
    };
    let (status, frames) = match &helpdesk {
        Some(helpdesk) => (StatusCode::OK, frame_ancestors(&helpdesk.allowed_domains)),
        None => (StatusCode::NOT_FOUND, "; frame-ancestors 'none'".to_owned()),
    };
    let theme = helpdesk
        .as_ref()
        .and_then(|helpdesk| helpdesk.appearance.theme.clone());
    let shown = PortalPage {
        helpdesk_id: helpdesk.map(|helpdesk| helpdesk.id),
        theme: theme.unwrap_or_else(|| "light".to_owned()),
    };
    let mut response = match shown.render() {
        Ok(html) => page::html_response(status, html),
        Err(error) => return Ok(crate::web::error_page::broken(&error)),
    };
    let headers = response.headers_mut();
    headers::allow_framing(headers, &format!("{POLICY}{frames}"), None);
    // Pages that isolate themselves may frame it too.
    headers.insert(
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("cross-origin"),
    );
    Ok(response)
}
