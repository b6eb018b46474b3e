//! What a server that we trust found out about a mail: SPF, DKIM and DMARC as it noted them in
//! Authentication-Results (RFC 8601).
//!
//! Anybody can write such a header. Only those of a configured server count, and only the ones above every
//! hop that server did not see: it has to remove what came from outside, and this looks at the topmost.

use crate::Address;
use crate::parsed::ParsedMail;

const VALUE_BYTES: usize = 16 * 1_024;
const MOST_RESULTS: usize = 100;

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
    /// A trusted server looked, and the author's domain does not stand behind the mail.
    Failed,
    /// Nobody whom we trust has looked.
    Unknown,
}

/// The findings of the trusted server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// What it comes to.
    pub verdict: Verdict,
    /// SPF (RFC 7208) of the envelope's sender, whatever its domain.
    pub spf: Finding,
    /// DKIM (RFC 6376), the best of all signatures, whatever their domain.
    pub dkim: Finding,
    /// DMARC (RFC 7489) of the author's domain.
    pub dmarc: Finding,
}

impl Authentication {
    /// Nobody whom we trust has looked.
    pub const UNKNOWN: Self = Self {
        verdict: Verdict::Unknown,
        spf: Finding::None,
        dkim: Finding::None,
        dmarc: Finding::None,
    };
}

impl Authentication {
    /// What was found, as one line; empty when nobody looked.
    pub fn words(&self) -> String {
        let word = |name: &str, finding: Finding| match finding {
            Finding::Pass => Some(format!("{name} passed")),
            Finding::Fail => Some(format!("{name} failed")),
            Finding::None => None,
        };
        let words = [
            word("SPF", self.spf),
            word("DKIM", self.dkim),
            word("DMARC", self.dmarc),
        ];
        words.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Reads what the server with this authserv-id noted. `organisation` gives the organisational domain of a
/// domain (`example.co.uk` of `mail.example.co.uk`), by the public suffix list.
pub fn verdict(
    mail: &ParsedMail,
    authserv_id: &str,
    organisation: &dyn Fn(&str) -> Option<String>,
) -> Authentication {
    let Some(results) = trusted(mail, authserv_id) else {
        return Authentication::UNKNOWN;
    };
    let author = mail.from.one().map(|from| domain(&from.address));
    let is_aligned = |domain: &str| {
        let author = author.as_deref().and_then(organisation);
        author.is_some() && author == organisation(&domain.to_ascii_lowercase())
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
        }
        was_checked = true;
        has_alignment |= result.finding == Finding::Pass && result.domain().is_some_and(&is_aligned);
    }
    let is_verified = match findings.dmarc {
        // The server has looked at the alignment itself; what it calls the author must be the author.
        Finding::Pass => has_alignment,
        Finding::Fail => false,
        Finding::None => has_alignment,
    };
    findings.verdict = match (was_checked, is_verified && author.is_some()) {
        (false, _) => Verdict::Unknown,
        (true, true) => Verdict::Verified,
        (true, false) => Verdict::Failed,
    };
    findings
}

fn domain(address: &Address) -> String {
    address
        .as_str()
        .rsplit_once('@')
        .map(|(_, domain)| domain.to_owned())
        .unwrap_or_default()
}

/// The topmost headers of the trusted server: those before the first one of anybody else.
fn trusted(mail: &ParsedMail, authserv_id: &str) -> Option<Vec<MethodResult>> {
    let mut results = Vec::new();
    let mut is_found = false;
    for header in mail.all("authentication-results") {
        let value = header.value.get(..VALUE_BYTES).unwrap_or(&header.value);
        let plain = without_comments(&String::from_utf8_lossy(value));
        let mut pieces = plain.split(';');
        let id = pieces
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .next()
            .unwrap_or_default();
        if authserv_id.is_empty() || !id.eq_ignore_ascii_case(authserv_id) {
            break;
        }
        is_found = true;
        results.extend(pieces.filter_map(MethodResult::read).take(MOST_RESULTS));
    }
    is_found.then_some(results)
}

/// `dkim=pass header.d=example.com header.s=a`
struct MethodResult {
    method: String,
    finding: Finding,
    properties: Vec<(String, String)>,
}

impl MethodResult {
    fn read(piece: &str) -> Option<Self> {
        // Blanks may stand around the equals sign.
        let piece = piece.replace(" =", "=").replace("= ", "=");
        let mut words = piece.split_ascii_whitespace();
        let (method, found) = words.next()?.split_once('=')?;
        let method = method.split('/').next()?.to_ascii_lowercase();
        let finding = match found.to_ascii_lowercase().as_str() {
            "pass" => Finding::Pass,
            "fail" | "softfail" | "hardfail" | "policy" | "permerror" | "reject" => Finding::Fail,
            _ => Finding::None,
        };
        let properties = words.filter_map(|word| word.split_once('='));
        let properties =
            properties.map(|(name, value)| (name.to_ascii_lowercase(), value.trim_matches('"').to_owned()));
        Some(Self {
            method,
            finding,
            properties: properties.collect(),
        })
    }

