use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_core::event::Event;
use otp_core::runtime::Step;
use otp_core::{ExitReason, Label, Pid};

use crate::faults::Kind;
use crate::life::{Life, Who};
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
    Sent { from: Who, to: Who, message: &'static str },
    Signalled { from: Who, to: Who, reason: String },
    Asked { from: Who, to: Who, request: &'static str },
    Down { target: String, to: Who, reason: String },
    Handles { process: Who, message: String },
    Waits { caller: Who, callee: Who, message: &'static str },
    Answered { caller: Who, callee: Who },
    RunsInline { caller: Who, callee: Who, message: &'static str },
    Spawned { parent: Who, pid: Who, label: Option<Label> },
    Exited { pid: Who, label: Option<Label>, reason: String },
    Crashed { pid: Option<Who>, label: Option<Label>, why: String, place: Option<String> },
    Occurred { by: Who, what: String },
    Fault { kind: Kind, hit: Hit, lasting: Duration },
    Net(String),
    Note(String),
}

#[derive(Clone, PartialEq)]
pub(crate) enum Runner {
    Main,
    Process(Who),
    Task(TaskId),
    Job(TaskId),
}

/// What a fault hits, as far as it is one thing.
#[derive(Clone, PartialEq)]
pub(crate) enum Hit {
    Nothing,
    Process(Who),
    Host(Arc<str>),
}

impl What {
    /// The line of a step of a life. Formats users' values, so it must not be called under a lock.
    pub(crate) fn of(life: &Life, step: &Step<'_>) -> Option<What> {
        let who = |pid| life.process(pid);
        Some(match *step {
            Step::Sent { from, to, message } => What::Sent { from: who(from), to: who(to), message },
            Step::Signalled { from, to, reason } => {
                What::Signalled { from: who(from), to: who(to), reason: reason.to_string() }
            }
            Step::Asked { from, to, request } => What::Asked { from: who(from), to: who(to), request },
            Step::Down { target, to, reason } => {
                What::Down { target: target.to_string(), to: who(to), reason: reason.to_string() }
            }
            Step::Handles { process, message } => {
                What::Handles { process: who(process), message: format!("{message:?}") }
            }
            Step::Calls { caller, callee, message, .. } => {
                What::Waits { caller: who(caller), callee: who(callee), message }
            }
            Step::RunsInline { caller, callee, message } => {
                What::RunsInline { caller: who(caller), callee: who(callee), message }
            }
            Step::Event(event) => match event {
                Event::Spawned { pid, label, parent } => {
                    What::Spawned { parent: who(*parent), pid: who(*pid), label: label.clone() }
                }
                Event::Exited { pid, label, reason } => {
                    What::Exited { pid: who(*pid), label: label.clone(), reason: reason.to_string() }
                }
                Event::Crashed(report) => What::Crashed {
                    pid: report.pid.map(who),
                    label: report.label.clone(),
                    why: match &report.reason {
                        ExitReason::Error(crash) => crash.to_string(),
                        other => other.to_string(),
                    },
                    place: report.place().map(ToString::to_string),
                },
                Event::Other(occurrence) => What::Occurred { by: who(Pid::SYSTEM), what: occurrence.to_string() },
                _ => return None,
            },
            _ => return None,
        })
    }
}

/// Shows a process as [`Placed`] does, and by its label.
pub(crate) struct Named<'a>(pub(crate) &'a Recording, pub(crate) Who);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named(recording, who) = self;
        match recording.labels.get(who) {
            Some(label) => write!(f, "{} {label}", Placed(recording, *who)),
            None => write!(f, "{}", Placed(recording, *who)),
        }
    }
}

/// Shows a process by its pid, and its host unless it is that of the main function.
pub(crate) struct Placed<'a>(pub(crate) &'a Recording, pub(crate) Who);

impl fmt::Display for Placed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Placed(recording, Who { life, pid }) = self;
        match recording.hosts.get(life) {
            Some(host) if *pid == Pid::SYSTEM => f.write_str(host),
            Some(host) => write!(f, "{host} {pid}"),
            None if *pid == Pid::SYSTEM => f.write_str("main"),
            None => write!(f, "{pid}"),
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
