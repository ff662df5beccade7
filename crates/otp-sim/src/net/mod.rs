//! The simulated network, behind the traits of [`otp_core::runtime::net`].
//!
//! [`Network`] is the state of the network, a part of the state of a run, under its lock. A [`Connection`] has two ends
//! and two [pipes](pipe::Pipe), one for each direction. Written data goes into a pipe as a segment, arrives after its
//! latency, in order, and can then be read. As in TCP, the opening, the end and the reset of a connection are segments,
//! too, and segments that do not arrive are sent again: a partition therefore loses nothing, except resets.

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
