use std::any::Any;
use std::sync::Arc;

use super::{CrashReport, Occurrence};
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::Pid;

/// An event: something that happened in a system.
///
/// The variants are the core's own. What other crates report is [`Other`](Event::Other), and is looked at by its type
/// with [`downcast_ref`](Event::downcast_ref).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// A process was started; it has not run yet.
    Spawned {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// Who started it; [`Pid::SYSTEM`] from outside any process.
        parent: Pid,
    },
    /// A process has ended. Its state is dropped, and its name is free, as is what else it owned. Its links and
    /// monitors have not fired.
    Exited {
        /// The process.
        pid: Pid,
        /// Its name or label.
        label: Option<Label>,
        /// Why.
        reason: ExitReason,
    },
    /// Code panicked, or a process ended itself with an abnormal reason.
    Crashed(CrashReport),
    /// Another crate reported an occurrence of its own.
    Other(Arc<dyn Occurrence>),
    /// So many events are missing here, because the subscriber did not read fast enough. Only
    /// [`Events`](super::Events) gives this; hooks hear everything.
    Lost(u64),
}

impl Event {
    /// The occurrence that another crate reported, if it is a `T`.
    pub fn downcast_ref<T: Occurrence>(&self) -> Option<&T> {
        match self {
            Event::Other(occurrence) => (&**occurrence as &dyn Any).downcast_ref(),
            _ => None,
        }
    }
}
