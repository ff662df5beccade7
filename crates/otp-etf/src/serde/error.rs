use alloc::string::{String, ToString};
use core::fmt;

use crate::decode::DecodeError;
use crate::encode::EncodeError;
use crate::term::AtomTooLong;

/// A value has no term by the conventions of the codec, or its type says no.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SerializeError {
    /// The value has no encoding.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The name of a field, a variant or a unit struct is too long for an atom.
    #[error(transparent)]
    Atom(#[from] AtomTooLong),
    /// A map that has a key twice, which no BEAM would read.
    #[error("a map that has a key twice")]
    DuplicateKey,
    /// What the type itself says.
    #[error("{0}")]
    Custom(String),
}

impl serde::ser::Error for SerializeError {
    fn custom<T: fmt::Display>(message: T) -> SerializeError {
        SerializeError::Custom(message.to_string())
    }
}

/// Bytes are no term, or no term of the type that was asked for; and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DeserializeError {
    /// The bytes are no term, or exceed a limit.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A term is not what the type asks for.
    #[error("{}{message}", at(.offset))]
    #[non_exhaustive]
    Type {
        /// Where the term begins, in bytes, where this is known.
        offset: Option<usize>,
        /// What was expected, and what was found.
        message: String,
    },
}

impl DeserializeError {
    /// Adds where it was, unless something further inside has said so.
    pub(crate) fn at(self, begins: usize) -> DeserializeError {
        match self {
            DeserializeError::Type { offset: None, message } => {
                DeserializeError::Type { offset: Some(begins), message }
            }
            other => other,
        }
    }
}

fn at(offset: &Option<usize>) -> String {
    offset.map_or_else(String::new, |offset| alloc::format!("at byte {offset}: "))
}

impl serde::de::Error for DeserializeError {
    fn custom<T: fmt::Display>(message: T) -> DeserializeError {
        DeserializeError::Type { offset: None, message: message.to_string() }
    }
}
