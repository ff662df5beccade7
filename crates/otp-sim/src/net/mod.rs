//! The simulated network, behind the traits of [`otp_core::runtime::net`].
//!
//! [`Network`] is all of it that changes, a part of the state of a run, under its lock. A [`Connection`] has two ends
//! and two [pipes](pipe::Pipe), one for each direction; what is written goes into a pipe as a segment, arrives after its
//! latency, in order, and can be read then. As in TCP, the opening, the end and the reset of a connection are segments,
//! too, and what does not arrive is sent again: so a link that is cut loses nothing, but for resets.

mod connection;
mod handle;
mod hosts;
mod links;
mod listener;
mod network;
mod opening;
mod pipe;
mod sockets;
mod stream;
mod transfer;
mod trouble;
mod upkeep;

pub use handle::SimNet;
pub(crate) use network::{After, Around, Network};
pub(crate) use sockets::SimSockets;
