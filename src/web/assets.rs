//! Scripts and styles that are part of the program: named by content, compressed at build time.

use crate::web::etag;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// One built file with its compressed twins.
#[derive(Debug)]
pub struct Asset {
    /// The name it was built under, for example `dashboard.css`.
    pub name: &'static str,
    /// Its address: changes with its content, so it may be kept for ever.
    pub url: &'static str,
    /// Its media type.
    pub content_type: &'static str,
    /// A weak validator: the same for every encoding of the same content.
    pub etag: &'static str,
    /// The bytes as built.
    pub raw: &'static [u8],
    /// The same, as brotli.
    pub brotli: &'static [u8],
    /// The same, as gzip.
    pub gzip: &'static [u8],
}

impl Asset {
    /// The file for a request with these headers: the best encoding it accepts, or 304.
    pub fn response(&self, request: &HeaderMap, cache_control: &'static str) -> Response {
        let (coding, bytes) = self.encoded_for(request);
        let unchanged = etag::is_held(request, self.etag);
        let body = if unchanged {
            Body::empty()
        } else {
            Body::from(bytes)
        };
        let mut response = Response::new(body);
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
        headers.insert(ETAG, HeaderValue::from_static(self.etag));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if !unchanged {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
            if let Some(coding) = coding {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
            }
        }
        response
    }

    fn encoded_for(&self, request: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
        let accepted = request
            .get(ACCEPT_ENCODING)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        if accepts(accepted, "br") {
            (Some("br"), self.brotli)
        } else if accepts(accepted, "gzip") {
            (Some("gzip"), self.gzip)
        } else {
            (None, self.raw)
        }
    }
}

/// Whether an `Accept-Encoding` header names this coding without forbidding it (`q=0`).
fn accepts(header: &str, coding: &str) -> bool {
    header.split(',').any(|part| {
        let mut pieces = part.split(';').map(str::trim);
        let named = pieces
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = pieces
            .find_map(|piece| piece.strip_prefix("q="))
            .and_then(|q| q.trim().parse::<f32>().ok());
        named && weight.is_none_or(|q| q > 0.0)
    })
}

/// A built file by the name it was built under.
pub fn find(name: &str) -> Option<&'static Asset> {
    ALL.iter().copied().find(|asset| asset.name == name)
}

/// `GET /assets/{file}`: a file under its hashed name.
pub async fn show(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let found = ALL
        .iter()
        .find(|asset| asset.url.strip_prefix("/assets/") == Some(file.as_str()));
    match found {
        Some(asset) => {
            let mut response = asset.response(&headers, IMMUTABLE);
            response.headers_mut().insert(
                "cross-origin-resource-policy",
                HeaderValue::from_static("same-origin"),
            );
            response
        }
        None => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_FOUND;
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_counts_when_it_is_named_and_not_forbidden() {
        for (header, coding, wanted) in [
            ("gzip, deflate, br", "br", true),
            ("gzip;q=1.0, br;q=0", "br", false),
            ("br ; q=0.5", "br", true),
            ("BR", "br", true),
            ("brotli", "br", false),
            ("", "gzip", false),
        ] {
            assert_eq!(accepts(header, coding), wanted, "{header:?} {coding}");
        }
    }

    #[test]
    fn compressed_twins_are_smaller_and_addresses_are_hashed() {
        for asset in ALL {
            assert!(
                asset.brotli.len() < asset.raw.len() && asset.gzip.len() < asset.raw.len(),
                "{}",
                asset.name
            );
            assert!(
                asset.url.starts_with("/assets/") && !asset.url.ends_with(asset.name),
                "{}",
                asset.url
            );
        }
    }
}
