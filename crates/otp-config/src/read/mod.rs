//! From the tree to the value of the user's type, and all problems on the way.

mod check;
mod de;
mod failure;
mod untyped;

pub(crate) use check::read;
