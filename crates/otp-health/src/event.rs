use std::fmt;
use std::time::Duration;

use otp_core::event::Occurrence;
use otp_core::{Callee, Label, Pid};

use crate::unresponsive::Unresponsive;

/// Reports what probes and the watchdog notice, to the hooks and subscribers of a system; logged under `otp::health`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum HealthEvent {
    /// A [`Probe`](crate::Probe) ends a process that does not answer.
    Unresponsive(Unresponsive),
    /// A process that a probe has ended still runs: its code holds a thread, and cannot be stopped. It ends, and is
    /// restarted, when that code returns or waits.
    Unstoppable(Unresponsive),
    /// A handler runs for longer than the limit of the [`Watchdog`](crate::Watchdog). It is reported again each time the
    /// time has doubled.
    #[non_exhaustive]
    Stuck {
        /// The process.
        process: Callee,
        /// Its callback, and the kind of its message.
        doing: Label,
        /// For how long, as far as the watchdog has seen it.
        since: Duration,
        /// True if it holds a thread; false if it waits for something.
        holds_thread: bool,
        /// The number of messages in its mailbox.
        queue: usize,
    },
    /// A handler that was reported is over, or its process has ended.
    #[non_exhaustive]
    Over {
        /// The pid of the process.
        pid: Pid,
        /// Its callback, and the kind of its message.
        doing: Label,
        /// How long it has run, as far as the watchdog has seen it.
        after: Duration,
    },
}

impl Occurrence for HealthEvent {
    fn pid(&self) -> Option<Pid> {
        match self {
            HealthEvent::Unresponsive(about) | HealthEvent::Unstoppable(about) => about.process.pid,
            HealthEvent::Stuck { process, .. } => process.pid,
            HealthEvent::Over { pid, .. } => Some(*pid),
        }
    }

    fn log(&self) {
        match self {
            HealthEvent::Unresponsive(about) => {
                let Unresponsive { process, after, misses, doing, queue, error } = about;
                tracing::error!(
                    target: "otp::health", %process, ?after, misses, %doing, queue, error,
                    "a process does not answer, and is ended"
                );
            }
            HealthEvent::Unstoppable(about) => {
                let Unresponsive { process, after, doing, .. } = about;
                tracing::error!(
                    target: "otp::health", %process, ?after, %doing,
                    "a process cannot be stopped: its code holds a thread"
                );
            }
            HealthEvent::Stuck { process, doing, since, holds_thread, queue } => {
                tracing::warn!(
                    target: "otp::health", %process, %doing, ?since, holds_thread, queue, "a handler takes too long"
                );
            }
            HealthEvent::Over { pid, doing, after } => {
                tracing::warn!(target: "otp::health", process = %pid, %doing, ?after, "a handler that took too long is over");
            }
        }
    }
}

impl fmt::Display for HealthEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HealthEvent::Unresponsive(about) => write!(f, "{about}"),
            HealthEvent::Unstoppable(Unresponsive { process, doing, after, .. }) => {
                write!(
                    f,
                    "{process} cannot be stopped, {after:?} after it answered no more: it holds a thread ({doing})"
                )
            }
            HealthEvent::Stuck { process, doing, since, holds_thread, queue } => {
                let how = if *holds_thread { "holds its thread" } else { "waits" };
                write!(f, "{process} takes too long: {doing} for {since:?}, and {how} ({queue} messages in its queue)")
            }
            HealthEvent::Over { pid, doing, after } => write!(f, "{pid} is no longer {doing}, after {after:?}"),
        }
    }
}
