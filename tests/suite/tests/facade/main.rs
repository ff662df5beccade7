//! The crates as a whole: the arrows between them, the names of the facade, sockets as an addition, and the README.

mod layering;
mod namespaces;
mod readme;
mod sockets;
