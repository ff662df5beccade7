//! Cuts a growing buffer into requests.

use bytes::{Bytes, BytesMut};
use redis_protocol::resp2::decode::decode_range;
use redis_protocol::resp2::types::RangeFrame;
use thiserror::Error;

use super::frame::{Frame, Framing};
use super::inline;

/// Bounds on a request.
///
/// What a connection can make the server buffer is `max_request` plus one read, whatever lengths
/// it declares. Decoding adds about 80 bytes for each argument that has really arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Arguments in a request, the command's name included.
    pub max_args: usize,
    /// Bytes in one bulk string.
    pub max_bulk: usize,
    /// Bytes of a whole request on the wire.
    pub max_request: usize,
    /// Bytes of an inline command.
    pub max_inline: usize,
}

impl Default for Limits {
    /// 16,384 arguments, 1 MiB a bulk string, 4 MiB a request, 64 KiB an inline command.
    fn default() -> Self {
        Self { max_args: 16 << 10, max_bulk: 1 << 20, max_request: 4 << 20, max_inline: 64 << 10 }
    }
}

/// Incremental decoder of requests.
///
/// One decoder belongs to one connection and to one buffer, to which the caller only ever appends.
/// It remembers how far it has looked, so a request that arrives in many pieces costs no more than
/// one that arrives whole.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    framing: Framing,
    /// Bytes of an unfinished inline command known to hold no line feed.
    searched: usize,
}

impl Decoder {
    /// Creates a decoder at the beginning of a connection.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, framing: Framing::default(), searched: 0 }
    }

    /// Takes the next request off the front of `buf`, or `None` if it has not all arrived.
    ///
    /// A request has at least one argument: empty arrays and empty lines are skipped, as Redis
    /// does. The arguments are slices of one shared allocation; copy what is to be kept.
    ///
    /// Call until `None` before reading more: then `buf` never holds more than
    /// [`Limits::max_request`] bytes at the moment of reading.
    ///
    /// # Errors
    ///
    /// On anything that is not a request within the limits. The stream cannot be picked up again
    /// after that: answer with the error and close the connection.
    pub fn decode(&mut self, buf: &mut BytesMut) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        loop {
            let request = match buf.first() {
                None => return Ok(None),
                Some(b'*') => self.array(buf)?,
                Some(_) => self.inline(buf)?,
            };
            match request {
                Some(arguments) if arguments.is_empty() => {}
                other => return Ok(other),
            }
        }
    }

    fn array(&mut self, buf: &mut BytesMut) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        let Some(frame) = self.framing.advance(buf, &self.limits)? else {
            return Ok(None);
        };
        self.framing = Framing::default();
        let bytes = buf.split_to(frame.end).freeze();
        arguments(&bytes, &frame).map(Some)
    }

    fn inline(&mut self, buf: &mut BytesMut) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        match memchr::memchr(b'\n', &buf[self.searched..]) {
            Some(found) if self.searched + found <= self.limits.max_inline => {
                let line = buf.split_to(self.searched + found + 1).freeze();
                self.searched = 0;
                inline::split(&line).map(Some)
            }
            None if buf.len() <= self.limits.max_inline => {
                self.searched = buf.len();
                Ok(None)
            }
            _ => Err(ProtocolError::InlineTooBig),
        }
    }
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new(Limits::default())
    }
}

/// Why a connection's bytes are not a request.
///
/// The text is the error reply Redis gives, without the leading `-`.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtocolError {
    /// The number of arguments is not a number, or above [`Limits::max_args`].
    #[error("ERR Protocol error: invalid multibulk length")]
    InvalidArrayLength,
    /// The line that ought to hold the number of arguments does not end.
    #[error("ERR Protocol error: too big mbulk count string")]
    ArrayHeaderTooBig,
    /// An argument is something else than a bulk string: a nested array, say.
    #[error("ERR Protocol error: expected '$', got '{}'", .0.escape_ascii())]
    ExpectedBulk(u8),
    /// The length of an argument is not a number, or above [`Limits::max_bulk`].
    #[error("ERR Protocol error: invalid bulk length")]
    InvalidBulkLength,
    /// The line that ought to hold the length of an argument does not end.
    #[error("ERR Protocol error: too big bulk count string")]
    BulkHeaderTooBig,
    /// An argument is not followed by CRLF.
    #[error("ERR Protocol error: expected CRLF after bulk")]
    UnterminatedBulk,
    /// The arguments together are above [`Limits::max_request`].
    #[error("ERR Protocol error: too big request")]
    RequestTooBig,
    /// A line that is not a RESP array does not end within [`Limits::max_inline`].
    #[error("ERR Protocol error: too big inline request")]
    InlineTooBig,
    /// A quote in an inline command is not closed.
    #[error("ERR Protocol error: unbalanced quotes in request")]
    UnbalancedQuotes,
    /// A browser was made to talk to this port.
    #[error("ERR Protocol error: this is not an HTTP server")]
    Http,
    /// The parser refused what the limits let through.
    #[error("ERR Protocol error: malformed request")]
    Malformed,
}

