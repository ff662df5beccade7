//! What the log says happened.

use bytes::{Bytes, BytesMut};

use super::timestamp::Timestamp;
use crate::resp::{array_header, bulk, bulk_integer, bulk_len, header_len, parse_integer};

/// One change to a shard, as its log keeps it.
///
/// A record says what came out of an operation, never what was asked: `INCR` is logged as the `SET`
/// of the sum, and times are absolute. So replaying needs no clock, and every record is also a
/// command that Redis takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// `SET key value [PXAT millis]`.
    Set {
        /// The key.
        key: Bytes,
        /// Its value.
        value: Bytes,
        /// When it expires.
        expires: Option<Timestamp>,
    },
    /// `MSET key value …`.
    SetMany(Vec<(Bytes, Bytes)>),
    /// `DEL key …`.
    Delete(Vec<Bytes>),
    /// `PEXPIREAT key millis`.
    ExpireAt {
        /// The key.
        key: Bytes,
        /// When it expires.
        at: Timestamp,
    },
    /// `FLUSHALL`.
    Clear,
}

impl Record {
    /// Reads a record from its RESP arguments, or returns `None` if it is none.
    #[must_use]
    pub fn parse(arguments: &[Bytes]) -> Option<Self> {
        let (name, rest) = arguments.split_first()?;
        match (name.as_ref(), rest) {
            (b"SET", [key, value]) => Some(Self::Set { key: key.clone(), value: value.clone(), expires: None }),
            (b"SET", [key, value, option, at]) if option == "PXAT" => {
                Some(Self::Set { key: key.clone(), value: value.clone(), expires: Some(timestamp(at)?) })
            }
            (b"MSET", pairs) if !pairs.is_empty() => {
                let (pairs, odd) = pairs.as_chunks();
                let pairs = pairs.iter().map(|[key, value]| (key.clone(), value.clone()));
                odd.is_empty().then(|| Self::SetMany(pairs.collect()))
            }
            (b"DEL", keys) if !keys.is_empty() => Some(Self::Delete(keys.to_vec())),
            (b"PEXPIREAT", [key, at]) => Some(Self::ExpireAt { key: key.clone(), at: timestamp(at)? }),
            (b"FLUSHALL", []) => Some(Self::Clear),
            _ => None,
        }
    }
}

/// Encoded records on their way to the log.
#[derive(Debug, Default)]
pub struct Batch {
    bytes: BytesMut,
}

impl Batch {
    /// The records, one behind the other.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether it holds no record.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Forgets the records and keeps the memory, unless it has grown large.
    pub fn clear(&mut self) {
        if self.bytes.capacity() > Self::KEEP {
            self.bytes = BytesMut::new();
        }
        self.bytes.clear();
    }

    /// Adds a [`Record::Set`].
    pub fn set(&mut self, key: &[u8], value: &[u8], expires: Option<Timestamp>) {
        let out = &mut self.bytes;
        array_header(out, if expires.is_some() { 5 } else { 3 });
        bulk(out, b"SET");
        bulk(out, key);
        bulk(out, value);
        if let Some(expires) = expires {
            bulk(out, b"PXAT");
            bulk_integer(out, expires.as_millis());
        }
    }

    /// Adds a [`Record::SetMany`].
    pub fn set_many(&mut self, pairs: &[(Bytes, Bytes)]) {
        array_header(&mut self.bytes, 1 + 2 * pairs.len());
        bulk(&mut self.bytes, b"MSET");
        for (key, value) in pairs {
            bulk(&mut self.bytes, key);
            bulk(&mut self.bytes, value);
        }
    }

    /// Adds a [`Record::Delete`].
    pub fn delete(&mut self, keys: &[Bytes]) {
        array_header(&mut self.bytes, 1 + keys.len());
        bulk(&mut self.bytes, b"DEL");
        for key in keys {
            bulk(&mut self.bytes, key);
        }
    }

    /// Adds a [`Record::ExpireAt`].
    pub fn expire_at(&mut self, key: &[u8], at: Timestamp) {
        array_header(&mut self.bytes, 3);
        bulk(&mut self.bytes, b"PEXPIREAT");
        bulk(&mut self.bytes, key);
        bulk_integer(&mut self.bytes, at.as_millis());
    }

    /// Adds a [`Record::Clear`].
    pub fn flush(&mut self) {
        array_header(&mut self.bytes, 1);
        bulk(&mut self.bytes, b"FLUSHALL");
    }

    /// Capacity beyond which [`clear`](Self::clear) gives the memory back.
    const KEEP: usize = 1 << 20;
}

/// Length of a [`Record::Set`] in the log.
pub(super) fn set_len(key: usize, value: usize, expires: Option<Timestamp>) -> usize {
    let expiry = expires.map_or(0, |expires| {
        let digits = expires.as_millis().checked_ilog10().unwrap_or(0) + 1;
        bulk_len(4) + bulk_len(digits as usize)
    });
    header_len(3) + bulk_len(3) + bulk_len(key) + bulk_len(value) + expiry
}

fn timestamp(millis: &[u8]) -> Option<Timestamp> {
    let millis = parse_integer(millis)?;
    u64::try_from(millis).ok().map(Timestamp::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resp::Decoder;

    fn parse(batch: &Batch) -> Vec<Option<Record>> {
        let mut bytes = BytesMut::from(batch.as_bytes());
        let mut decoder = Decoder::default();
        std::iter::from_fn(|| decoder.decode(&mut bytes).unwrap()).map(|arguments| Record::parse(&arguments)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let pairs = vec![("a".into(), "1".into()), ("b".into(), "2".into())];
        let mut batch = Batch::default();
        batch.set(b"a", b"\r\n", None);
        batch.set(b"", b"", Some(at));
        batch.set_many(&pairs);
        batch.delete(&["a".into(), "b".into()]);
        batch.expire_at(b"a", at);
        batch.flush();
        assert_eq!(
            parse(&batch),
            [
                Some(Record::Set { key: "a".into(), value: "\r\n".into(), expires: None }),
                Some(Record::Set { key: "".into(), value: "".into(), expires: Some(at) }),
                Some(Record::SetMany(pairs)),
                Some(Record::Delete(vec!["a".into(), "b".into()])),
                Some(Record::ExpireAt { key: "a".into(), at }),
                Some(Record::Clear),
            ]
        );
    }

    #[test]
    fn what_is_not_a_record_is_told() {
        for line in ["GET a", "SET a", "SET a b PX 1", "SET a b PXAT x", "SET a b PXAT -1", "MSET a", "DEL"] {
            let arguments: Vec<Bytes> = line.split(' ').map(Bytes::from).collect();
            assert_eq!(Record::parse(&arguments), None, "{line}");
        }
        assert_eq!(Record::parse(&[]), None);
    }

    #[test]
    fn the_length_of_a_record_is_known_beforehand() {
        for (key, value, expires) in
            [("", "", None), ("key", "0123456789", Some(0)), ("k", "v", Some(1_700_000_000_000))]
        {
            let expires = expires.map(Timestamp::from_millis);
            let mut batch = Batch::default();
            batch.set(key.as_bytes(), value.as_bytes(), expires);
            assert_eq!(batch.as_bytes().len(), set_len(key.len(), value.len(), expires));
        }
    }
}
