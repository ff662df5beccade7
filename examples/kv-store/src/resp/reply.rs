//! A reply as a value.

use std::borrow::Cow;

use bytes::{Bytes, BytesMut};

use super::ProtocolError;
use super::encode::{array_header, bulk, integer, line};

/// An answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A short word such as `OK`.
    Simple(&'static str),
    /// An error, its code first: `ERR syntax error`.
    Error(Cow<'static, str>),
    /// A number.
    Integer(i64),
    /// A string of bytes.
    Bulk(Bytes),
    /// No value: the null bulk string.
    Null,
    /// Replies in a row.
    Array(Vec<Reply>),
}

impl Reply {
    /// `+OK`.
    pub const OK: Self = Self::Simple("OK");

    /// Makes an error whose text begins with its code.
    pub fn error(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Error(text.into())
    }

    /// Makes an integer out of a count.
    #[must_use]
    pub fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Appends the whole reply to `out`.
    ///
    /// What it writes is as large as the reply; to write under a bound, use an
    /// [`Outbox`](super::Outbox).
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Self::Simple(text) => line(out, b'+', text),
            Self::Error(text) => line(out, b'-', text),
            Self::Integer(value) => integer(out, *value),
            Self::Bulk(value) => bulk(out, value),
            Self::Null => out.extend_from_slice(b"$-1\r\n"),
            Self::Array(items) => {
                array_header(out, items.len());
                for item in items {
                    item.encode(out);
                }
            }
        }
    }
}

impl From<ProtocolError> for Reply {
    fn from(error: ProtocolError) -> Self {
        Self::error(error.to_string())
    }
}

impl From<Option<Bytes>> for Reply {
    fn from(value: Option<Bytes>) -> Self {
        value.map_or(Self::Null, Self::Bulk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_reply_is_written_as_the_protocol_says() {
        let reply = Reply::Array(vec![
            Reply::OK,
            Reply::error("ERR no"),
            Reply::Integer(-7),
            Reply::Bulk("a\r\nb".into()),
            Reply::Bulk(Bytes::new()),
            Reply::Null,
            Reply::Array(vec![]),
        ]);
        let mut out = BytesMut::new();
        reply.encode(&mut out);
        assert_eq!(out, "*7\r\n+OK\r\n-ERR no\r\n:-7\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$-1\r\n*0\r\n");
    }
}
