//! The crates as a whole: the arrows between them, and the README.

mod layering;
mod readme;
