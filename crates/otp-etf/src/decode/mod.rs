//! From bytes to terms.

mod build;
mod decoder;
mod error;
pub(crate) mod reader;
pub(crate) mod token;

#[cfg(feature = "serde")]
pub(crate) use decoder::skip;
pub use decoder::{Decoder, decode, decode_ref};
pub use error::{DecodeError, DecodeErrorKind};
