//! Where a call comes from: the page's origin held against the helpdesk's Allowed Embed Domains.

use crate::error::{Error, Result};
use crate::helpdesks::{Helpdesk, domains};
use axum::http::{HeaderMap, header};

const PRINTED: usize = 200;

/// The origin as sent, for the log of failures and the refusal; empty for a server.
pub(super) fn text(headers: &HeaderMap) -> String {
    let origins: Vec<_> = headers.get_all(header::ORIGIN).iter().collect();
    let printed: Vec<_> = origins
        .iter()
        .map(|origin| String::from_utf8_lossy(origin.as_bytes()))
        .collect();
    printed
        .join(", ")
        .chars()
        .filter(|c| !c.is_control())
        .take(PRINTED)
        .collect()
}

/// Lets a call through when the list is empty, when it comes from our own pages, from a server
/// (which sends no origin), or from a listed site.
///
/// # Errors
/// `origin_not_allowed`, printing the origin so that its owner knows what to add.
pub(super) fn check(headers: &HeaderMap, helpdesk: &Helpdesk, own_origin: &str) -> Result<()> {
    if helpdesk.allowed_domains.is_empty() {
        return Ok(());
    }
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return Ok(());
    };
    let single = origins.next().is_none();
    let allowed = single
        && origin.to_str().is_ok_and(|origin| {
            origin == own_origin
                || domains::host_of_origin(origin)
                    .is_some_and(|host| domains::allows(&helpdesk.allowed_domains, &host))
        });
    if allowed {
        return Ok(());
    }
    Err(Error::forbidden(
        "origin_not_allowed",
        format!("Origin not allowed: {}", text(headers)),
    ))
}
