use std::fmt;

use crate::label::Label;
use crate::process::Pid;

/// Describes the called process in a [`CallError`](crate::CallError), as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Callee {
    /// Its name or label.
    pub label: Option<Label>,
    /// Its pid; `None` if no process held the name.
    pub pid: Option<Pid>,
}

impl Callee {
    /// Makes a description from a label and a pid.
    pub fn new(label: Option<Label>, pid: Option<Pid>) -> Callee {
        Callee { label, pid }
    }
}

impl fmt::Display for Callee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.label, self.pid) {
            (Some(label), Some(pid)) => write!(f, "{label} {pid}"),
            (Some(label), None) => write!(f, "{label}"),
            (None, Some(pid)) => write!(f, "{pid}"),
            (None, None) => f.write_str("nobody"),
        }
    }
}
