//! Whether the author's domain stands behind a mail: by its signatures, which are checked here, and by what
//! a server that we trust noted.

mod results;

use crate::Address;
use crate::dkim::Check;
use crate::parsed::{Doubt, ParsedMail};
use results::trusted;

/// What a method found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It is as it says.
    Pass,
    /// It is not.
    Fail,
    /// Nothing was to be checked, or nothing was found out.
    None,
}

/// What is known about the author's domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A check passed for the domain of the author: by DMARC, or by SPF or DKIM in alignment with it.
    Verified,
    /// Somebody looked, and the author's domain does not stand behind the mail.
    Failed,
    /// Nobody whom we trust has looked, or there was nothing to look at.
    Unknown,
}

/// Who found it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// The signatures were checked here.
    OwnCheck,
    /// The trusted server of this authserv-id.
    Server(String),
}

/// What was found out about a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// What it comes to.
    pub verdict: Verdict,
    /// Who found the verdict; `None` while it is unknown.
    pub found_by: Option<FoundBy>,
    /// SPF (RFC 7208) of the envelope's sender, whatever its domain.
    pub spf: Finding,
    /// DKIM (RFC 6376), the best of all signatures, whatever their domain.
    pub dkim: Finding,
    /// The domain of that signature, in lower case.
    pub dkim_domain: Option<String>,
    /// DMARC (RFC 7489) of the author's domain.
    pub dmarc: Finding,
    /// The DNS did not answer about a signature that may verify the mail: it is worth another try.
    pub is_temporary: bool,
}

impl Authentication {
    /// Nothing is known.
    pub const UNKNOWN: Self = Self {
        verdict: Verdict::Unknown,
        found_by: None,
        spf: Finding::None,
        dkim: Finding::None,
        dkim_domain: None,
        dmarc: Finding::None,
        is_temporary: false,
    };

