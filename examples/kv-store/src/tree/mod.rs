//! The supervision tree.
//!
//! ```text
//! kv            Supervisor, one_for_one
//! ├ health      /livez and /readyz, if they are asked for; and a watchdog
//! ├ metrics…    the figures for Prometheus, if they are asked for
//! ├ observer    the live page, if it is asked for
//! ├ store       Supervisor, one_for_one
//! │ ├ shard-0   Shard
//! │ └ …         one for each shard
//! ├ connections DynamicSupervisor, at most --max-connections
//! │ └ …         one process for each client, temporary
//! └ acceptor    process
//! ```
//!
//! **What a crash takes down.** Nothing else. Parts know each other by name, never by pid, so that whoever is started
//! again is found again: `kv` and `store` are both one_for_one. The listening socket belongs to none of them and
//! outlives them all; while the acceptor is down, clients queue in the kernel. A command that a crashed shard had not
//! begun waits for the shard that follows: a crash is seen by the client who caused it, and by nobody else.
//!
//! **Giving up.** `store` allows a hundred restarts in ten seconds: `DEBUG PANIC` by hand, or by a loop in a shell, is
//! answered by a restart each time, and a shard that cannot open its file is tried again a hundred times. Beyond that
//! it ends, with all shards, and `kv` starts it anew, three times a minute. Then `kv` ends, and the program with it,
//! with exit code 2: a service manager, or a human, is the next supervisor.
//!
//! **Stopping.** Children stop in reverse order, so that nothing is lost on the way: the acceptor first, and no client
//! comes in any more; then all connections at once, each of which answers what it has read and closes; then the
//! shards, which nobody asks for anything any more, and which close their files.

mod address;
mod start;

pub use address::Tree;
pub(crate) use address::{KV, STORE};
pub use start::start;
