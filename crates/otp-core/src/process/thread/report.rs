use std::fmt;
use std::time::Duration;

use tracing::field::display;

use crate::call::Exited;
use crate::event::Occurrence;
use crate::label::Label;
use crate::process::{Header, Pid};
use crate::runtime::Task;

/// How long a process on a thread may go on after the signal that ends it, before that is reported; in a shutdown, before
/// it is left behind.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// An event about a process on one of its [`Threads`](crate::Threads).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ThreadEvent {
    /// A signal was to end a process, which has not ended for a second: its handler holds the thread, or in a pool the
    /// handler of another process does. The process ends when that returns; nothing can stop it before. Reported once for
    /// each such process, as a warning under the target `otp::thread`.
    #[non_exhaustive]
    EndDelayed {
        /// The process.
        pid: Pid,
        /// Its label.
        label: Option<Label>,
        /// What it is doing.
        doing: Label,
        /// How long ago the signal was sent.
        since: Duration,
    },
}

impl fmt::Display for ThreadEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ThreadEvent::EndDelayed { pid, label, doing, since } = self;
        if let Some(label) = label {
            write!(f, "{label} ")?;
        }
        write!(f, "{pid} was to end {since:?} ago and holds its thread ({doing}); it ends when its handler returns")
    }
}

impl Occurrence for ThreadEvent {
    fn pid(&self) -> Option<Pid> {
        let ThreadEvent::EndDelayed { pid, .. } = self;
        Some(*pid)
    }

    fn log(&self) {
        let ThreadEvent::EndDelayed { pid, label, doing, since } = self;
        let label = label.as_ref().map(display);
        tracing::warn!(
            target: "otp::thread", %pid, label, %doing, ?since,
            "a process was to end and holds its thread: it ends when its handler returns"
        );
    }
}

/// Reports a process that does not end although a signal ends it, unless a simulation has only one thread anyway.
#[cold]
pub(in crate::process) fn watch_end(process: &Header) {
    if process.is_directed() {
        return;
    }
    let (system, pid, mut exited) = (process.system.clone(), process.pid, Exited::of(process));
    process.system.runtime().spawn(Task::new(async move {
        let since = system.now();
        if exited.within(PATIENCE).await.is_err()
            && let Some(info) = system.info(pid)
        {
            let since = system.now() - since;
            system.report(|| ThreadEvent::EndDelayed { pid, label: info.label, doing: info.doing, since });
        }
    }));
}
