//! Processes of other nodes, for a crate that connects systems with each other.
//!
//! A process that runs elsewhere is a [`StandIn`] here: it has a [`Pid`](crate::Pid) of its [`Node`], links, monitors
//! and those who wait for its end, as every process, and no mailbox. What processes here do to it goes to its [`Peer`];
//! what it does to them, its peer has the stand-in do. [`StandIn::end`] is its end, and that of the connection to its
//! node: every link, monitor and waiting future hears of it once, by the code by which they hear of any end.
//!
//! A crate that connects nodes tells a system so with [`System::connect`](crate::System::connect). Without one, a pid of
//! another node means a process that cannot be reached: links, monitors and waits fail with
//! [`NoConnection`](crate::ExitReason::NoConnection), and signals vanish.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use std::num::NonZeroU64;
//! use std::sync::Arc;
//! use otp::node::{Nodes, Outbound, Peer, StandIn};
//! use otp::{ExitReason, Pid};
//!
//! /// A node with one process, of which nothing is sent anywhere.
//! struct Other(StandIn);
//! struct Silent;
//!
//! impl Peer for Silent {
//!     fn send(&self, _: Pid, _: Outbound) {}
//! }
//!
//! impl Nodes for Other {
//!     fn stand_in(&self, pid: Pid) -> Option<StandIn> {
//!         (pid == self.0.pid()).then(|| self.0.clone())
//!     }
//! }
//!
//! let node = system.node("other@localhost", 1);
//! let pid = Pid::elsewhere(node, NonZeroU64::new(42).unwrap());
//! assert_eq!(system.exited(pid).await, ExitReason::NoConnection);
//!
//! let process = StandIn::new(&system, pid, Arc::new(Silent));
//! assert!(system.connect(Arc::new(Other(process.clone()))).is_ok());
//! let exited = system.exited(pid);
//! process.end(ExitReason::NoConnection);
//! assert_eq!(exited.await, ExitReason::NoConnection);
//! # }).unwrap();
//! ```

mod connect;
mod connected;
mod id;
mod inbound;
mod peer;
mod stand_in;

pub use connected::NodeName;
pub use id::Node;
pub use peer::{Nodes, Outbound, Peer};
pub use stand_in::StandIn;

pub(crate) use connected::Connected;
