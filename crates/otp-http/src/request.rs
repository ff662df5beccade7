use std::fmt;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use otp_core::System;
use otp_core::runtime::net::NetAddr;

/// Holds a request of a client, with its whole body, which the [limits](crate::Limits) bound.
pub struct Request {
    head: Parts,
    body: Bytes,
    peer: NetAddr,
    system: System,
}

impl Request {
    pub(crate) fn new(head: Parts, body: Bytes, peer: NetAddr, system: System) -> Request {
        Request { head, body, peer, system }
    }

    /// The method. The answer to a `HEAD` is sent without its body.
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The path, as the client has sent it: percent-encoded, and with whatever dots are in it.
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    /// The target as the client has sent it: path and query, or a whole URI.
    pub fn uri(&self) -> &Uri {
        &self.head.uri
    }

    /// Returns the value of a parameter of the query, decoded; the first one, if there are several.
    pub fn query(&self, name: &str) -> Option<String> {
        self.queries().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Returns all parameters of the query, decoded, in order.
    pub fn queries(&self) -> impl Iterator<Item = (String, String)> + '_ {
        let query = self.head.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).map(|(key, value)| (key.into_owned(), value.into_owned()))
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Returns the value of a header, if there is one such header, and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.head.headers.get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The address of the client.
    pub fn peer(&self) -> &NetAddr {
        &self.peer
    }

    /// The system of the server.
    pub fn system(&self) -> &System {
        &self.system
    }
}

/// Without headers and body, which may be secret.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({} {} from {})", self.head.method, self.head.uri.path(), self.peer)
    }
}
