use std::sync::OnceLock;

use metrics::{Counter, Gauge, Histogram};
use otp_core::event::CallEnd;
use otp_core::{CallError, ExitReason};

use super::names;
use super::sink::Sink;

/// The metrics of the processes of one type, or with one label.
pub(super) struct Kind {
    /// The value of the label.
    pub(super) name: Box<str>,
    pub(super) processes: Gauge,
    pub(super) spawns: Counter,
    pub(super) messages: Counter,
    pub(super) runs: Counter,
    pub(super) run_time: Counter,
    pub(super) queued: Gauge,
    pub(super) longest: Gauge,
    call_time: OnceLock<Histogram>,
    wait_time: OnceLock<Histogram>,
    calls: [OnceLock<Counter>; OUTCOMES.len()],
    exits: [OnceLock<Counter>; REASONS.len()],
}

/// How a call ended, as a label.
const OUTCOMES: [&str; 10] = [
    "answered",
    "no_process",
    "wrong_type",
    "exited",
    "timeout",
    "no_reply",
    "calling_self",
    "deadlock",
    "full",
    "given_up",
];

/// The classes of exit reasons, as a label.
const REASONS: [&str; 7] = ["normal", "shutdown", "killed", "no_process", "no_connection", "crash", "other"];

impl Kind {
    pub(super) fn new(sink: &Sink, name: &str) -> Kind {
        Kind {
            name: name.into(),
            processes: sink.gauge(&names::PROCESSES, &[name]),
            spawns: sink.counter(&names::SPAWNS, &[name]),
            messages: sink.counter(&names::MESSAGES, &[name]),
            runs: sink.counter(&names::RUNS, &[name]),
            run_time: sink.counter(&names::RUN_TIME, &[name]),
            queued: sink.gauge(&names::QUEUED, &[name]),
            longest: sink.gauge(&names::LONGEST, &[name]),
            call_time: OnceLock::new(),
            wait_time: OnceLock::new(),
            calls: [const { OnceLock::new() }; OUTCOMES.len()],
            exits: [const { OnceLock::new() }; REASONS.len()],
        }
    }

    pub(super) fn call_time(&self, sink: &Sink) -> &Histogram {
        made(&self.call_time, || sink.histogram(&names::CALL_TIME, &[&self.name]))
    }

    pub(super) fn wait_time(&self, sink: &Sink) -> &Histogram {
        made(&self.wait_time, || sink.histogram(&names::WAIT_TIME, &[&self.name]))
    }

    pub(super) fn calls(&self, sink: &Sink, end: &CallEnd<'_>) -> &Counter {
        let outcome = outcome(end);
        made(&self.calls[outcome], || sink.counter(&names::CALLS, &[&self.name, OUTCOMES[outcome]]))
    }

    pub(super) fn exits(&self, sink: &Sink, reason: &ExitReason) -> &Counter {
        let class = class(reason);
        made(&self.exits[class], || sink.counter(&names::EXITS, &[&self.name, REASONS[class]]))
    }
}

/// A handle that is made once. The recorder makes it, which is code of the user: it does not run while others wait.
fn made<T>(place: &OnceLock<T>, make: impl FnOnce() -> T) -> &T {
    match place.get() {
        Some(made) => made,
        None => {
            let fresh = make();
            place.get_or_init(|| fresh)
        }
    }
}

fn outcome(end: &CallEnd<'_>) -> usize {
    let outcome = match end {
        CallEnd::Answered => "answered",
        CallEnd::GivenUp => "given_up",
        CallEnd::Failed(error) => match error {
            CallError::NoProc(_) => "no_process",
            CallError::WrongType { .. } => "wrong_type",
            CallError::Exited { .. } => "exited",
            CallError::Timeout { .. } => "timeout",
            CallError::NoReply(_) => "no_reply",
            CallError::CallingSelf(_) => "calling_self",
            CallError::Deadlock { .. } => "deadlock",
            CallError::Full { .. } => "full",
            // Interrupted: the caller ends.
            _ => "given_up",
        },
        _ => "given_up",
    };
    OUTCOMES.iter().position(|known| *known == outcome).unwrap_or_default()
}

fn class(reason: &ExitReason) -> usize {
    let class = class_of(reason);
    REASONS.iter().position(|known| *known == class).unwrap_or_default()
}

/// The class of an exit reason, as a label.
pub(super) fn class_of(reason: &ExitReason) -> &'static str {
    match reason {
        ExitReason::Normal => "normal",
        ExitReason::Shutdown | ExitReason::ShutdownWith(_) => "shutdown",
        ExitReason::Kill | ExitReason::Killed => "killed",
        ExitReason::NoProc => "no_process",
        ExitReason::NoConnection => "no_connection",
        ExitReason::Error(_) => "crash",
        _ => "other",
    }
}
