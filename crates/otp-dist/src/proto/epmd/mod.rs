//! What is said to epmd, the process that knows the ports of the nodes of a host, and what it answers.
//!
//! [`register`] and [`look_up`] are what a node says. A [`Request`] is what an epmd reads, and [`Names`] what it knows: the
//! protocol of version 6, as nodes of OTP 23 and later speak it.

mod client;
mod names;
mod request;

pub use client::{look_up, looked_up, register, registered, registered_size};
pub use names::{Names, NotRegistered};
pub use request::{Entry, MAX_REQUEST, Request};

/// The port of epmd.
pub const PORT: u16 = 4369;
