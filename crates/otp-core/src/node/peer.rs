use std::fmt;

use super::stand_in::StandIn;
use crate::exit::ExitReason;
use crate::process::{MonitorRef, Pid, Target};

/// Forwards operations on a process that runs elsewhere to its node.
///
/// Methods are called on the thread that performs the operation, under no lock, and must not block. Signals from one
/// process to another come in the order in which they were sent.
pub trait Peer: Send + Sync + 'static {
    /// Forwards a signal to the process `to`.
    fn send(&self, to: Pid, signal: Outbound);
}

/// A signal from a process here to one that runs elsewhere.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outbound {
    /// An exit signal; Erlang's `exit/2`.
    Exit {
        /// The sender; [`Pid::SYSTEM`] from outside any process.
        from: Pid,
        /// The reason. `Kill` cannot be trapped.
        reason: ExitReason,
    },
    /// A process that was linked to it has ended; the link is removed.
    LinkExit {
        /// The process that ended.
        from: Pid,
        /// The exit reason.
        reason: ExitReason,
    },
    /// A process has linked itself to it.
    Link {
        /// The process that links.
        from: Pid,
    },
    /// The link to a process is removed.
    Unlink {
        /// The process whose link is removed.
        from: Pid,
    },
    /// A process monitors it.
    Monitor {
        /// The process that monitors.
        from: Pid,
        /// The monitor.
        monitor: MonitorRef,
    },
    /// A monitor is removed.
    Demonitor {
        /// The process that had set it.
        from: Pid,
        /// The monitor.
        monitor: MonitorRef,
    },
    /// A process that it monitors has ended.
    Down {
        /// The monitor, as [`StandIn::monitor`] returned it.
        monitor: MonitorRef,
        /// What was monitored.
        target: Target,
        /// The exit reason.
        reason: ExitReason,
    },
    /// Code outside any process waits for the end of the process.
    Watch,
}

/// Resolves the pids of other nodes; one for each system.
pub trait Nodes: Send + Sync + 'static {
    /// Returns the stand-in of a process of another node; `None` if the node cannot be reached: links, monitors and
    /// waits then fail with [`NoConnection`](ExitReason::NoConnection). May be called on any thread, under no lock, and
    /// must not block.
    fn stand_in(&self, pid: Pid) -> Option<StandIn>;
}

impl fmt::Debug for dyn Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nodes")
    }
}
