//! Allowed Embed Domains: which sites may use the embeds.
//!
//! The list keeps other sites from using an embed. It is not authentication: a program can send
//! any `Origin`. Identity rests on the signature alone.

use crate::error::{Error, Result};
use std::net::IpAddr;

const MAX_DOMAINS: usize = 200;
/// Hosts below which anybody can register a site, beyond what the public suffix list knows.
const SHARED: &[&str] = &[
    "wixsite.com",
    "editorx.io",
    "replit.app",
    "replit.dev",
    "vercel.app",
    "netlify.app",
];

/// A checked list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Entries as stored: lower case, punycode, no scheme, port or path; in the given order.
    pub domains: Vec<String>,
    /// Sentences about entries that are valid but let in more than their owner may think.
    pub warnings: Vec<String>,
}

/// Cleans and checks the entries as an administrator typed them.
///
/// # Errors
/// The first entry that cannot be a domain.
pub fn check(entries: &[String]) -> Result<Checked> {
    let mut checked = Checked {
        domains: Vec::new(),
        warnings: Vec::new(),
    };
    for entry in entries
        .iter()
        .map(|entry| entry.trim())
        .filter(|entry| !entry.is_empty())
    {
        let domain = normalise(entry).ok_or_else(|| {
            Error::unprocessable(
                "invalid_domain",
                format!("{entry:?} is not a domain; write a host name such as example.com"),
            )
        })?;
        if checked.domains.contains(&domain) {
            continue;
        }
        if is_shared(&domain) {
            checked.warnings.push(format!(
                "{domain} is shared by many customers of one provider: every site under it may embed. Write your own host, for example my-site.{domain}"
            ));
        }
        checked.domains.push(domain);
    }
    if checked.domains.len() > MAX_DOMAINS {
        return Err(Error::unprocessable(
            "too_many_domains",
            format!("At most {MAX_DOMAINS} domains can be listed"),
        ));
    }
    Ok(checked)
}

/// True when a page of this host may embed. `host` comes from an `Origin`, lower-cased, without port.
pub fn allows(domains: &[String], host: &str) -> bool {
    domains.is_empty() || entry_for(domains, host).is_some()
}

/// The entry that lets this host in.
pub fn entry_for<'a>(domains: &'a [String], host: &str) -> Option<&'a String> {
    domains.iter().find(|entry| matches(entry, host))
}

/// The entries in a text that somebody typed or pasted: lines, or words between spaces and commas.
pub fn split(text: &str) -> Vec<String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';'))
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect()
}

/// True when what lies below an entry is not covered by it.
pub fn is_exact(entry: &str) -> bool {
    entry == "localhost" || is_ip(entry)
}

fn matches(entry: &str, host: &str) -> bool {
    if host == entry {
        return true;
    }
    if is_exact(entry) {
        return false;
    }
    host.strip_suffix(entry)
        .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// The host of an `Origin` header, lower-cased and in punycode, or `None` for anything that a
/// browser would not send for a web page (`null`, several origins, user names, paths, opaque schemes).
pub fn host_of_origin(origin: &str) -> Option<String> {
    let (scheme, rest) = origin.split_once("://")?;
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if !scheme_ok || rest.contains(['/', '\\', '?', '#', '@', ',']) || rest.contains(char::is_whitespace) {
        return None;
    }
    let host = without_port(rest)?;
    host_name(host)
}

fn normalise(entry: &str) -> Option<String> {
    let entry = entry.split_once("://").map_or(entry, |(_, rest)| rest);
    let entry = entry.split(['/', '?', '#']).next()?;
    let entry = entry.strip_prefix("*.").unwrap_or(entry);
    let host = without_port(entry)?;
    let host = host.strip_suffix('.').unwrap_or(host);
    host_name(host)
}

/// Takes a port away: `example.com:8080`, `[::1]:8080`.
fn without_port(text: &str) -> Option<&str> {
    let (host, port) = if let Some(end) = text.rfind(']') {
        (text.get(..=end)?, text.get(end + 1..)?)
    } else if is_ip(text) {
        (text, "")
    } else {
        text.find(':').map_or((text, ""), |at| text.split_at(at))
    };
    let port_ok = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()) && digits.len() <= 5);
    port_ok.then_some(host)
}

/// A host name or IP literal in the spelling that is compared: lower case, punycode.
fn host_name(text: &str) -> Option<String> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(ip.to_string());
    }
    let ascii = idna::domain_to_ascii(text).ok()?.to_ascii_lowercase();
    let labels_ok = ascii.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    let numeric_end = ascii
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    let known_shape = ascii == "localhost" || ascii.contains('.');
    (labels_ok && known_shape && !numeric_end && ascii.len() <= 253).then_some(ascii)
}

fn is_ip(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
}

fn is_shared(domain: &str) -> bool {
    if is_exact(domain) {
        return false;
    }
    SHARED.contains(&domain) || psl::suffix_str(domain) == Some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(entries: &[&str]) -> Result<Checked> {
        check(
            &entries
                .iter()
                .map(|entry| (*entry).to_owned())
                .collect::<Vec<_>>(),
        )
    }

    #[test]
    fn entries_are_cleaned() {
        for (given, stored) in [
            (" Example.COM ", "example.com"),
            ("https://example.com/support?x#y", "example.com"),
            ("*.example.com", "example.com"),
            ("example.com.", "example.com"),
            ("example.com:8443", "example.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("localhost:3000", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:80", "::1"),
            ("http://[2001:DB8::1]", "2001:db8::1"),
        ] {
            assert_eq!(checked(&[given]).unwrap().domains, [stored], "{given}");
        }
        assert_eq!(
            checked(&["a.example", "", "A.example"]).unwrap().domains,
            ["a.example"]
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for given in [
            "com-",
            "exa mple.com",
            "a..b",
            "*",
            "*.*.example.com",
            "example",
            "user@example.com",
            "1.2.3",
            "x:y",
        ] {
            assert!(checked(&[given]).is_err(), "{given}");
        }
    }

    #[test]
    fn shared_suffixes_are_warned_about() {
        for shared in [
            "vercel.app",
            "wixsite.com",
            "replit.app",
            "github.io",
            "co.uk",
            "com",
        ] {
            if let Ok(checked) = checked(&[shared]) {
                assert_eq!(checked.warnings.len(), 1, "{shared}");
            }
        }
        assert!(
            checked(&["example.com", "localhost"])
                .unwrap()
                .warnings
                .is_empty()
        );
    }

    #[test]
    fn a_host_matches_its_entry_and_what_lies_below() {
        let list = checked(&["example.com", "localhost", "127.0.0.1"])
            .unwrap()
            .domains;
        for good in [
            "https://example.com",
            "http://app.example.com:8080",
            "https://a.b.EXAMPLE.com",
            "http://localhost:3000",
            "http://127.0.0.1",
        ] {
            assert!(allows(&list, &host_of_origin(good).unwrap()), "{good}");
        }
        for bad in [
            "https://badexample.com",
            "https://example.com.evil.net",
            "https://example.co",
            "http://x.localhost",
            "http://1.127.0.0.1",
        ] {
            assert!(
                !host_of_origin(bad).is_some_and(|host| allows(&list, &host)),
                "{bad}"
            );
        }
        for odd in [
            "null",
            "",
            "https://example.com, https://evil.net",
            "https://u@example.com",
            "https://example.com/x",
            "file://",
            "example.com",
        ] {
            assert_eq!(host_of_origin(odd), None, "{odd}");
        }
        assert!(allows(&[], "anything.example"));
    }
}
