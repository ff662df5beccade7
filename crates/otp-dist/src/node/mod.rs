//! A node: what it is configured to, its tree, the other nodes that it knows, and what ties processes of both.

mod aliases;
mod attempt;
mod builder;
mod calls;
mod cluster;
mod config;
mod dispatch;
mod error;
mod event;
mod ids;
mod info;
mod kernel;
mod monitor;
mod outgoing;
mod peer;
mod reason;
mod receivers;
mod shared;
mod tree;

pub use aliases::RemoteAlias;
pub use builder::Node;
pub use cluster::{Cluster, ConnectError, Nodes, NotANode};
pub use error::NodeStartError;
pub use event::NodeEvent;
pub use info::{NodeInfo, Traffic};
pub use monitor::{NodeDown, NodeMonitor};
pub use reason::{reason_of_term, term_of_reason};

pub(crate) use attempt::Attempt;
pub(crate) use calls::Outcome;
pub(crate) use config::{Config, Ports};
pub(crate) use dispatch::{Dispatch, deliver};
#[cfg(test)]
pub(crate) use kernel::KernelMessage;
pub(crate) use peer::{GIVEN_UP, NotMade, PeerNode, Posted};
pub(crate) use receivers::{Deliver, Delivered, Receivers};
pub(crate) use shared::Shared;
