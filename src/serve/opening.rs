//! A connection whose first bytes must come in time. Which version of HTTP a client speaks shows in
//! its first bytes, and until then nobody else watches the clock: a client that says nothing, or
//! stops in the middle of HTTP/2's first words, would hold its connection for ever.

use std::future::Future as _;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What every HTTP/2 client sends first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream that fails when its version of HTTP stays unknown for too long.
pub(super) struct Opening<S> {
    stream: S,
    undecided: Option<Undecided>,
}

struct Undecided {
    until: Pin<Box<Sleep>>,
    /// How much of [`PREFACE`] has come.
    matched: usize,
}

impl<S> Opening<S> {
    /// Gives the client this long, from now.
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        let until = Box::pin(tokio::time::sleep(patience));
        Self {
            stream,
            undecided: Some(Undecided { until, matched: 0 }),
        }
    }
}

impl Undecided {
    /// True once these bytes tell HTTP/1 from HTTP/2.
    fn decides(&mut self, read: &[u8]) -> bool {
        let rest = PREFACE.get(self.matched..).unwrap_or_default();
        self.matched += read.len();
        !rest.starts_with(read) || self.matched >= PREFACE.len()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Opening<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = into.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, into);
        let Some(undecided) = &mut this.undecided else {
            return read;
        };
        if read.is_ready() && undecided.decides(into.filled().get(before..).unwrap_or_default()) {
            this.undecided = None;
            return read;
        }
        if undecided.until.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(ErrorKind::TimedOut.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Opening<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
