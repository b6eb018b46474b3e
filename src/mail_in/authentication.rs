//! Whether a mail is its author's: by the signatures it carries, and by what a server that we trust noted.
//!
//! A forged author is never verified; what cannot be found out stays unknown, and is never taken for proof.
//! What was verified is who wrote the signed part, not that it was written to us: whoever got a signed mail
//! can send it on.

use crate::app::App;
use crate::dns;
use mail::dkim::{Check, Signature, SignedMail};
use mail::parsed::ParsedMail;
use mail::verdict::{self, Authentication, Checked, Verdict, is_aligned};
use std::time::Duration;
use tokio::time::Instant;

/// For all questions to the DNS together.
const PATIENCE: Duration = Duration::from_secs(10);

/// Finds out what is known about the author of a mail, given as it came and as it was read. Only where mail
/// comes through a server that removes what others claim in its name, its authserv-id (RFC 8601) is given.
/// Asks the DNS for five keys at most.
pub(super) async fn authenticate(
    app: &App,
    raw: &[u8],
    mail: &ParsedMail,
    trusted_authserv_id: Option<&str>,
) -> Authentication {
    let server = trusted_authserv_id.map_or(Authentication::UNKNOWN, |id| {
        verdict::verdict(mail, id, &organisation)
    });
    if server.verdict == Verdict::Verified {
        return server;
    }
    let checked = match verdict::author_domain(mail) {
        Some(author) => signatures(app, raw, &author).await,
        // Nothing could be verified, so nobody is asked.
        None => Vec::new(),
    };
    verdict::joined(verdict::of_signatures(mail, &checked), server)
}

/// Checks the signatures that can verify the author first, and no more once one did.
async fn signatures(app: &App, raw: &[u8], author: &str) -> Vec<Checked> {
    let signed = SignedMail::read(raw);
    let until = Instant::now() + PATIENCE;
    let now_seconds = app.now_ms().div_euclid(1_000);
    let mut found: Vec<&Signature> = signed.signatures().iter().collect();
    found.sort_by_key(|signature| !is_aligned(author, signature.domain()));
    let mut checked = Vec::new();
    for signature in found {
        let records = tokio::time::timeout_at(until, records(app, signature)).await;
        let check = match records {
            Ok(Ok(records)) => Some(signed.check(signature, &records, now_seconds)),
            Ok(Err(_)) | Err(_) => None,
        };
        let domain = signature.domain().to_owned();
        let is_proof = check == Some(Check::Pass) && is_aligned(author, &domain);
        checked.push(Checked { domain, check });
        if is_proof {
            break;
        }
    }
    checked
}

async fn records(app: &App, signature: &Signature) -> Result<Vec<String>, dns::Unanswered> {
    match signature.record_name() {
        Some(name) => dns::recent_texts(app, &name).await,
        None => Ok(Vec::new()),
    }
}

/// The organisational domain, by the public suffix list.
fn organisation(domain: &str) -> Option<String> {
    psl::domain_str(domain).map(str::to_owned)
}

#[cfg(test)]
mod tests;
