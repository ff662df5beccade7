//! Processes of other nodes, for crates that connect systems with each other.
//!
//! A [`StandIn`] represents a process that runs elsewhere: it has a [`Pid`](crate::Pid) of its [`Node`], links,
//! monitors and waiting futures, as every process has, but no mailbox. Operations of local processes on it are passed
//! to its [`Peer`]; its operations on local processes are methods that the peer calls. [`StandIn::end`] ends it, when
//! the process ends or the connection to its node is lost: every link, monitor and waiting future is notified once, by
//! the same code as for any other end.
//!
//! A crate that connects nodes registers itself with [`System::connect`](crate::System::connect). Without it, a pid of
//! another node refers to a process that cannot be reached: links, monitors and waits fail with
//! [`NoConnection`](crate::ExitReason::NoConnection), and signals are dropped.
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
mod receiver;
mod stand_in;

pub use connected::NodeName;
pub use id::Node;
pub use peer::{Nodes, Outbound, Peer};
pub use receiver::Receiver;
pub use stand_in::StandIn;

pub(crate) use connected::Connected;
