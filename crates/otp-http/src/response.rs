use std::fmt;

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::body::Body;
use crate::sse::ServerSentEvent;

/// Holds an answer to a [`Request`](crate::Request): a status, headers, and a body.
///
/// A handler may also return what can be turned into one: a text, a [`StatusCode`], or a `Result` of such.
///
/// ```
/// use otp::http::{Response, StatusCode};
///
/// let response = Response::json(r#"{"ready":false}"#).status(StatusCode::SERVICE_UNAVAILABLE);
/// assert_eq!(response.headers()["content-type"], "application/json");
/// assert_eq!(response.body().bytes().unwrap(), r#"{"ready":false}"#);
/// ```
#[must_use]
pub struct Response {
    pub(crate) status: StatusCode,
    /// Boxed, so that a response is small enough for the error of a `Result`.
    pub(crate) headers: Box<HeaderMap>,
    pub(crate) body: Body,
}

impl Response {
    /// Makes a response with a body of a content type, and the status 200.
    pub fn new(content_type: &'static str, body: impl Into<Body>) -> Response {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Response { status: StatusCode::OK, headers: Box::new(headers), body: body.into() }
    }

    /// Makes a response of a text, as `text/plain`.
    pub fn text(text: impl Into<String>) -> Response {
        Response::new("text/plain; charset=utf-8", text.into())
    }

    /// Makes a response of a page, as `text/html`. What is put into the page has to be escaped.
    pub fn html(page: impl Into<String>) -> Response {
        Response::new("text/html; charset=utf-8", page.into())
    }

    /// Makes a response of a JSON text, as `application/json`.
    pub fn json(json: impl Into<String>) -> Response {
        Response::new("application/json", json.into())
    }

    /// Makes a response whose body is a stream of bytes; see [`Body::stream`].
    pub fn stream(content_type: &'static str, pieces: impl Stream<Item = Bytes> + Send + 'static) -> Response {
        Response::new(content_type, Body::stream(pieces))
    }

    /// Makes a response of server-sent events (SSE), as `text/event-stream`, which is not cached. See
    /// [`Body::stream`] for backpressure and its end. A browser opens it again when it ends.
    pub fn events(events: impl Stream<Item = ServerSentEvent> + Send + 'static) -> Response {
        let pieces = events.map(|event| Bytes::from(event.to_string()));
        Response::stream("text/event-stream", pieces).header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
    }

    /// Sets the status.
    pub fn status(mut self, status: StatusCode) -> Response {
        self.status = status;
        self
    }

    /// Sets a header, in place of one of the same name.
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Response {
        self.headers.insert(name, value);
        self
    }

    /// The status code.
    pub fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &Body {
        &self.body
    }
}

/// A response with this status, and its name as the text.
impl From<StatusCode> for Response {
    fn from(status: StatusCode) -> Response {
        Response::text(status.canonical_reason().unwrap_or_default()).status(status)
    }
}

impl From<&'static str> for Response {
    fn from(text: &'static str) -> Response {
        Response::text(text)
    }
}

impl From<String> for Response {
    fn from(text: String) -> Response {
        Response::text(text)
    }
}

impl<T: Into<Response>, E: Into<Response>> From<Result<T, E>> for Response {
    fn from(result: Result<T, E>) -> Response {
        result.map_or_else(E::into, T::into)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {:?})", self.status, self.body)
    }
}
