//! One call to an HTTP API of somebody else. The address is ours or an administrator's, never a visitor's;
//! no redirect is followed, and nothing is read beyond what an answer may have.

use super::{Dialogue, Stream, Trouble, connect, encrypt, trust};
use crate::app::App;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use mail::one_line;
use std::time::Duration;
use url::Url;
use url::form_urlencoded::Serializer;

const LONGEST: usize = 64 * 1024;
const WORDS: usize = 200;

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, as it came.
    pub body: Vec<u8>,
}

/// Posts a form and reads the answer, within this time altogether.
///
/// # Errors
/// [`Trouble`]: nobody there, no proof of the name, silence, or more than 64 KiB of answer.
pub async fn post_form(
    app: &App,
    url: &Url,
    fields: &[(&str, &str)],
    patience: Duration,
) -> Result<Answer, Trouble> {
    let called = tokio::time::timeout(patience, call(app, url, fields, patience));
    called.await.unwrap_or(Err(Trouble::TimedOut(patience)))
}

async fn call(app: &App, url: &Url, fields: &[(&str, &str)], patience: Duration) -> Result<Answer, Trouble> {
    let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
        return Err(Trouble::NoAddress("the address names no host".to_owned()));
    };
    // An address of IPv6 stands in brackets in a URL, and nowhere else.
    let name = host.trim_start_matches('[').trim_end_matches(']');
    let mut stream: Box<dyn Stream> = Box::new(connect(name, port, patience).await?);
    if url.scheme() == "https" {
        let config = trust(app).map_err(Trouble::Io)?;
        stream = encrypt(stream, config, name, patience, &Dialogue::default()).await?;
    }
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let driver = tokio::spawn(connection);
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let request = Request::post(url.path())
        .header(HOST, authority)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(body)))
        .map_err(broken)?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), LONGEST).collect().await;
    driver.abort();
    Ok(Answer {
        status,
        body: body.map_err(broken)?.to_bytes().to_vec(),
    })
}

fn broken(error: impl std::fmt::Display) -> Trouble {
    Trouble::Io(one_line(&error.to_string(), WORDS))
}
