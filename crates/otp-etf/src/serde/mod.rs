//! Any type of serde as a term, and back.

pub mod binary;
pub mod charlist;
mod compound;
mod conventions;
mod de;
mod error;
mod identity;
mod parts;
mod ser;

pub use conventions::Conventions;
pub use de::{from_bytes, from_bytes_with, from_term};
pub use error::{DeserializeError, SerializeError};
pub use ser::{to_bytes, to_bytes_with, to_term};

/// The names by which types of this crate make themselves known to its codec. Other formats pass over them.
pub(crate) mod names {
    /// A text that is an atom.
    pub(crate) const ATOM: &str = "$otp::etf::Atom";
    /// The encoding of a term.
    pub(crate) const TERM: &str = "$otp::etf::Term";
}
