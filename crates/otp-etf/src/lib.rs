//! Erlang's external term format: what processes of a BEAM send each other, as bytes.
//!
//! * [`Term`] is any value of Erlang, [`TermRef`] one that borrows from the bytes that it was decoded from. They are
//!   equal and ordered as in Erlang, and have Erlang's syntax as their text, both ways.
//! * [`decode`] is bounded by [`Limits`] and fit for bytes of an enemy: it trusts no length, recurses no deeper than it may, and
//!   never panics. [`encode`] writes what a BEAM writes, byte for byte. [`Decoder`] reads one term after another.
//! * [`to_bytes`] and [`from_bytes`] do the same with any type of serde, as an Elixir programmer expects it:
//!   conventions [below](#conventions).
//!
//! The crate knows nothing of processes and sockets. It needs no standard library, only `alloc`.
//!
//! ```
//! use otp::etf::{from_bytes, to_bytes, Limits, decode};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, Deserialize, PartialEq, Serialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Request {
//!     Ping,
//!     Put(String, u64),
//! }
//!
//! let bytes = to_bytes(&Request::Put("key".into(), 5)).unwrap();
//! assert_eq!(decode(&bytes, &Limits::default()).unwrap().to_string(), r#"{put,<<"key">>,5}"#);
//! assert_eq!(from_bytes::<Request>(&bytes), Ok(Request::Put("key".into(), 5)));
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod borrowed;
mod decode;
mod encode;
mod limits;
mod order;
mod tags;
mod term;
mod text;

pub use borrowed::TermRef;
pub use decode::{DecodeError, DecodeErrorKind, Decoder, decode, decode_ref};
pub use encode::{Encode, EncodeError, encode, encode_into};
pub use limits::{Limits, MAX_DEPTH};
pub use term::{
    Atom, AtomTooLong, BigInt, BigRef, Bitstring, Closure, Export, Fun, ImproperList, Map, Pid, Port, Reference, Term,
};
pub use text::ParseError;
