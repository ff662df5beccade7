//! Erlang's external term format: what processes of a BEAM send each other, as bytes.
//!
//! * [`Term`] is any value of Erlang, [`TermRef`] one that borrows from the bytes that it was decoded from. They are
//!   equal and ordered as in Erlang, and have Erlang's syntax as their text, both ways.
//! * [`decode`] is bounded by [`Limits`] and fit for bytes of an enemy: it trusts no length, recurses no deeper than it may, and
//!   never panics. [`encode`] writes what a BEAM writes, byte for byte. [`Decoder`] reads one term after another.
//! * [`to_bytes`] and [`from_bytes`] do the same with any type of serde, as an Elixir programmer expects it:
//!   [conventions](#conventions) are below.
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

//! # Conventions
//!
//! | Rust | Erlang | Elixir |
//! |---|---|---|
//! | `bool` | `true`, `false` | `true`, `false` |
//! | integers up to 128 bits | integer | integer |
//! | `f32`, `f64` | float; NaN and infinities are errors | float |
//! | `String`, `&str`, `char` | `<<"text"/utf8>>` | `"text"` |
//! | `()` | `ok` | `:ok` |
//! | `None`, `Some(v)` | `undefined` ([`Conventions::Erlang`]), `V` | `nil`, `v` |
//! | `Ok(v)`, `Err(e)` | `{ok,V}`, `{error,E}` | `{:ok, v}`, `{:error, e}` |
//! | `Ok(())`, `Err(())` | `ok`, `error` | `:ok`, `:error` |
//! | `Vec`, sets | list | list |
//! | tuple, array, tuple struct | tuple | tuple |
//! | map | map | map |
//! | struct | map with atoms as keys | `%{field: v}` |
//! | newtype struct | what it contains | what it contains |
//! | unit struct, unit variant | atom of its name | `:name` |
//! | newtype or tuple variant | `{name,A,B}` | `{:name, a, b}` |
//! | struct variant | `{name,#{field => V}}` | `{:name, %{field: v}}` |
//! | [`Atom`], [`Pid`], [`Reference`], [`Term`] … | what they are | what they are |
//!
//! Names are taken as they are; `#[serde(rename_all = "snake_case")]` makes them what is usual there. More is read than is
//! written: `nil` and `undefined` for `None`, charlists for texts, binaries for `Vec<u8>`, lists for tuples, integers for
//! floats, Elixir's structs for structs. The project's `docs/terms.md` has the whole table, with each row as a test.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod borrowed;
mod decode;
mod encode;
mod limits;
mod order;
#[cfg(feature = "serde")]
mod serde;
mod tags;
mod term;
mod text;

#[cfg(feature = "serde")]
#[doc(inline)]
pub use self::serde::{
    Conventions, DeserializeError, SerializeError, binary, charlist, from_bytes, from_bytes_with, from_term, to_bytes,
    to_bytes_with, to_term,
};
pub use borrowed::TermRef;
pub use decode::{DecodeError, DecodeErrorKind, Decoder, decode, decode_ref};
pub use encode::{Encode, EncodeError, encode, encode_into};
pub use limits::{Limits, MAX_DEPTH};
pub use term::{
    Atom, AtomTooLong, BigInt, BigRef, Bitstring, Closure, Export, Fun, ImproperList, Map, Pid, Port, Reference, Term,
};
pub use text::ParseError;
