//! Reading a call's body: JSON only, at most 256 KiB.

use crate::error::{Error, Kind, Result};
use axum::body::Body;
use axum::http::{HeaderMap, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use std::time::Duration;

const LONGEST: usize = 256 * 1024;
/// A body that is too large is read and dropped up to here and this long, because a client that is
/// still sending would see a broken connection instead of our answer.
const DROPPED: usize = 16 * 1024 * 1024;
const DROPPED_FOR: Duration = Duration::from_secs(10);
/// A client that sends slower than this holds a connection and nothing else.
const READ_FOR: Duration = Duration::from_secs(30);

/// Reads the whole body of a JSON call.
///
/// # Errors
/// `unsupported_media_type`, `body_too_large`, or `invalid_json` when it breaks off.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes> {
    if let Err(error) = check_media_type(headers) {
        drain(body).await;
        return Err(error);
    }
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    match tokio::time::timeout(READ_FOR, collect(body, declared)).await {
        Ok(read) => read,
        Err(_) => Err(Error::invalid("invalid_json", "The body did not arrive in time")),
    }
}

async fn collect(mut body: Body, declared: Option<usize>) -> Result<Bytes> {
    if declared.is_some_and(|length| length > LONGEST) {
        return Err(too_large(body, 0).await);
    }
    let mut first: Option<Bytes> = None;
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Error::invalid("invalid_json", "The body broke off"))?;
        let Ok(data) = frame.into_data() else { continue };
        let have = first.as_ref().map_or(0, Bytes::len) + rest.len();
        if have + data.len() > LONGEST {
            return Err(too_large(body, have + data.len()).await);
        }
        match &first {
            // Nearly every call fits one frame: no copy.
            None => first = Some(data),
            Some(_) => rest.extend_from_slice(&data),
        }
    }
    let first = first.unwrap_or_default();
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

/// Reads and drops what a refused client is still sending.
pub(super) async fn drain(body: Body) {
    drop_rest(body, 0).await;
}

async fn too_large(body: Body, read: usize) -> Error {
    drop_rest(body, read).await;
    Error::new(
        Kind::TooLarge,
        "body_too_large",
        "The body is larger than 256 KiB",
    )
}

async fn drop_rest(mut body: Body, mut read: usize) {
    let drop_rest = async {
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, Bytes::len);
            if read > DROPPED {
                return;
            }
        }
    };
    drop(tokio::time::timeout(DROPPED_FOR, drop_rest).await);
}

fn check_media_type(headers: &HeaderMap) -> Result<()> {
    let mut values = headers.get_all(header::CONTENT_TYPE).iter();
    let value = values
        .next()
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = value.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let utf8 = parts.all(|parameter| {
        parameter.is_empty()
            || parameter.split_once('=').is_some_and(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
            })
    });
    if json && utf8 && values.next().is_none() {
        return Ok(());
    }
    Err(Error::new(
        Kind::UnsupportedMediaType,
        "unsupported_media_type",
        "Send the body as application/json in UTF-8",
    ))
}
