//! Requests written byte by byte, for what no well-behaved client would send.

use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{Answer, TestApp};

/// A POST's head with these further header lines; the connection closes after the answer.
pub(crate) fn head(app: &TestApp, method: &str, path: &str, headers: &[&str]) -> Vec<u8> {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n",
        app.address
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    head.into_bytes()
}

/// A whole JSON POST with a Content-Length, of any bytes.
pub(crate) async fn post_bytes(app: &TestApp, path: &str, body: &[u8]) -> Answer {
    let length = format!("Content-Length: {}", body.len());
    let mut bytes = head(app, "POST", path, &["Content-Type: application/json", &length]);
    bytes.extend_from_slice(body);
    send(app, &[&bytes]).await
}

/// Writes all pieces, whatever the server does meanwhile, and then reads the answer.
pub(crate) async fn send(app: &TestApp, pieces: &[&[u8]]) -> Answer {
    let exchange = async {
        let mut socket = TcpStream::connect(app.address).await.expect("connect");
        for piece in pieces {
            socket
                .write_all(piece)
                .await
                .expect("the server reads what is sent");
            socket.flush().await.expect("flush");
        }
        let mut bytes = Vec::new();
        socket
            .read_to_end(&mut bytes)
            .await
            .expect("the answer can be read");
        parse(&bytes)
    };
    tokio::time::timeout(Duration::from_secs(60), exchange)
        .await
        .expect("an answer within a minute")
}

fn parse(bytes: &[u8]) -> Answer {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("an HTTP answer: {:?}", String::from_utf8_lossy(bytes)));
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .expect("a status line");
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(':').expect("a header line");
        headers
            .entry(name.to_ascii_lowercase())
            .and_modify(|joined| *joined = format!("{joined}, {}", value.trim()))
            .or_insert_with(|| value.trim().to_owned());
    }
    let rest = &bytes[end + 4..];
    let chunked = headers
        .get("transfer-encoding")
        .is_some_and(|coding| coding == "chunked");
    let body = if chunked { dechunk(rest) } else { rest.to_vec() };
    Answer {
        status: status.parse().expect("a status"),
        headers,
        body,
    }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = bytes
            .windows(2)
            .position(|window| window == b"\r\n")
            .expect("a chunk size");
        let size = std::str::from_utf8(&bytes[..line]).expect("a chunk size");
        let size = usize::from_str_radix(size.trim(), 16).expect("a chunk size");
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[line + 2..line + 2 + size]);
        bytes = &bytes[line + 2 + size + 2..];
    }
}
