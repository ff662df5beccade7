//! The workloads, a file for each: what a system has to offer, and the rounds.

pub mod call;
pub mod call_busy;
pub mod cast;
pub mod cast_bounded;
pub mod etf;
pub mod fan_out;
pub mod groups;
pub mod idle;
pub mod memory;
pub mod names;
pub mod overload;
pub mod ping_pong;
pub mod registry;
pub mod restart;
pub mod ring;
pub mod scaling;
pub mod selective;
pub mod spawn;
pub mod table;
pub mod tail;
pub mod timers;
pub mod topic;
pub mod watched;
