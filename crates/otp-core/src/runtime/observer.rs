use crate::event::Event;
use crate::exit::ExitReason;
use crate::process::Pid;

/// Who wants to know of each step of a system, and to decide what an executor leaves open; for simulators.
///
/// A [`Runtime`](super::Runtime) that has one gives it to every [`System`](crate::System) that is made on it. Its
/// methods are called in the middle of the library, on whichever thread that is, never under a lock of the library:
/// they must not block, and must not panic.
pub trait Observer: Send + Sync {
    /// Whether a call may run its callee on the thread of the caller, where that is possible.
    fn runs_inline(&self) -> bool {
        true
    }

    /// How many messages a process may receive or send, in the poll that begins, before it lets others run.
    fn budget(&self) -> u16 {
        128
    }

    /// Something happened.
    fn note(&self, _step: &Step<'_>) {}
}

/// Something that happened in a system, smaller than an [`Event`]. [`Pid::SYSTEM`] stands for code outside any process.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// A message was put into a mailbox.
    Sent {
        /// Whose code sent it.
        from: Pid,
        /// Whose mailbox it is.
        to: Pid,
        /// The type of the message.
        message: &'static str,
    },
    /// An exit signal arrived, through a link or from `exit`.
    Signalled {
        /// Who sent it.
        from: Pid,
        /// Who got it.
        to: Pid,
        /// With which reason.
        reason: &'a ExitReason,
    },
    /// A process begins to wait for the answer to a call.
    Calls {
        /// Who waits.
        caller: Pid,
        /// For whom.
        callee: Pid,
        /// The type of the request.
        message: &'static str,
    },
    /// A process does so no longer.
    Called {
        /// Who waited.
        caller: Pid,
        /// For whom.
        callee: Pid,
    },
    /// An event, just before its hooks are told.
    Event(&'a Event),
}
