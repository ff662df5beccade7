//! Writes the elements of RESP2 into a buffer.

use bytes::{BufMut, BytesMut};

/// Writes `*len\r\n`.
pub(crate) fn array_header(out: &mut BytesMut, len: usize) {
    header(out, b'*', len);
}

/// Writes a whole bulk string.
pub(crate) fn bulk(out: &mut BytesMut, value: &[u8]) {
    bulk_header(out, value.len());
    out.put_slice(value);
    out.put_slice(b"\r\n");
}

/// Writes an integer as a bulk string.
pub(crate) fn bulk_integer(out: &mut BytesMut, value: u64) {
    bulk(out, itoa::Buffer::new().format(value).as_bytes());
}

/// Writes `$len\r\n`.
pub(crate) fn bulk_header(out: &mut BytesMut, len: usize) {
    header(out, b'$', len);
}

/// Writes `:value\r\n`.
pub(crate) fn integer(out: &mut BytesMut, value: i64) {
    out.put_u8(b':');
    out.put_slice(itoa::Buffer::new().format(value).as_bytes());
    out.put_slice(b"\r\n");
}

/// Writes a line of text after its type byte; line ends in the text become spaces.
pub(crate) fn line(out: &mut BytesMut, kind: u8, text: &str) {
    out.put_u8(kind);
    let start = out.len();
    out.put_slice(text.as_bytes());
    for byte in &mut out[start..] {
        if matches!(byte, b'\r' | b'\n') {
            *byte = b' ';
        }
    }
    out.put_slice(b"\r\n");
}

/// Length of a bulk string on the wire.
pub(crate) fn bulk_len(len: usize) -> usize {
    header_len(len) + len + 2
}

/// Length of an array's or a bulk string's header on the wire.
pub(crate) fn header_len(len: usize) -> usize {
    let digits = len.checked_ilog10().unwrap_or(0) + 1;
    1 + digits as usize + 2
}

fn header(out: &mut BytesMut, kind: u8, len: usize) {
    out.put_u8(kind);
    out.put_slice(itoa::Buffer::new().format(len).as_bytes());
    out.put_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_what_gets_written() {
        for len in [0, 1, 9, 10, 99, 100, 12_345] {
            let mut out = BytesMut::new();
            bulk(&mut out, &vec![b'x'; len]);
            assert_eq!(out.len(), bulk_len(len));
        }
    }

    #[test]
    fn a_line_end_in_a_text_cannot_forge_a_reply() {
        let mut out = BytesMut::new();
        line(&mut out, b'-', "ERR a\r\n+OK");
        assert_eq!(out, "-ERR a  +OK\r\n");
    }
}
