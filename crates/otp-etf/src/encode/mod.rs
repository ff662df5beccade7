//! From terms to bytes.

mod encoder;
mod error;
pub(crate) mod write;

pub use encoder::{Encode, encode, encode_into};
pub use error::EncodeError;
