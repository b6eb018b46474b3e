//! Authentication-Results (RFC 8601): what servers note about SPF, DKIM and DMARC.
//!
//! Anybody can write such a header. Only those of a configured server count, and only the ones above every
//! hop that server did not see: it has to remove what came from outside, and this looks at the topmost.

use super::Finding;
use crate::parsed::ParsedMail;

const VALUE_BYTES: usize = 16 * 1_024;
const MOST_RESULTS: usize = 100;

/// The topmost headers of the trusted server: those before the first one of anybody else.
pub(super) fn trusted(mail: &ParsedMail, authserv_id: &str) -> Option<Vec<MethodResult>> {
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
pub(super) struct MethodResult {
    pub(super) method: String,
    pub(super) finding: Finding,
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
    pub(super) fn domain(&self) -> Option<&str> {
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
