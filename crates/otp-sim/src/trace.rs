use std::fmt;
use std::time::Duration;

use otp_core::event::Event;
use otp_core::runtime::Step;
use otp_core::{ExitReason, Label, Pid};

use crate::faults::Kind;
use crate::policy::TaskId;
use crate::recording::Recording;

/// A line of the trace, which is formatted only when it is shown.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) step: u64,
    pub(crate) at: u64,
    pub(crate) what: What,
}

#[derive(Clone, PartialEq)]
pub(crate) enum What {
    Runs(Runner),
    Rests { until: u64 },
    Sent { from: Pid, to: Pid, message: &'static str },
    Signalled { from: Pid, to: Pid, reason: String },
    Asked { from: Pid, to: Pid, request: &'static str },
    Down { target: String, to: Pid, reason: String },
    Handles { process: Pid, message: String },
    Waits { caller: Pid, callee: Pid, message: &'static str },
    Answered { caller: Pid, callee: Pid },
    RunsInline { caller: Pid, callee: Pid, message: &'static str },
    Spawned { parent: Pid, pid: Pid, label: Option<Label> },
    Exited { pid: Pid, label: Option<Label>, reason: String },
    Crashed { pid: Option<Pid>, label: Option<Label>, why: String, place: Option<String> },
    Occurred { what: String },
    Fault { kind: Kind, hit: Option<Pid>, lasting: Duration },
    Net(String),
    Note(String),
}

#[derive(Clone, PartialEq)]
pub(crate) enum Runner {
    Main,
    Process(Pid),
    Task(TaskId),
    Job(TaskId),
}

impl What {
    /// The line of a step. Formats users' values, so it must not be called under a lock.
    pub(crate) fn of(step: &Step<'_>) -> Option<What> {
        Some(match *step {
            Step::Sent { from, to, message } => What::Sent { from, to, message },
            Step::Signalled { from, to, reason } => What::Signalled { from, to, reason: reason.to_string() },
            Step::Asked { from, to, request } => What::Asked { from, to, request },
            Step::Down { target, to, reason } => {
                What::Down { target: target.to_string(), to, reason: reason.to_string() }
            }
            Step::Handles { process, message } => What::Handles { process, message: format!("{message:?}") },
            Step::Calls { caller, callee, message, .. } => What::Waits { caller, callee, message },
            Step::RunsInline { caller, callee, message } => What::RunsInline { caller, callee, message },
            Step::Event(event) => match event {
                Event::Spawned { pid, label, parent } => {
                    What::Spawned { parent: *parent, pid: *pid, label: label.clone() }
                }
                Event::Exited { pid, label, reason } => {
                    What::Exited { pid: *pid, label: label.clone(), reason: reason.to_string() }
                }
                Event::Crashed(report) => What::Crashed {
                    pid: report.pid,
                    label: report.label.clone(),
                    why: match &report.reason {
                        ExitReason::Error(crash) => crash.to_string(),
                        other => other.to_string(),
                    },
                    place: report.place().map(ToString::to_string),
                },
                Event::Other(occurrence) => What::Occurred { what: occurrence.to_string() },
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// Shows a process by its label and pid.
pub(crate) struct Named<'a>(pub(crate) &'a Recording, pub(crate) Pid);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.labels.get(&self.1) {
            _ if self.1 == Pid::SYSTEM => f.write_str("main"),
            Some(label) => write!(f, "{} {label}", self.1),
            None => write!(f, "{}", self.1),
        }
    }
}

/// The name of a type without the paths of the type and its parameters.
pub(crate) fn short(type_name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    for letter in type_name.chars() {
        if letter.is_alphanumeric() || letter == '_' || letter == ':' {
            word.push(letter);
        } else {
            short.push_str(word.rsplit("::").next().unwrap_or_default());
            word.clear();
            short.push(letter);
        }
    }
    short.push_str(word.rsplit("::").next().unwrap_or_default());
    short
}

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn names_of_types_lose_their_paths() {
        assert_eq!(short("alloc::vec::Vec<core::option::Option<my::Thing>>"), "Vec<Option<Thing>>");
        assert_eq!(short("(u8, &str)"), "(u8, &str)");
    }
}
