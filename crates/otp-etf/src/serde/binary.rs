//! Bytes as a binary: `#[serde(with = "otp::etf::binary")]`.
//!
//! Without it a `Vec<u8>` is a list of integers, as serde sees it. What is read may be either.
//!
//! ```
//! use otp::etf::to_term;
//!
//! #[derive(serde::Serialize)]
//! struct Image {
//!     #[serde(with = "otp::etf::binary")]
//!     pixels: Vec<u8>,
//! }
//!
//! assert_eq!(to_term(&Image { pixels: vec![0, 255] }).unwrap().to_string(), "#{pixels => <<0,255>>}");
//! ```

use alloc::vec::Vec;
use core::fmt;

use ::serde::de::{Deserializer, SeqAccess, Visitor};
use ::serde::ser::Serializer;

/// Writes bytes as a binary.
///
/// # Errors
///
/// What the serializer says.
pub fn serialize<S: Serializer>(bytes: &(impl AsRef<[u8]> + ?Sized), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes.as_ref())
}

/// Reads bytes from a binary, or from a list of bytes.
///
/// # Errors
///
/// What the deserializer says.
pub fn deserialize<'de, D: Deserializer<'de>, T: From<Vec<u8>>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_byte_buf(BytesVisitor).map(T::from)
}

struct BytesVisitor;

impl<'de> Visitor<'de> for BytesVisitor {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a binary")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<u8>, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}
