//! The crates as a whole: the arrows between them, their packages, the examples in their docs, and the README.

mod examples;
mod layering;
mod namespaces;
mod packages;
mod readme;
mod sockets;
mod workspace;
