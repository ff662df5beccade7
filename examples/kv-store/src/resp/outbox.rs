//! Replies on their way to a client that may read slowly.

use std::collections::VecDeque;

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::encode::{array_header, bulk_header};
use super::reply::Reply;

/// Queue of replies that is encoded a buffer at a time.
///
/// Replies share their values with the store, so that a thousand of them for the same megabyte
/// cost a thousand references. Encoding copies; doing it piece by piece, and only as fast as the
/// client reads, is what keeps a client that stops reading from costing more than one buffer.
#[derive(Debug, Default)]
pub struct Outbox {
    pieces: VecDeque<Piece>,
}

#[derive(Debug)]
enum Piece {
    Reply(Reply),
    /// What is left of a bulk string whose header is written.
    Body(Bytes),
}

impl Outbox {
    /// Creates an empty outbox.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Queues a reply behind the others.
    pub fn push(&mut self, reply: Reply) {
        self.pieces.push_back(Piece::Reply(reply));
    }

    /// Whether everything has been encoded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Appends to `out` until it holds about `mark` bytes or nothing is left.
    ///
    /// Goes past `mark` by one line at most: bulk strings are cut, headers, numbers and error
    /// texts are not. Adds something whenever `out` is shorter than `mark`.
    pub fn fill(&mut self, out: &mut BytesMut, mark: usize) {
        while out.len() < mark
            && let Some(piece) = self.pieces.pop_front()
        {
            match piece {
                Piece::Reply(Reply::Array(items)) => {
                    array_header(out, items.len());
                    self.pieces.reserve(items.len());
                    for item in items.into_iter().rev() {
                        self.pieces.push_front(Piece::Reply(item));
                    }
                }
                Piece::Reply(Reply::Bulk(value)) => {
                    bulk_header(out, value.len());
                    self.body(value, out, mark);
                }
                Piece::Reply(reply) => reply.encode(out),
                Piece::Body(rest) => self.body(rest, out, mark),
            }
        }
    }

    fn body(&mut self, mut value: Bytes, out: &mut BytesMut, mark: usize) {
        let part = value.len().min(mark.saturating_sub(out.len()));
        out.put_slice(&value[..part]);
        value.advance(part);
        if value.is_empty() {
            out.put_slice(b"\r\n");
        } else {
            self.pieces.push_front(Piece::Body(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies() -> Vec<Reply> {
        let big = Bytes::from(vec![b'v'; 10_000]);
        vec![
            Reply::OK,
            Reply::Bulk(big.clone()),
            Reply::Array(vec![
                Reply::Integer(1),
                Reply::Array(vec![Reply::Null, Reply::Bulk("x".into())]),
                Reply::Bulk(big),
            ]),
            Reply::error("ERR last"),
        ]
    }

    #[test]
    fn pieces_add_up_to_the_whole_and_stay_near_the_mark() {
        let mut whole = BytesMut::new();
        for reply in replies() {
            reply.encode(&mut whole);
        }
        for mark in [1, 2, 7, 64, 1000, 1 << 20] {
            let mut outbox = Outbox::new();
            for reply in replies() {
                outbox.push(reply);
            }
            let mut pieces = BytesMut::new();
            while !outbox.is_empty() {
                let mut out = BytesMut::new();
                outbox.fill(&mut out, mark);
                assert!(!out.is_empty() && out.len() <= mark + 32, "{} at {mark}", out.len());
                pieces.extend_from_slice(&out);
            }
            assert_eq!(pieces, whole, "mark {mark}");
        }
    }

    #[test]
    fn many_replies_for_one_value_share_it() {
        let value = Bytes::from(vec![b'v'; 1 << 20]);
        let mut outbox = Outbox::new();
        outbox.push(Reply::Array(vec![Reply::Bulk(value.clone()); 10_000]));
        let mut out = BytesMut::new();
        outbox.fill(&mut out, 64 << 10);
        assert!(out.len() <= (64 << 10) + 32);
        assert!(!value.is_unique());
    }
}
