use std::fmt;

use super::Pid;
use crate::label::Label;

/// What a monitor watches, or where a message was sent: a process, or the holder of a name or route.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Target {
    /// A process.
    Pid(Pid),
    /// The process that held this name at the time.
    Name(Label),
    /// The process that another [`Route`](crate::Route) led to at the time.
    Route {
        /// The label of the route.
        label: Label,
        /// The process that was found; `None` if there was none.
        pid: Option<Pid>,
    },
}

impl From<Pid> for Target {
    fn from(pid: Pid) -> Target {
        Target::Pid(pid)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Pid(pid) => fmt::Display::fmt(pid, f),
            Target::Name(label) | Target::Route { label, .. } => fmt::Display::fmt(label, f),
        }
    }
}
