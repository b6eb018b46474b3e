//! Files that strangers uploaded, on their way to a browser: saved, never opened in a page of ours.
//!
//! Whatever is in one, it has no power here: it is saved under a name of its own, its type is not guessed,
//! and should it be shown all the same, it is alone in a sandbox that may load and run nothing.

use axum::body::Body;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use std::fmt::Write as _;

const ALONE: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";
const SAME_ORIGIN: &str = "same-origin";

/// What is known of a file.
#[derive(Clone, Copy, Debug)]
pub struct Described<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its type; what is not known to be harmless is bytes.
    pub content_type: &'a str,
    /// Its length in bytes.
    pub size: i64,
}

/// A file to be saved.
pub fn download(file: Described<'_>, body: Body) -> Response {
    let mut response = answer(file, body);
    let disposition =
        HeaderValue::from_str(&disposition(file.name)).unwrap_or(HeaderValue::from_static("attachment"));
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    response
}

/// A picture to be shown. The caller has made sure that it is one.
pub fn picture(file: Described<'_>, body: Body) -> Response {
    let mut response = answer(file, body);
    let headers = response.headers_mut();
    // What is under an id never changes, and only this browser may keep it.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    response
}

fn answer(file: Described<'_>, body: Body) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_str(file.content_type);
    headers.insert(
        CONTENT_TYPE,
        content_type.unwrap_or(HeaderValue::from_static("application/octet-stream")),
    );
    headers.insert(CONTENT_LENGTH, HeaderValue::from(file.size));
    protect(headers);
    response
}

fn protect(headers: &mut HeaderMap) {
    for (name, value) in [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, ALONE),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "private, no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            SAME_ORIGIN,
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// `attachment` with a name in ASCII for old programs, and the whole one for all others (RFC 6266, RFC 8187).
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '%' => '_',
            ' '..='~' => c,
            _ => '_',
        })
        .collect();
    let mut header = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''");
    for byte in name.bytes() {
        let is_plain = byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte);
        if is_plain {
            header.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(header, "%{byte:02X}");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_for_old_and_new_programs() {
        for (name, header) in [
            (
                "report.pdf",
                "attachment; filename=\"report.pdf\"; filename*=UTF-8''report.pdf",
            ),
            (
                "Übersicht \"1\".xlsx",
                "attachment; filename=\"_bersicht _1_.xlsx\"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.xlsx",
            ),
            (
                "a\r\nSet-Cookie: x.txt",
                "attachment; filename=\"a__Set-Cookie: x.txt\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x.txt",
            ),
        ] {
            assert_eq!(disposition(name), header);
            assert!(HeaderValue::from_str(header).is_ok());
        }
    }
}
