use std::fmt;
use std::time::Duration;

use otp_core::{ExitReason, Label, Pid};

/// How an application ended: by a stop, or by itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AppEnd {
    /// The name of the application.
    pub app: Label,
    /// The exit reason of its top supervisor; `None` if it had none (a library, or a start that was stopped), or if it was
    /// killed with the rest.
    pub reason: Option<ExitReason>,
    /// How long the end took, from the request to stop, or the end of the top supervisor.
    pub took: Duration,
    /// The processes that were killed because the application had not stopped in time, its own among them.
    pub killed: Vec<Killed>,
    /// The processes outside the tree that were killed after it was gone, because they belonged to the application.
    pub strays: Vec<Killed>,
}

/// A process that had to be killed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Killed {
    /// The process.
    pub pid: Pid,
    /// Its name or label.
    pub label: Option<Label>,
}

impl AppEnd {
    pub(crate) fn of(app: Label) -> AppEnd {
        AppEnd { app, reason: None, took: Duration::ZERO, killed: Vec::new(), strays: Vec::new() }
    }
}

impl fmt::Display for AppEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the application {} ended in {:?}", self.app, self.took)?;
        if let Some(reason) = &self.reason {
            write!(f, " with {reason}")?;
        }
        for (what, list) in [("killed at the deadline", &self.killed), ("outside its tree", &self.strays)] {
            if !list.is_empty() {
                let list: Vec<_> = list.iter().map(ToString::to_string).collect();
                write!(f, "; {what}: {}", list.join(", "))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Killed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.label {
            Some(label) => write!(f, "{label} {}", self.pid),
            None => write!(f, "{}", self.pid),
        }
    }
}
