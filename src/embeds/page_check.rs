//! What is known about the embed on a page, by the page's address. Nothing is fetched: the answer
//! rests on the calls that came from that origin.

use super::origin::{self, Verdict};
use super::origins::{self, Refused, Seen};
use crate::app::App;
use crate::error::Result;
use crate::helpdesks::{Helpdesk, domains};
use crate::secrets::failures::{self, Failure};

/// The account of one page.
pub struct PageCheck<'a> {
    /// The origin of the page as its browser sends it.
    pub origin: String,
    /// Whether the list lets it in.
    pub verdict: Verdict<'a>,
    /// Its calls, if there were any.
    pub seen: Option<Seen>,
    /// Other origins of the same host that called: another scheme or port.
    pub beside: Vec<Seen>,
    /// The last failed verification from there, when that is how the last call ended.
    pub failure: Option<Failure>,
    /// When the page last named a helpdesk that does not exist, if it did not call well since.
    pub unknown_at: Option<i64>,
}

/// Looks up a page by its address; `None` when that is no address.
///
/// # Errors
/// When the database cannot be read.
pub async fn check<'a>(app: &App, helpdesk: &'a Helpdesk, page: &str) -> Result<Option<PageCheck<'a>>> {
    let Some(origin) = origin::of_page(page) else {
        return Ok(None);
    };
    let mut seen = None;
    let mut beside = origins::recent(app, helpdesk.id).await?;
    if let Some(place) = beside.iter().position(|other| other.origin == origin) {
        seen = Some(beside.remove(place));
    }
    let host = domains::host_of_origin(&origin);
    beside.retain(|other| host.is_some() && domains::host_of_origin(&other.origin) == host);
    let refused = seen.as_ref().and_then(Seen::refused_last);
    let failure = if refused == Some(Refused::Verification) {
        let recent = failures::recent(app, helpdesk.id).await?;
        recent.into_iter().find(|failure| failure.origin == origin)
    } else {
        None
    };
    let good_at = seen.as_ref().and_then(|seen| seen.good_at);
    let unknown_at = origins::unknown_at(app, &origin).filter(|at| Some(*at) > good_at);
    Ok(Some(PageCheck {
        verdict: origin::judge(Some(&origin), helpdesk, &app.config().base_url),
        origin,
        seen,
        beside,
        failure,
        unknown_at,
    }))
}
