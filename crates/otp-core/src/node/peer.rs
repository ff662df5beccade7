use std::fmt;

use super::stand_in::StandIn;
use crate::exit::ExitReason;
use crate::process::{MonitorRef, Pid, Target};

/// Who passes on what concerns a process that runs elsewhere.
///
/// It is called on the thread of whoever does something to the process, under no lock, and must not block. Signals from
/// one process to another come in the order in which they were sent.
pub trait Peer: Send + Sync + 'static {
    /// A signal for the process `to`.
    fn send(&self, to: Pid, signal: Outbound);
}

/// A signal from a process here to one that runs elsewhere.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Outbound {
    /// An exit signal; Erlang's `exit/2`.
    Exit {
        /// Who sends it; [`Pid::SYSTEM`] from outside any process.
        from: Pid,
        /// The reason. `Kill` cannot be trapped.
        reason: ExitReason,
    },
    /// A process that was linked to it has ended, and the link is gone.
    LinkExit {
        /// The process that ended.
        from: Pid,
        /// Why.
        reason: ExitReason,
    },
    /// A process has linked itself to it.
    Link {
        /// That process.
        from: Pid,
    },
    /// The link to a process is gone.
    Unlink {
        /// That process.
        from: Pid,
    },
    /// A process monitors it.
    Monitor {
        /// That process.
        from: Pid,
        /// The monitor.
        monitor: MonitorRef,
    },
    /// A monitor is taken away.
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
        /// Why it ended.
        reason: ExitReason,
    },
    /// Code that is no process waits for its end.
    Watch,
}

/// Who knows the processes of other nodes; one for each system.
pub trait Nodes: Send + Sync + 'static {
    /// What stands for a process of another node here; `None` if the node cannot be reached, and everything that wants
    /// to be tied to the process hears [`NoConnection`](ExitReason::NoConnection). May be called on any thread, must
    /// not block, and is called under no lock.
    fn stand_in(&self, pid: Pid) -> Option<StandIn>;
}

impl fmt::Debug for dyn Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nodes")
    }
}
