use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt};

/// Holds the body of a [`Response`](crate::Response): bytes, or a stream of them.
pub struct Body(pub(crate) Content);

pub(crate) enum Content {
    Whole(Bytes),
    Stream(BoxStream<'static, Bytes>),
}

impl Body {
    /// Makes a body of which the pieces come from a stream. The stream is polled when the client has room for more
    /// (backpressure), and dropped when the client goes away, or the server stops. A panic in it aborts the response.
    pub fn stream(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Body {
        Body(Content::Stream(pieces.boxed()))
    }

    /// Returns the bytes; `None` for a stream.
    pub fn bytes(&self) -> Option<&Bytes> {
        match &self.0 {
            Content::Whole(bytes) => Some(bytes),
            Content::Stream(_) => None,
        }
    }
}

impl<T: Into<Bytes>> From<T> for Body {
    fn from(bytes: T) -> Body {
        Body(Content::Whole(bytes.into()))
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Content::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Content::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

/// A stream of pieces, and what ends it: `stop` is ready when the server stops.
pub(crate) struct Pieces<Stop> {
    pieces: BoxStream<'static, Bytes>,
    stop: Stop,
}

impl<Stop> Pieces<Stop> {
    pub(crate) fn new(pieces: BoxStream<'static, Bytes>, stop: Stop) -> Pieces<Stop> {
        Pieces { pieces, stop }
    }
}

impl<Stop: Future + Unpin> Stream for Pieces<Stop> {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if Pin::new(&mut self.stop).poll(cx).is_ready() {
            return Poll::Ready(None);
        }
        self.pieces.poll_next_unpin(cx)
    }
}
