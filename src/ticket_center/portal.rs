//! The hosted page: the Ticket Center for site builders that take only the address of a frame.
//!
//! Who is signed in stands in the fragment of the address, which no server ever sees; a script of ours
//! reads it and mounts the embed. The page itself is the same for everybody. Which sites may frame it
//! follows the Allowed Embed Domains, and the browser holds them to it.

use crate::app::App;
use crate::embeds::Refusal;
use crate::helpdesks::{self, domains};
use crate::ids::HelpdeskId;
use crate::web::{headers, page};
use askama::Template;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// Above this many domains each stands once in the policy: `http:` covers `https:` too, and proxies
/// take only so many bytes of headers.
const SPELT_OUT: usize = 20;

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

/// The sites that may frame the page. An empty list allows all of them: then nothing is said, because
/// even `*` would leave out files and apps with a scheme of their own.
fn frame_ancestors(listed: &[String]) -> String {
    use std::fmt::Write as _;
    if listed.is_empty() {
        return String::new();
    }
    let schemes: &[&str] = if listed.len() > SPELT_OUT {
        &["http"]
    } else {
        &["http", "https"]
    };
    let mut policy = "; frame-ancestors 'self'".to_owned();
    for entry in listed {
        let host = if entry.contains(':') {
            format!("[{entry}]")
        } else {
            entry.clone()
        };
        for scheme in schemes {
            // Writing into a string cannot fail.
            let _ = write!(policy, " {scheme}://{host}:*");
            if !domains::is_exact(entry) {
                let _ = write!(policy, " {scheme}://*.{host}:*");
            }
        }
    }
    policy
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(listed: &[&str]) -> String {
        frame_ancestors(&listed.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn who_may_frame_the_page_follows_the_list() {
        assert_eq!(policy(&[]), "");
        assert_eq!(
            policy(&["example.com", "localhost", "::1"]),
            "; frame-ancestors 'self' http://example.com:* http://*.example.com:* https://example.com:* \
             https://*.example.com:* http://localhost:* https://localhost:* http://[::1]:* https://[::1]:*"
        );
        let many: Vec<String> = (0..200).map(|n| format!("site-{n}.example.com")).collect();
        let policy = frame_ancestors(&many);
        assert!(policy.contains(" http://*.site-199.example.com:*") && !policy.contains("https:"));
    }
}