    /// What was found, as one line, like "SPF failed, DKIM passed (example.com)"; empty when nobody looked.
    pub fn words(&self) -> String {
        let word = |name: &str, finding: Finding| match finding {
            Finding::Pass => Some(format!("{name} passed")),
            Finding::Fail => Some(format!("{name} failed")),
            Finding::None => None,
        };
        let dkim = word("DKIM", self.dkim).map(|word| match &self.dkim_domain {
            Some(domain) => format!("{word} ({domain})"),
            None => word,
        });
        let words = [word("SPF", self.spf), dkim, word("DMARC", self.dmarc)];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// The domain of the one author, in ASCII and lower case, whom alone a verdict can be about. Where headers
/// stand several times, readers may show another author than was checked (RFC 6376, 8.15).
pub fn author_domain(mail: &ParsedMail) -> Option<String> {
    if mail.doubts.contains(&Doubt::RepeatedHeader) {
        return None;
    }
    mail.from.one().map(|from| domain(&from.address))
}

fn domain(address: &Address) -> String {
    let domain = address.as_str().rsplit_once('@').map_or("", |(_, domain)| domain);
    in_ascii(domain)
}

/// As the DNS has it: a domain may be written either way in a mail.
fn in_ascii(domain: &str) -> String {
    let ascii = (!domain.is_ascii()).then(|| idna::domain_to_ascii_strict(domain));
    let ascii = ascii.and_then(Result::ok);
    ascii.unwrap_or_else(|| domain.to_ascii_lowercase())
}

/// Whether a signature of one domain speaks for an author in another (DMARC: RFC 7489, 3.1.1).
///
/// RFC 7489 compares organisational domains, which takes the public suffix list. That list ages in a program
/// as it stands; where it is behind, strangers below one suffix could sign for each other. So only those who
/// hold a domain speak for all below it, which is theirs to give away: the domains are equal, or the signing
/// one is above the author's. It has two labels at least, as nobody's mail is signed by `com`. What this
/// gives up are signatures by a subdomain of the author's domain: such mail stays unknown.
pub fn is_aligned(author_domain: &str, signing_domain: &str) -> bool {
    let (author, signing) = (in_ascii(author_domain), in_ascii(signing_domain));
    let above = author.strip_suffix(signing.as_str());
    let has_labels = signing.split('.').filter(|label| !label.is_empty()).count() > 1;
    has_labels
        && !signing.starts_with('.')
        && above.is_some_and(|below| below.is_empty() || (below.ends_with('.') && below.len() > 1))
}

/// What became of a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The domain that signed.
    pub domain: String,
    /// What the check found; `None` when the DNS did not answer.
    pub check: Option<Check>,
}

/// What the signatures come to that were checked here.
pub fn of_signatures(mail: &ParsedMail, checked: &[Checked]) -> Authentication {
    let author = author_domain(mail);
    let is_aligned = |one: &Checked| {
        author
            .as_ref()
            .is_some_and(|author| is_aligned(author, &one.domain))
    };
    let find = |is_wanted: &dyn Fn(&Option<Check>) -> bool| {
        let mut wanted = checked.iter().filter(|one| is_wanted(&one.check));
        // The author's own domain is the one to tell of.
        let first = wanted.clone().next();
        wanted.find(|one| is_aligned(one)).or(first)
    };
    let passed = find(&|check| *check == Some(Check::Pass));
    let failed = find(&|check| matches!(check, Some(Check::Fail(_))));
    let unanswered = find(&Option::is_none).is_some_and(is_aligned);
    let verdict = match (passed, failed) {
        (Some(passed), _) if is_aligned(passed) => Verdict::Verified,
        // One that cannot be checked yet may still hold.
        (_, Some(failed)) if is_aligned(failed) && !unanswered => Verdict::Failed,
        _ => Verdict::Unknown,
    };
    let (dkim, told) = match (passed, failed) {
        (Some(passed), _) => (Finding::Pass, Some(passed)),
        (None, Some(failed)) => (Finding::Fail, Some(failed)),
        (None, None) => (Finding::None, None),
    };
    Authentication {
        verdict,
        found_by: (verdict != Verdict::Unknown).then_some(FoundBy::OwnCheck),
        dkim,
        dkim_domain: told
            .map(|one| one.domain.clone())
            .filter(|domain| !domain.is_empty()),
        is_temporary: unanswered && verdict != Verdict::Verified,
        ..Authentication::UNKNOWN
    }
}

/// One verdict of both. A signature that holds is proof whatever the server says of a mail that was
/// forwarded to it. Else the server knows more: it saw who delivered the mail.
pub fn joined(own: Authentication, server: Authentication) -> Authentication {
    match (own.verdict, server.verdict) {
        (Verdict::Verified, _) | (_, Verdict::Unknown) => Authentication {
            spf: server.spf,
            dmarc: server.dmarc,
            ..own
        },
        (_, Verdict::Verified) => server,
        (_, Verdict::Failed) => Authentication {
            is_temporary: own.is_temporary,
            ..server
        },
    }
}

/// Reads what the server with this authserv-id noted (RFC 8601). `organisation` gives the organisational
/// domain of a domain (`example.co.uk` of `mail.example.co.uk`), by the public suffix list.
pub fn verdict(
    mail: &ParsedMail,
    authserv_id: &str,
    organisation: &dyn Fn(&str) -> Option<String>,
) -> Authentication {
    let Some(results) = trusted(mail, authserv_id) else {
        return Authentication::UNKNOWN;
    };
    let author = mail.from.one().map(|from| domain(&from.address));
    let organisation_of = |domain: &str| organisation(&in_ascii(domain));
    let is_aligned = |domain: &str| {
        let author = author.as_deref().and_then(organisation_of);
        author.is_some() && author == organisation_of(domain)
    };
    let mut findings = Authentication::UNKNOWN;
    let (mut has_alignment, mut was_checked) = (false, false);
    for result in &results {
        let best = match result.method.as_str() {
            "spf" => &mut findings.spf,
            "dkim" => &mut findings.dkim,
            "dmarc" => &mut findings.dmarc,
            _ => continue,
        };
        if *best != Finding::Pass && result.finding != Finding::None {
            *best = result.finding;
            if result.method == "dkim" {
                findings.dkim_domain = result.domain().filter(|name| is_name(name)).map(in_ascii);
            }
        }
        was_checked = true;
        has_alignment |= result.finding == Finding::Pass && result.domain().is_some_and(is_aligned);
    }
    // The server has looked at the alignment itself; what it calls the author must be the author.
    let is_verified = has_alignment && findings.dmarc != Finding::Fail;
    findings.verdict = match (was_checked, is_verified) {
        (false, _) => Verdict::Unknown,
        (true, true) if author_domain(mail).is_none() => Verdict::Unknown,
        (true, true) => Verdict::Verified,
        (true, false) => Verdict::Failed,
    };
    if findings.verdict != Verdict::Unknown {
        findings.found_by = Some(FoundBy::Server(authserv_id.to_owned()));
    }
    findings
}

/// Whether it can be shown: what a server repeats may be anything.
fn is_name(domain: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_');
    domain.len() <= 253 && domain.chars().all(is_letter)
}

#[cfg(test)]
mod tests;