    /// The domain a pass is about.
    fn domain(&self) -> Option<&str> {
        let names: &[&str] = match self.method.as_str() {
            "dkim" => &["header.d", "header.i"],
            "spf" => &["smtp.mailfrom", "smtp.mail", "smtp.helo"],
            "dmarc" => &["header.from"],
            _ => &[],
        };
        let (_, value) = self
            .properties
            .iter()
            .find(|(name, _)| names.contains(&name.as_str()))?;
        Some(
            value
                .rsplit_once('@')
                .map_or(value.as_str(), |(_, domain)| domain),
        )
    }
}

/// Without what stands in parentheses; nested ones and quoted ones count.
fn without_comments(value: &str) -> String {
    let (mut depth, mut is_quoted, mut is_escaped) = (0_usize, false, false);
    let mut plain = String::with_capacity(value.len());
    for character in value.chars() {
        if is_escaped {
            is_escaped = false;
            continue;
        }
        match character {
            '\\' => is_escaped = true,
            '"' if depth == 0 => is_quoted = !is_quoted,
            '(' if !is_quoted => depth += 1,
            ')' if !is_quoted && depth > 0 => {
                depth -= 1;
                plain.push(' ');
            }
            // A semicolon within quotes would end the result early.
            ';' if is_quoted => {}
            other if depth == 0 => plain.push(other),
            _ => {}
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parsed::{Limits, parse};

    /// Enough of the public suffix list for these tests.
    fn organisation(domain: &str) -> Option<String> {
        let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
        let suffix = if domain.ends_with(".co.uk") { 2 } else { 1 };
        let start = labels.len().checked_sub(suffix + 1)?;
        Some(labels[start..].join("."))
    }

    fn of(headers: &str) -> Authentication {
        let mail = format!("{headers}From: Ann <ann@mail.x.example>\n\nhello\n");
        verdict(
            &parse(mail.as_bytes(), &Limits::default()).unwrap(),
            "mx.ours.example",
            &organisation,
        )
    }

    #[test]
    fn a_pass_counts_for_the_domain_of_the_author_only() {
        for (results, verdict) in [
            ("dmarc=pass header.from=mail.x.example", Verdict::Verified),
            (
                "dmarc=pass (p=reject; dis=none) header.from=x.example",
                Verdict::Verified,
            ),
            ("dkim=pass header.d=x.example header.s=a", Verdict::Verified),
            (
                "dkim=pass header.i=@mail.x.example; spf=fail smtp.mailfrom=a@x.example",
                Verdict::Verified,
            ),
            (
                "spf=pass (ok; really) smtp.mailfrom=bounce@b.x.example",
                Verdict::Verified,
            ),
            ("spf = pass smtp.mailfrom=\"a@x.example\"", Verdict::Verified),
            ("dkim/1=pass header.d=X.EXAMPLE", Verdict::Verified),
            (
                "dkim=pass header.d=evil.example; spf=pass smtp.mailfrom=evil.example",
                Verdict::Failed,
            ),
            ("dkim=pass header.d=notx.example", Verdict::Failed),
            ("dkim=pass header.d=example", Verdict::Failed),
            (
                "dmarc=fail header.from=x.example; spf=pass smtp.mailfrom=x.example",
                Verdict::Failed,
            ),
            ("dmarc=pass header.from=evil.example", Verdict::Failed),
            ("dmarc=pass", Verdict::Failed),
            ("spf=softfail smtp.mailfrom=x.example; dkim=none", Verdict::Failed),
            ("spf=none; dkim=none; dmarc=none", Verdict::Failed),
            ("spf=temperror smtp.mailfrom=x.example", Verdict::Failed),
            ("(dkim=pass header.d=x.example) spf=none", Verdict::Failed),
            (
                "spf=none reason=\"; dkim=pass header.d=x.example\"",
                Verdict::Failed,
            ),
            ("none", Verdict::Unknown),
            ("iprev=pass policy.iprev=192.0.2.1", Verdict::Unknown),
        ] {
            let found = of(&format!("Authentication-Results: mx.ours.example; {results}\n"));
            assert_eq!(found.verdict, verdict, "{results}");
        }
        let all = of(
            "Authentication-Results: MX.ours.example 1;\n dkim=fail header.d=x.example;\n dkim=pass header.d=x.example;\n spf=fail;\n dmarc=pass header.from=x.example\n",
        );
        assert_eq!(
            (all.dkim, all.spf, all.dmarc),
            (Finding::Pass, Finding::Fail, Finding::Pass)
        );
    }

    #[test]
    fn what_others_wrote_does_not_count() {
        let pass = "dmarc=pass header.from=x.example; dkim=pass header.d=x.example";
        for id in [
            "evil.example",
            "mx.ours.example.evil",
            "",
            "(mx.ours.example)",
            "x mx.ours.example",
        ] {
            assert_eq!(
                of(&format!("Authentication-Results: {id}; {pass}\n")).verdict,
                Verdict::Unknown,
                "{id}"
            );
        }
        assert_eq!(
            of(&format!("X-Authentication-Results: mx.ours.example; {pass}\n")).verdict,
            Verdict::Unknown
        );
        // A forged one below that of somebody else, who would have passed it on.
        let below = format!(
            "Authentication-Results: other.example; none\nAuthentication-Results: mx.ours.example; {pass}\n"
        );
        assert_eq!(of(&below).verdict, Verdict::Unknown);
        let mail = parse(
            format!("Authentication-Results: ; {pass}\nFrom: a@x.example\n\nx").as_bytes(),
            &Limits::default(),
        )
        .unwrap();
        assert_eq!(verdict(&mail, "", &organisation).verdict, Verdict::Unknown);
        // Nobody is verified without a single author.
        let two = format!("Authentication-Results: mx.ours.example; {pass}\nFrom: b@x.example\n");
        assert_eq!(of(&two).verdict, Verdict::Failed);
    }
}
