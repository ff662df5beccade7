//! Terms as Erlang writes them: to text, and from it.

mod display;
mod number;
mod parse;

pub(crate) use display::{write, write_atom};
pub use parse::ParseError;
