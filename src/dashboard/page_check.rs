//! "Check my page": puts into words what is known of the embed on a page.

use super::pages::ticket_center::{Origin, PageAnswer, PageTool, Tone};
use crate::app::App;
use crate::embeds::origin::Verdict;
use crate::embeds::origins::{self, Refused, Seen};
use crate::embeds::page_check::{self, PageCheck};
use crate::error::Result;
use crate::helpdesks;
use crate::ids::HelpdeskId;
use crate::web::form::FieldErrors;

/// The newest origins that the page lists.
const LISTED: usize = 20;

/// The tool before anything was asked.
pub(super) async fn tool(app: &App, helpdesk_id: HelpdeskId) -> Result<PageTool> {
    let seen = origins::recent(app, helpdesk_id).await?;
    Ok(PageTool {
        typed: String::new(),
        errors: FieldErrors::default(),
        answer: None,
        origins: seen.into_iter().take(LISTED).map(origin).collect(),
    })
}

fn origin(seen: Seen) -> Origin {
    let refused = seen.refused_last();
    Origin {
        at_ms: seen.seen_at(),
        is_good: refused.is_none(),
        outcome: match refused {
            None => "Accepted",
            Some(Refused::Origin) => "Origin not allowed",
            Some(Refused::Verification) => "Verification failed",
            Some(Refused::MessagingOff) => "Messaging is off",
        },
        name: seen.origin,
    }
}

/// Answers what was typed.
pub(super) async fn answer(
    app: &App,
    helpdesk_id: HelpdeskId,
    typed: String,
    tool: &mut PageTool,
) -> Result<()> {
    let helpdesk = helpdesks::get(app, helpdesk_id).await?;
    match page_check::check(app, &helpdesk, &typed).await? {
        Some(check) => tool.answer = Some(in_words(&check, helpdesk.messaging)),
        None => {
            let sentence = "Write the address of your page, for example https://app.example.com/support";
            tool.errors = FieldErrors::one("page", sentence);
        }
    }
    tool.typed = typed;
    Ok(())
}

fn in_words(check: &PageCheck<'_>, messaging: bool) -> PageAnswer {
    let passes = check.verdict.passes();
    let refused = check.seen.as_ref().and_then(Seen::refused_last);
    let (tone, headline) = match (&check.seen, refused) {
        (None, _) if !passes => (
            Tone::Bad,
            "No embed has called from there, and it would be refused",
        ),
        (None, _) if check.unknown_at.is_some() => (
            Tone::Bad,
            "An embed called from there with a Helpdesk ID that does not exist",
        ),
        (None, _) => (Tone::Unsure, "No embed has called from there"),
        (Some(_), Some(Refused::Origin)) if passes => (
            Tone::Unsure,
            "The last call was refused, and the next one will pass: the domain is allowed now",
        ),
        (Some(_), Some(Refused::Origin)) => {
            (Tone::Bad, "The last call was refused: the origin is not allowed")
        }
        (Some(_), Some(Refused::Verification)) => (
            Tone::Bad,
            "The last call was refused: the signature was not right",
        ),
        (Some(_), Some(Refused::MessagingOff)) => (
            Tone::Unsure,
            "The embed works, and somebody could not write: messaging is off",
        ),
        (Some(_), None) if !passes => (
            Tone::Bad,
            "The last call was accepted, and the next one will be refused: the domain is no longer allowed",
        ),
        (Some(_), None) => (Tone::Good, "The embed works there: its last call was accepted"),
    };
    let mut notes = Vec::new();
    if let Some(failure) = &check.failure {
        let (cause, remedy) = failure.cause.explain();
        notes.push(format!("Likely cause: {cause}. {remedy}"));
    }
    if check.unknown_at.is_some() {
        notes.push("A page there named a Helpdesk ID that does not exist here. Compare data-helpdesk-id with the ID at the top of this page.".to_owned());
    }
    notes.push(about_list(&check.verdict));
    if !messaging {
        notes.push("Messaging is off in Settings: people can read there, and not write.".to_owned());
    }
    if !check.beside.is_empty() {
        let others: Vec<&str> = check.beside.iter().map(|seen| seen.origin.as_str()).collect();
        notes.push(format!(
            "The same host also called as {}: another scheme or port is another origin.",
            others.join(", ")
        ));
    }
    PageAnswer {
        origin: check.origin.clone(),
        tone,
        headline: headline.to_owned(),
        notes,
        never_called: check.seen.is_none(),
    }
}

/// What the Allowed Embed Domains say, in a sentence.
pub(super) fn about_list(verdict: &Verdict<'_>) -> String {
    match verdict {
        Verdict::Open => "Allowed Embed Domains let it pass: the list is empty, so every page may embed.".to_owned(),
        Verdict::Own => "Allowed Embed Domains let it pass: it is this installation itself.".to_owned(),
        Verdict::Server => "Allowed Embed Domains let it pass: a server sends no origin.".to_owned(),
        Verdict::Listed(entry) => format!("Allowed Embed Domains let it pass, by the entry {entry}."),
        Verdict::NotListed(host) => format!(
            "Allowed Embed Domains refuse it: no entry covers {host}. Add {host} in Settings, under Messages."
        ),
        Verdict::Hidden => "Allowed Embed Domains refuse it: the browser sends “null” for a file or a sandboxed frame. Give the frame allow-same-origin, use the hosted page, or empty the list.".to_owned(),
        Verdict::NotAPage => "Allowed Embed Domains refuse it: this is not the origin of a web page.".to_owned(),
    }
}
