//! The crates as a whole: the arrows between them, the names of the facade, and the README.

mod layering;
mod namespaces;
mod readme;
