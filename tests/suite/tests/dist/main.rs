//! Erlang's distribution protocol: bytes that BEAMs have sent each other, and what a hostile peer sends.

mod captures;
mod hostile;
mod nodes;
mod servers;
#[path = "../etf/value.rs"]
mod value;
