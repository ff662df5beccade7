//! The protocol between nodes, without sockets and clocks: the bytes are passed in, and so is the time.
//!
//! * [`Initiator`] and [`Acceptor`] are the two sides of the handshake, [`Frames`] cuts what is received into frames, and
//!   [`Election`] decides between connections of the same two nodes.
//! * [`Inbound`] makes [`Message`]s of frames, with the atom cache and fragments, within [`Limits`]; [`Outbound`] makes frames
//!   of messages. A [`Control`] is what a message asks for.
//! * [`Ticker`] decides when to send a tick, and when a silent peer is given up.
//! * [`epmd`] has what is said to the process that knows the ports.
//!
//! Everything is fit for bytes of an enemy: it neither panics nor keeps more than its limits allow. The crate's other
//! modules add processes and sockets. For programs that are nodes, see [`Node`](crate::Node).

mod control;
mod cookie;
mod election;
pub mod epmd;
mod error;
mod flags;
mod fragments;
mod frame;
mod handshake;
mod header;
mod inbound;
mod limits;
mod name;
mod outbound;
mod ticker;

pub use control::{Control, PidOrName};
pub use cookie::{Cookie, CookieError, Digest};
pub use election::{Arrival, Election, Lost};
pub use error::ProtocolError;
pub use flags::Flags;
pub use frame::{Frames, Prefix};
pub use handshake::{Acceptor, HandshakeError, Initiator, Introduction, MAX_MESSAGE, Status, Step};
pub use inbound::{Inbound, Message, Payload};
pub use limits::Limits;
pub use name::{InvalidNodeName, NodeName};
pub use outbound::{Encoded, FRAGMENT, Outbound, Unsendable};
pub use ticker::{Tick, Ticker};
