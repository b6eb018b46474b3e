//! A reader of the live stream, as the embed reads it: the body of one POST.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::{PREFIX, TestApp};

/// One event of the stream.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) id: Option<String>,
    pub(crate) kind: String,
    pub(crate) data: Value,
}

/// An open stream.
pub(crate) struct EventStream {
    body: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    unread: Vec<u8>,
    /// Everything received so far.
    pub(crate) received: Vec<u8>,
}

impl EventStream {
    /// Opens the stream after a cursor and waits for `ready`.
    pub(crate) async fn open(app: &TestApp, token: &str, after: Option<&str>) -> Self {
        let body = after.map_or_else(|| json!({}), |after| json!({"after": after}));
        let answer = app
            .http
            .post(format!("{}{PREFIX}/stream", app.base))
            .bearer_auth(token)
            .json(&body)
            .send()
            .await
            .expect("the stream answers");
        assert_eq!(answer.status().as_u16(), 200);
        let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok());
        assert!(header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")));
        assert_eq!(header("access-control-allow-origin"), Some("*"));
        assert!(header("cache-control").is_some_and(|cache| cache.contains("no-store")));
        let body = Box::pin(answer.bytes_stream());
        let mut stream = Self {
            body,
            unread: Vec::new(),
            received: Vec::new(),
        };
        let ready = stream.next().await.expect("an event");
        assert_eq!(ready.kind, "ready", "{ready:?}");
        stream
    }

    /// What opening a stream answers; it is closed at once.
    pub(crate) async fn status(app: &TestApp, token: &str) -> u16 {
        let request = app
            .http
            .post(format!("{}{PREFIX}/stream", app.base))
            .bearer_auth(token);
        let answer = request.json(&json!({})).send().await.expect("the stream answers");
        answer.status().as_u16()
    }

    /// The next event; nothing when the server ended the stream.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        let next = async {
            loop {
                if let Some(event) = self.take_event() {
                    return Some(event);
                }
                let bytes = self.body.next().await?.ok()?;
                self.unread.extend_from_slice(&bytes);
                self.received.extend_from_slice(&bytes);
            }
        };
        tokio::time::timeout(Duration::from_secs(20), next)
            .await
            .expect("an event within 20 s")
    }

    /// The next event of this kind; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.kind == kind {
                return event;
            }
        }
    }

    /// The first whole event among the bytes that came; comments are passed over.
    fn take_event(&mut self) -> Option<Event> {
        loop {
            let end = self.unread.windows(2).position(|window| window == b"\n\n")?;
            let block: Vec<u8> = self.unread.drain(..end + 2).collect();
            let block = String::from_utf8(block).expect("UTF-8");
            let field = |name: &str| -> Vec<String> {
                let values = block
                    .lines()
                    .filter_map(|line| line.strip_prefix(&format!("{name}:")));
                values
                    .map(|value| value.strip_prefix(' ').unwrap_or(value).to_owned())
                    .collect()
            };
            let data = field("data").join("\n");
            if data.is_empty() && field("event").is_empty() {
                continue;
            }
            return Some(Event {
                id: field("id").pop(),
                kind: field("event").pop().unwrap_or_else(|| "message".to_owned()),
                data: serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error}: {block}")),
            });
        }
    }
}
