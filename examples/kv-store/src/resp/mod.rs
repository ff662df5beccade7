//! RESP2 as a server speaks it: requests in, replies out.
//!
//! A request is an array of bulk strings, or an inline command as typed into telnet. The frames are
//! parsed by the `redis-protocol` crate, which trusts what it is given: it recurses once per nested
//! array until the stack ends, waits for whatever length was declared, does not check that a bulk
//! string ends in CRLF, and starts over at every attempt. So a frame reaches it only after the
//! [`Decoder`] has seen all of it arrive, found it flat and within [`Limits`], in one resumable
//! pass over its headers.

mod decode;
mod encode;
mod frame;
mod inline;
mod integer;
mod outbox;
mod reply;

pub use decode::{Decoder, Limits, ProtocolError};
pub(crate) use encode::{array_header, bulk, bulk_integer, bulk_len, header_len};
pub use integer::parse_integer;
pub use outbox::Outbox;
pub use reply::Reply;
