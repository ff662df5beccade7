use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_core::runtime::{Instant, NestedRun};
use otp_core::{Crash, Label, Pid};

use crate::trace::short;

/// The reason why a run failed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// The main function panicked.
    #[error("{}", panicked(.0))]
    Panicked(Crash),
    /// The main function returned an error, which has been printed.
    #[error("the main function returned an error")]
    Returned,
    /// Nothing can run: everything waits, and no timer is set.
    #[error(transparent)]
    Deadlock(Deadlock),
    /// The run took this many steps without ever being idle.
    #[error("livelock: {steps} steps without a rest; the last ones were those of {busy}")]
    Livelock {
        /// The number of steps.
        steps: u64,
        /// The tasks that ran at the end.
        busy: String,
    },
    /// The run did not end within its step limit.
    #[error("no end: the limit of {steps} steps is reached, after {} of virtual time", seconds(*.time))]
    StepLimit {
        /// The number of steps.
        steps: u64,
        /// The virtual time that they took.
        time: Duration,
    },
    /// An invariant did not hold after a step.
    #[error("an invariant is broken: {what}")]
    Invariant {
        /// The error of the invariant.
        what: String,
    },
    /// The main function left something running or registered.
    #[error(transparent)]
    Leak(Leak),
    /// Another thread took part in the run.
    #[error(
        "{what} in the middle of a simulated run: no seed decides when that happens; \
         threads, and sockets and timers of other runtimes, are not simulated"
    )]
    Thread {
        /// The thread, and what it did.
        what: String,
    },
    /// The thread already runs an executor.
    #[error(transparent)]
    Nested(#[from] NestedRun),
}

impl Failure {
    /// Whether the two failures look like the same bug.
    pub(crate) fn is_like(&self, other: &Failure) -> bool {
        match (self, other) {
            (Failure::Panicked(a), Failure::Panicked(b)) => match (a.place(), b.place()) {
                (Some(a), Some(b)) => a == b,
                _ => a == b,
            },
            (a, b) => std::mem::discriminant(a) == std::mem::discriminant(b),
        }
    }
}

/// Describes a deadlock: the processes and calls that wait when no task can run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deadlock {
    /// The virtual time of the deadlock.
    pub at: Duration,
    /// The processes, oldest first.
    pub processes: Vec<Waiting>,
    /// The calls that wait for an answer.
    pub calls: Vec<WaitingCall>,
    /// A cycle of calls, if there is one: each process calls the next, and the last one the first.
    pub cycle: Vec<Pid>,
    /// The host of the cycle; `None` for that of the main function.
    cycle_host: Option<Arc<str>>,
}

/// A waiting process, as part of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The host on which it runs; `None` for that of the main function.
    pub host: Option<Arc<str>>,
    /// The pid.
    pub pid: Pid,
    /// Its name or label.
    pub label: Option<Label>,
    /// What it was doing.
    pub doing: Label,
    /// The number of messages in its mailbox.
    pub queue: usize,
}

/// A call that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingCall {
    /// The host of both; `None` for that of the main function.
    pub host: Option<Arc<str>>,
    /// The waiting process; [`Pid::SYSTEM`] for code outside any process.
    pub caller: Pid,
    /// The called process.
    pub callee: Pid,
    /// The type of the request.
    pub message: &'static str,
}

impl Deadlock {
    pub(crate) fn new(at: Instant, processes: Vec<Waiting>, calls: Vec<WaitingCall>) -> Deadlock {
        let (cycle_host, cycle) = cycle(&calls).unwrap_or_default();
        Deadlock { at: at - Instant::ORIGIN, processes, calls, cycle, cycle_host }
    }

    fn name(&self, host: Option<&Arc<str>>, pid: Pid) -> String {
        let place = host.map_or_else(String::new, |host| format!("{host} "));
        match self.processes.iter().find(|process| process.pid == pid && process.host.as_ref() == host) {
            Some(Waiting { label: Some(label), .. }) => format!("{place}{pid} {label}"),
            _ if pid == Pid::SYSTEM => host.map_or("main", |host| host).to_owned(),
            _ => format!("{place}{pid}"),
        }
    }
}

