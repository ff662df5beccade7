//! A counter in shards, over the nodes of a cluster.
//!
//! | module | idea |
//! |---|---|
//! | `counts` | what has been counted, and how two copies of it become one |
//! | `members` | which node is responsible for a shard, and which one has a copy |
//! | `copies` | the server with a node's copies |
//! | `shard` | the server of a shard, on the node that is responsible for it |
//! | `placement` | the process that starts and stops the shards of a node |
//! | `neighbour` | the process that keeps a node connected with another one |
//! | `counter` | the server that clients call, on any node |
//! | `tree` | the supervision tree of a node |

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod args;
mod copies;
pub mod counter;
mod counts;
pub mod members;
mod neighbour;
mod placement;
mod shard;
pub mod tree;
