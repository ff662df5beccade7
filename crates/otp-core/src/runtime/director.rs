use std::fmt;

use crate::event::Event;
use crate::exit::ExitReason;
use crate::process::{Pid, Process, Target};

/// Controls and observes every step of a system, for simulators: decides what an executor leaves open.
///
/// A [`Runtime`](super::Runtime) that has a director gives it to every [`System`](crate::System) that is made on it.
/// Its methods are called in the middle of library code, on any thread, under no lock that a signal or a message takes.
/// They must neither block nor panic.
pub trait Director: Send + Sync {
    /// Decides whether a call may run its callee on the caller's thread, where that is possible.
    fn runs_inline(&self, _callee: Pid) -> bool {
        true
    }

    /// Decides whether a process that runs on its caller's thread yields before its next effect, so that it goes on in a
    /// step of its own. All other code in a system with a director yields before each future of the library has an
    /// effect or is ready at once; there are no budgets.
    fn switches(&self) -> bool {
        true
    }

    /// Decides whether a callee is killed before it handles the call that is about to be sent to it.
    fn kills_before(&self, _callee: &Process) -> bool {
        false
    }

    /// Decides whether a process is killed that has handled a call and is about to answer it: the answer is lost.
    fn kills_after(&self, _callee: &Process) -> bool {
        false
    }

    /// Decides whether to hold back a message that is about to be sent to an unbounded mailbox. If so,
    /// [`hold`](Director::hold) is called next. The director has to keep the order of the messages between the two
    /// processes.
    fn holds(&self, _from: Pid, _to: Pid) -> bool {
        false
    }

    /// Takes a message that is held back. Dropping it loses the message. The director has to deliver all held messages
    /// of a process, at the latest when it is notified of any other step of that process that concerns another process:
    /// a signal, an answer, its end.
    fn hold(&self, _from: Pid, _to: Pid, message: Delivery) {
        message.deliver();
    }

    /// Called for each step.
    fn note(&self, _step: &Step<'_>) {}
}

/// A step of a system, more detailed than an [`Event`]. [`Pid::SYSTEM`] stands for code outside any process.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step<'a> {
    /// A message was put into a mailbox.
    Sent {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// The type of the message.
        message: &'static str,
    },
    /// An exit signal arrived, through a link or from [`System::exit`](crate::System::exit).
    Signalled {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// The reason of the signal.
        reason: &'a ExitReason,
    },
    /// A process was sent a system request, or a request to stop.
    Asked {
        /// The sender.
        from: Pid,
        /// The receiver.
        to: Pid,
        /// The request, in one word.
        request: &'static str,
    },
    /// A process received the `Down` of a process that it monitors.
    Down {
        /// The monitored process.
        target: &'a Target,
        /// The monitoring process.
        to: Pid,
        /// The exit reason.
        reason: &'a ExitReason,
    },
    /// A call runs its callee on the thread of the caller, which offers it the request.
    RunsInline {
        /// Who calls.
        caller: Pid,
        /// Who is called.
        callee: Pid,
        /// The type of the request.
        message: &'static str,
    },
    /// A process begins to handle a message.
    Handles {
        /// The process.
        process: Pid,
        /// The message, as its behaviour formats it.
        message: &'a dyn fmt::Debug,
    },
    /// A process begins to wait for the answer to a call.
    Calls {
        /// The waiting process.
        caller: Pid,
        /// The called process.
        callee: Pid,
        /// Distinguishes this call from others that wait for the same callee.
        key: usize,
        /// The type of the request.
        message: &'static str,
    },
    /// A process answers a call.
    Answers {
        /// The process that answers.
        from: Pid,
    },
    /// A call under this key is over: it has its answer, or was given up.
    Called {
        /// The called process.
        callee: Pid,
        /// The key of the call.
        key: usize,
    },
    /// An event, just before its hooks are called.
    Event(&'a Event),
}

/// A message on its way to a mailbox, held back by a [`Director`].
pub struct Delivery(Box<dyn FnOnce() + Send>);

impl Delivery {
    pub(crate) fn new(deliver: impl FnOnce() + Send + 'static) -> Delivery {
        Delivery(Box::new(deliver))
    }

    /// Puts the message into the mailbox and wakes the process; drops the message if the process has ended.
    pub fn deliver(self) {
        (self.0)();
    }
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delivery")
    }
}
