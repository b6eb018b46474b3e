//! Where a call comes from: the page's origin held against the helpdesk's Allowed Embed Domains.

use crate::error::{Error, Result};
use crate::helpdesks::{Helpdesk, domains};
use axum::http::{HeaderMap, header};
use url::{Origin, Url};

/// The longest origin that is printed or kept, in characters.
const PRINTED: usize = 200;
/// What a browser sends for a page that has no origin of its own.
const HIDDEN: &str = "null";

/// Whether a page may use a helpdesk's embeds, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// The list is empty: every page may.
    Open,
    /// It is one of our own pages.
    Own,
    /// A server, which sends no origin.
    Server,
    /// This entry lets it in.
    Listed(&'a str),
    /// No entry covers this host.
    NotListed(String),
    /// The browser hides where the page is from.
    Hidden,
    /// Not what a browser sends for a web page.
    NotAPage,
}

impl Verdict<'_> {
    /// Whether the call goes through.
    pub fn passes(&self) -> bool {
        matches!(self, Self::Open | Self::Own | Self::Server | Self::Listed(_))
    }
}

/// The verdict about one origin; `None` is a call without any.
pub fn judge<'a>(origin: Option<&str>, helpdesk: &'a Helpdesk, own_origin: &str) -> Verdict<'a> {
    let listed = &helpdesk.allowed_domains;
    if listed.is_empty() {
        return Verdict::Open;
    }
    let Some(origin) = origin else {
        return Verdict::Server;
    };
    if origin == own_origin {
        return Verdict::Own;
    }
    if origin == HIDDEN {
        return Verdict::Hidden;
    }
    let Some(host) = domains::host_of_origin(origin) else {
        return Verdict::NotAPage;
    };
    match domains::entry_for(listed, &host) {
        Some(entry) => Verdict::Listed(entry),
        None => Verdict::NotListed(host),
    }
}

/// The origin as sent, for the log of failures and the refusal; empty for a server.
pub(super) fn text(headers: &HeaderMap) -> String {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(first) = origins.next() else {
        return String::new();
    };
    let rest: Vec<_> = origins.collect();
    // Nearly always: one origin of plain letters.
    if let Ok(plain) = first.to_str()
        && rest.is_empty()
        && plain.len() <= PRINTED
        && !plain.contains(char::is_control)
    {
        return plain.to_owned();
    }
    let printed: Vec<_> = std::iter::once(first)
        .chain(rest)
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
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let first = origins.next();
    let verdict = match first {
        None => judge(None, helpdesk, own_origin),
        Some(origin) => {
            // Several origins, or one that is no text, are none that could be listed.
            let origin = origin.to_str().ok().filter(|_| origins.next().is_none());
            judge(Some(origin.unwrap_or_default()), helpdesk, own_origin)
        }
    };
    if verdict.passes() {
        return Ok(());
    }
    Err(Error::forbidden(
        "origin_not_allowed",
        format!("Origin not allowed: {}", text(headers)),
    ))
}

/// The origin that a browser sends for the page at this address, as somebody typed or pasted it: a
/// whole address, an origin or a bare host name. `None` when it is none of these.
pub fn of_page(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let local = ["file:", "data:", "about:", "blob:"];
    if typed == HIDDEN || local.iter().any(|scheme| typed.starts_with(scheme)) {
        return Some(HIDDEN.to_owned());
    }
    let url = if typed.contains("://") {
        Url::parse(typed)
    } else {
        Url::parse(&format!("https://{typed}"))
    };
    let url = url.ok()?;
    let origin = match url.origin() {
        Origin::Tuple(..) => url.origin().ascii_serialization(),
        // Apps that show pages under a scheme of their own send it with their host.
        Origin::Opaque(_) => format!("{}://{}", url.scheme(), url.host_str()?),
    };
    domains::host_of_origin(&origin)?;
    Some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_of_a_page_is_what_its_browser_would_send() {
        for (typed, origin) in [
            ("https://App.Example.com/support?x=1#y", "https://app.example.com"),
            ("http://localhost:3000/", "http://localhost:3000"),
            ("https://example.com:443", "https://example.com"),
            ("app.example.com/support", "https://app.example.com"),
            ("https://b\u{fc}cher.example", "https://xn--bcher-kva.example"),
            ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]"),
            ("capacitor://localhost", "capacitor://localhost"),
            ("file:///home/x.html", "null"),
            (" null ", "null"),
        ] {
            assert_eq!(of_page(typed).as_deref(), Some(origin), "{typed}");
        }
        for typed in ["", "not a page", "https://", "javascript://%0a", "user@"] {
            assert_eq!(of_page(typed), None, "{typed}");
        }
    }
}
