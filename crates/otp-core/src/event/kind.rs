use std::any::Any;
use std::sync::Arc;

use super::{CrashReport, Occurrence};
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::Pid;

/// Reports what happened in a system, to hooks and subscribers.
///
/// Most variants belong to the core. [`Other`](Event::Other) contains an event of another crate;
/// [`downcast_ref`](Event::downcast_ref) returns it by type.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A process was started; it has not run yet.
    Spawned {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The process that started it; [`Pid::SYSTEM`] from outside any process.
        parent: Pid,
    },
    /// A process has ended. Its state is dropped, its name is free, and its other belongings are released. Its links
    /// and monitors have not fired yet.
    Exited {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// The exit reason.
        reason: ExitReason,
    },
    /// Code panicked, or a process ended itself with an abnormal reason.
    Crashed(CrashReport),
    /// Another crate reported an occurrence.
    Other(Arc<dyn Occurrence>),
    /// This number of events is missing here, because the subscriber did not read fast enough. Only
    /// [`Events`](super::Events) yields this; hooks get every event.
    Lost(u64),
}

impl Event {
    /// Returns the occurrence of another crate, if it is a `T`.
    pub fn downcast_ref<T: Occurrence>(&self) -> Option<&T> {
        match self {
            Event::Other(occurrence) => (&**occurrence as &dyn Any).downcast_ref(),
            _ => None,
        }
    }
}
