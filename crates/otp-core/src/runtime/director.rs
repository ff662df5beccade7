use std::fmt;

use crate::event::Event;
use crate::exit::ExitReason;
use crate::process::{BUDGET, Pid, Target};

/// A director decides what an executor leaves open, and hears of each step of a system; for simulators.
///
/// A [`Runtime`](super::Runtime) that has one gives it to every [`System`](crate::System) that is made on it. Its
/// methods are called in the middle of the library, on whichever thread that is, under no lock that a signal or a message
/// takes: they must neither block nor panic.
pub trait Director: Send + Sync {
    /// Whether a call may run its callee on the thread of the caller, where that is possible.
    fn runs_inline(&self, _callee: Pid) -> bool {
        true
    }

    /// How many messages a process may receive or send, in the poll that begins, before it lets others run; otherwise
    /// [`Process::BUDGET`](crate::Process::BUDGET).
    fn budget(&self) -> u16 {
        BUDGET
    }

    /// Whether a message is held back that is about to be sent to a mailbox without a bound. If so,
    /// [`hold`](Director::hold) is called next, and has to keep the order of the messages between the two.
    fn holds(&self, _from: Pid, _to: Pid) -> bool {
        false
    }

    /// Takes a message that is held back. Dropping it loses the message; the director delivers all of a process's
    /// messages, at the latest, when that process is said to do anything else that concerns another one: a signal, an
    /// answer, its end.
    fn hold(&self, _from: Pid, _to: Pid, message: Delivery) {
        message.deliver();
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
    /// A process was sent a system request, or a request to stop.
    Asked {
        /// Who asked.
        from: Pid,
        /// Who was asked.
        to: Pid,
        /// What for, in a word.
        request: &'static str,
    },
    /// A process was told of the end of one that it monitors.
    Down {
        /// What it monitors.
        target: &'a Target,
        /// Who monitors it.
        to: Pid,
        /// Why it ended.
        reason: &'a ExitReason,
    },
    /// A process begins to handle a message.
    Handles {
        /// The process.
        process: Pid,
        /// The message, as its behaviour shows it.
        message: &'a dyn fmt::Debug,
    },
    /// A process begins to wait for the answer to a call.
    Calls {
        /// Who waits.
        caller: Pid,
        /// For whom.
        callee: Pid,
        /// Tells this call from the others that wait for the same callee.
        key: usize,
        /// The type of the request.
        message: &'static str,
    },
    /// A process answers a call.
    Answers {
        /// Who answers.
        from: Pid,
    },
    /// Nobody waits any more under this key: the call has its answer, or was given up.
    Called {
        /// Who was called.
        callee: Pid,
        /// The key of the call.
        key: usize,
    },
    /// An event, just before its hooks are told.
    Event(&'a Event),
}

/// A message on its way to a mailbox, which a [`Director`] holds back.
pub struct Delivery(Box<dyn FnOnce() + Send>);

impl Delivery {
    pub(crate) fn new(deliver: impl FnOnce() + Send + 'static) -> Delivery {
        Delivery(Box::new(deliver))
    }

    /// Puts the message into the mailbox and wakes its process; loses it if that has ended.
    pub fn deliver(self) {
        (self.0)();
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery")
    }
}