impl std::error::Error for Deadlock {}

impl fmt::Display for Deadlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "deadlock after {} of virtual time: all wait, and no timer is armed", seconds(self.at))?;
        if let [first, ..] = self.cycle[..] {
            let host = self.cycle_host.as_ref();
            let names: Vec<String> = self.cycle.iter().chain([&first]).map(|pid| self.name(host, *pid)).collect();
            write!(f, "\n  a cycle of calls: {}", names.join(" -> "))?;
        }
        if self.calls.iter().all(|call| call.caller != Pid::SYSTEM) {
            f.write_str("\n  main waits for something that is no call")?;
        }
        for call in self.calls.iter().filter(|call| call.caller == Pid::SYSTEM) {
            let callee = self.name(call.host.as_ref(), call.callee);
            write!(f, "\n  main waits for {callee} to answer {}", short(call.message))?;
        }
        for process in &self.processes {
            write!(f, "\n  {} ", self.name(process.host.as_ref(), process.pid))?;
            let of_it = |call: &&WaitingCall| call.caller == process.pid && call.host == process.host;
            let mut calls = self.calls.iter().filter(of_it).peekable();
            if calls.peek().is_none() {
                write!(f, "waits: {}", process.doing)?;
            }
            for (index, call) in calls.enumerate() {
                let and = if index == 0 { "waits" } else { ", and" };
                let callee = self.name(call.host.as_ref(), call.callee);
                write!(f, "{and} for {callee} to answer {}", short(call.message))?;
            }
            if process.queue > 0 {
                write!(f, "; {} messages in its queue", process.queue)?;
            }
        }
        f.write_str(
            "\n  (what comes from outside, such as another thread or a socket of another runtime, is not simulated)",
        )
    }
}

/// Everything that a main function left behind, after all tasks were idle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Leak {
    /// Processes.
    pub processes: Vec<Waiting>,
    /// Registered names.
    pub names: Vec<Label>,
    /// The number of timers that will send a message.
    pub timers: usize,
    /// The number of open sockets.
    pub sockets: usize,
}

impl Leak {
    pub(crate) fn is_none(&self) -> bool {
        self.processes.is_empty() && self.names.is_empty() && self.timers == 0 && self.sockets == 0
    }
}

impl std::error::Error for Leak {}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Leak { processes, names, timers, sockets } = self;
        let (processes_left, names_left) = (processes.len(), names.len());
        write!(f, "left behind: {processes_left} processes, {names_left} names, {timers} timers, {sockets} sockets")?;
        for process in processes {
            let host = process.host.as_ref().map(|host| format!("{host} ")).unwrap_or_default();
            let label = process.label.as_ref().map(|label| format!(" {label}")).unwrap_or_default();
            write!(f, "\n  {host}{}{label}: {}", process.pid, process.doing)?;
        }
        names.iter().try_for_each(|name| write!(f, "\n  the name {name:?}"))
    }
}

/// Finds a cycle of waiting calls, beginning with the oldest process in it, and its host.
fn cycle(calls: &[WaitingCall]) -> Option<(Option<Arc<str>>, Vec<Pid>)> {
    for call in calls.iter().filter(|call| call.caller != Pid::SYSTEM) {
        let here = |other: &&WaitingCall| other.host == call.host;
        let next = |pid: Pid| calls.iter().filter(here).find(|call| call.caller == pid).map(|call| call.callee);
        let mut path = vec![call.caller];
        while let Some(callee) = path.last().and_then(|last| next(*last)) {
            if callee == path[0] {
                let oldest = path.iter().enumerate().min_by_key(|(_, pid)| **pid).map_or(0, |(place, _)| place);
                path.rotate_left(oldest);
                return Some((call.host.clone(), path));
            }
            if path.contains(&callee) {
                break;
            }
            path.push(callee);
        }
    }
    None
}

fn panicked(crash: &Crash) -> String {
    match crash.place() {
        Some(place) => format!("panicked at {place}: {crash}"),
        None => crash.to_string(),
    }
}

pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.6}s", time.as_secs_f64())
}
