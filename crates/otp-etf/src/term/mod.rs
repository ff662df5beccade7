//! Terms, and what they are made of.

pub(crate) mod atom;
pub(crate) mod bits;
mod convert;
mod fun;
mod id;
mod improper;
pub(crate) mod integer;
mod map;
mod owned;

pub use atom::{Atom, AtomTooLong};
pub use bits::Bitstring;
pub use fun::{Closure, Export, Fun};
pub use id::{Pid, Port, Reference};
pub use improper::ImproperList;
pub use integer::{BigInt, BigRef};
pub use map::Map;
pub use owned::Term;