fn arguments(bytes: &Bytes, frame: &Frame) -> Result<Vec<Bytes>, ProtocolError> {
    if frame.args == 0 {
        return Ok(Vec::new());
    }
    let Ok(Some((RangeFrame::Array(items), _))) = decode_range(bytes) else {
        return Err(ProtocolError::Malformed);
    };
    items
        .into_iter()
        .map(|item| match item {
            RangeFrame::BulkString((start, end)) => Ok(bytes.slice(start..end)),
            _ => Err(ProtocolError::Malformed),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode_all(input: &[u8]) -> Result<Vec<Vec<Bytes>>, ProtocolError> {
        let mut decoder = Decoder::default();
        let mut buf = BytesMut::from(input);
        let mut requests = Vec::new();
        while let Some(request) = decoder.decode(&mut buf)? {
            requests.push(request);
        }
        Ok(requests)
    }

    #[test]
    fn a_pipeline_comes_out_in_order() {
        let requests = decode_all(b"*2\r\n$3\r\nGET\r\n$1\r\na\r\nPING\r\n*1\r\n$4\r\nQUIT\r\n").unwrap();
        assert_eq!(requests, [vec!["GET", "a"], vec!["PING"], vec!["QUIT"]]);
    }

    #[test]
    fn half_a_frame_waits_for_the_rest() {
        let whole = b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
        let mut decoder = Decoder::default();
        let mut buf = BytesMut::new();
        for byte in &whole[..whole.len() - 1] {
            buf.extend_from_slice(&[*byte]);
            assert_eq!(decoder.decode(&mut buf), Ok(None));
        }
        buf.extend_from_slice(b"\n");
        assert_eq!(decoder.decode(&mut buf).unwrap().unwrap(), ["GET", "key"]);
        assert!(buf.is_empty());
    }

    #[test]
    fn values_may_hold_any_bytes() {
        let requests = decode_all(b"*2\r\n$4\r\nECHO\r\n$6\r\n\r\n\0*\xff\n\r\n").unwrap();
        assert_eq!(requests[0][1], &b"\r\n\0*\xff\n"[..]);
    }

    #[test]
    fn empty_arrays_and_empty_lines_are_skipped() {
        let requests = decode_all(b"*0\r\n*-1\r\n\r\n  \r\n*1\r\n$4\r\nPING\r\n").unwrap();
        assert_eq!(requests, [["PING"]]);
    }

    #[test]
    fn a_ten_gibibyte_length_is_refused_when_declared() {
        let error = decode_all(b"*2\r\n$3\r\nGET\r\n$10737418240\r\n").unwrap_err();
        assert_eq!(error.to_string(), "ERR Protocol error: invalid bulk length");
        assert_eq!(decode_all(b"*1\r\n$-1\r\n"), Err(ProtocolError::InvalidBulkLength));
        assert_eq!(decode_all(b"*1\r\n$x\r\n"), Err(ProtocolError::InvalidBulkLength));
        assert_eq!(decode_all(b"*10737418240\r\n"), Err(ProtocolError::InvalidArrayLength));
    }

    #[test]
    fn arguments_that_add_up_to_too_much_are_refused_when_declared() {
        let mut input = b"*16\r\n".to_vec();
        for _ in 0..3 {
            input.extend_from_slice(b"$1048576\r\n");
            input.resize(input.len() + (1 << 20), b'x');
            input.extend_from_slice(b"\r\n");
        }
        assert_eq!(decode_all(&input), Ok(vec![]));
        input.extend_from_slice(b"$1048576\r\n");
        assert_eq!(decode_all(&input), Err(ProtocolError::RequestTooBig));
    }

    #[test]
    fn a_hundred_thousand_nested_arrays_are_refused_at_the_second() {
        let error = decode_all(&b"*1\r\n".repeat(100_000)).unwrap_err();
        assert_eq!(error.to_string(), "ERR Protocol error: expected '$', got '*'");
    }

    #[test]
    fn headers_that_do_not_end_are_refused() {
        assert_eq!(decode_all(&[b'*'; 100]), Err(ProtocolError::ArrayHeaderTooBig));
        let endless = [b"*1\r\n$".as_slice(), &[b'1'; 100]].concat();
        assert_eq!(decode_all(&endless), Err(ProtocolError::BulkHeaderTooBig));
    }

    #[test]
    fn a_bulk_without_its_line_end_is_refused() {
        assert_eq!(decode_all(b"*1\r\n$4\r\nPINGXX"), Err(ProtocolError::UnterminatedBulk));
    }

    #[test]
    fn junk_without_a_line_end_is_refused_at_the_inline_limit() {
        let limit = Limits::default().max_inline;
        assert_eq!(decode_all(&vec![0xAA; limit]), Ok(vec![]));
        assert_eq!(decode_all(&vec![0xAA; limit + 1]), Err(ProtocolError::InlineTooBig));
    }
}
