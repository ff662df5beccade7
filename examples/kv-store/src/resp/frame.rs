//! Finds where an array of bulk strings ends, without reading its values.

use super::decode::{Limits, ProtocolError};
use super::integer::parse_integer;

/// Longest header line: a sign, nineteen digits and CRLF fit.
const MAX_HEADER: usize = 32;

/// A request that has arrived whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) end: usize,
    pub(super) args: usize,
}

/// How much of an unfinished request is known to be in order.
///
/// Holds two numbers, no data: the buffer stays with the caller.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// Where the first unfinished element begins.
    at: usize,
    /// Declared and missing arguments, once the first line is read.
    array: Option<Array>,
}

#[derive(Clone, Copy, Debug)]
struct Array {
    args: usize,
    missing: usize,
}

impl Framing {
    /// Looks on from where the last call stopped; `None` if the request has not all arrived.
    pub(super) fn advance(&mut self, buf: &[u8], limits: &Limits) -> Result<Option<Frame>, ProtocolError> {
        let mut array = match self.array {
            Some(array) => array,
            None => match self.first_line(buf, limits)? {
                Some(array) => array,
                None => return Ok(None),
            },
        };
        while array.missing > 0 {
            let Some(end) = bulk(buf, self.at, limits)? else {
                self.array = Some(array);
                return Ok(None);
            };
            self.at = end;
            array.missing -= 1;
        }
        Ok(Some(Frame { end: self.at, args: array.args }))
    }

    fn first_line(&mut self, buf: &[u8], limits: &Limits) -> Result<Option<Array>, ProtocolError> {
        let Some((line, end)) = header(buf, 0, ProtocolError::ArrayHeaderTooBig)? else {
            return Ok(None);
        };
        let declared = parse_integer(line).ok_or(ProtocolError::InvalidArrayLength)?;
        // Redis takes a negative count for an empty request.
        let args = usize::try_from(declared.max(0)).unwrap_or(usize::MAX);
        if args > limits.max_args {
            return Err(ProtocolError::InvalidArrayLength);
        }
        self.at = end;
        Ok(Some(Array { args, missing: args }))
    }
}

/// The end of the bulk string at `at`, if it has arrived.
fn bulk(buf: &[u8], at: usize, limits: &Limits) -> Result<Option<usize>, ProtocolError> {
    match buf.get(at) {
        None => return Ok(None),
        Some(b'$') => {}
        Some(&other) => return Err(ProtocolError::ExpectedBulk(other)),
    }
    let Some((line, start)) = header(buf, at, ProtocolError::BulkHeaderTooBig)? else {
        return Ok(None);
    };
    let len = parse_integer(line)
        .and_then(|len| usize::try_from(len).ok())
        .filter(|len| *len <= limits.max_bulk)
        .ok_or(ProtocolError::InvalidBulkLength)?;
    let end = start.saturating_add(len).saturating_add(2);
    if end > limits.max_request {
        return Err(ProtocolError::RequestTooBig);
    }
    match buf.get(end - 2..end) {
        None => Ok(None),
        Some(b"\r\n") => Ok(Some(end)),
        Some(_) => Err(ProtocolError::UnterminatedBulk),
    }
}

/// What stands between the type byte at `at` and the line's end, and where the next line begins.
fn header(buf: &[u8], at: usize, too_big: ProtocolError) -> Result<Option<(&[u8], usize)>, ProtocolError> {
    let window = &buf[at + 1..buf.len().min(at + MAX_HEADER)];
    match window.windows(2).position(|pair| pair == b"\r\n") {
        Some(len) => Ok(Some((&window[..len], at + 1 + len + 2))),
        None if buf.len() >= at + MAX_HEADER => Err(too_big),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_arguments_are_not_looked_at_again() {
        let limits = Limits::default();
        let mut framing = Framing::default();
        let mut buf = b"*2\r\n$3\r\nGET\r\n$3\r\nke".to_vec();
        assert_eq!(framing.advance(&buf, &limits), Ok(None));
        buf[..13].fill(b'!');
        buf.extend_from_slice(b"y\r\nrest");
        assert_eq!(framing.advance(&buf, &limits), Ok(Some(Frame { end: 22, args: 2 })));
    }

    #[test]
    fn the_largest_number_fits_a_header_line() {
        let limits = Limits { max_bulk: usize::MAX, max_request: usize::MAX, ..Limits::default() };
        let line = format!("*1\r\n${}\r\n", i64::MAX);
        assert_eq!(Framing::default().advance(line.as_bytes(), &limits), Ok(None));
    }
}
