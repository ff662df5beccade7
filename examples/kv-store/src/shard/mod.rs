//! A share of the keys, and the append-only file it recovers from.
//!
//! A [`Shard`] server owns a [`Store`]: an [`Engine`] that holds the keys in memory and a [`Log`] on
//! disk. [`Layout`] says which files a directory holds and keeps a second server out of it.
//!
//! All but the server know neither an executor nor a clock.

mod engine;
mod glob;
mod layout;
mod log;
mod op;
mod record;
mod server;
mod store;
mod table;
mod timestamp;

pub use engine::Engine;
pub use glob::Glob;
pub use layout::{Layout, LayoutError};
pub use log::{Log, LogError, Recovery};
pub use op::{Condition, Op};
pub use record::{Batch, Record};
pub use server::{Shard, ShardCall, ShardClient, ShardInfo};
pub use store::{Compaction, Fsync, Store, StoreOptions};
pub use table::{Entry, Table};
pub use timestamp::Timestamp;
