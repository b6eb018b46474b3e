//! Which sites may hold our hosted pages in a frame: those of the Allowed Embed Domains.

use crate::helpdesks::domains;

/// Above this many domains each stands once in the policy: `http:` covers `https:` too, and proxies
/// take only so many bytes of headers.
const SPELT_OUT: usize = 20;

/// The sites that may frame the page. An empty list allows all of them: then nothing is said, because
/// even `*` would leave out files and apps with a scheme of their own.
pub fn frame_ancestors(listed: &[String]) -> String {
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
