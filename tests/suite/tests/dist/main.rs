//! Erlang's distribution protocol: bytes that BEAMs have sent each other, and what a hostile peer sends.

mod attacks;
mod bounds;
mod captures;
mod clusters;
mod epmd;
mod groups;
mod hostile;
mod jobs;
mod monitors;
mod nodes;
mod rogue;
mod servers;
mod several;
mod ties;
#[path = "../etf/value.rs"]
mod value;
