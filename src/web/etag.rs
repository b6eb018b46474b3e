//! Validators: whether a browser already holds what it asks for.

use axum::http::HeaderMap;
use axum::http::header::IF_NONE_MATCH;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Bytes of the hash that are kept.
const LENGTH: usize = 12;

/// A weak validator of this content.
pub fn of(content: &[u8]) -> String {
    let mut tag = "W/\"".to_owned();
    for byte in Sha256::digest(content).iter().take(LENGTH) {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

/// Whether a request says that it holds what has this validator.
pub fn is_held(request: &HeaderMap, etag: &str) -> bool {
    let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|tags| tags.split(','))
        .any(|tag| tag.trim() == "*" || plain(tag) == plain(etag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_validator_is_found_among_others_whether_weak_or_not() {
        let etag = of(b"a page");
        let strong = etag.trim_start_matches("W/").to_owned();
        for (header, wanted) in [
            (etag.clone(), true),
            (strong.clone(), true),
            (format!("\"x\", {etag}"), true),
            ("*".to_owned(), true),
            (of(b"another page"), false),
            (strong.trim_matches('"').to_owned(), false),
            (String::new(), false),
        ] {
            let mut request = HeaderMap::new();
            request.insert(IF_NONE_MATCH, HeaderValue::from_str(&header).unwrap());
            assert_eq!(is_held(&request, &etag), wanted, "{header}");
        }
        assert!(!is_held(&HeaderMap::new(), &etag));
    }
}
