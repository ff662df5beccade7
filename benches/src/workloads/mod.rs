//! The workloads, a file for each.

pub mod call;
pub mod call_busy;
pub mod cast;
pub mod memory;
pub mod ping_pong;
pub mod ring;
pub mod spawn;
