//! Erlang's distribution protocol: bytes that BEAMs have sent each other, and what a hostile peer sends.

mod captures;
#[path = "../etf/value.rs"]
mod value;
