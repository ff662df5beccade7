use super::Pid;
use super::reference::MonitorRef;
use super::target::Target;
use crate::behaviour::SystemRequest;
use crate::exit::ExitReason;

/// What a process receives: a message that somebody sent, or a signal that became one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message<M> {
    /// A message that was sent to the process.
    User(M),
    /// A process that this one was linked to ended, or somebody sent an exit signal; only while trapping exits.
    Exit(Exit),
    /// A process that this one monitors ended.
    Down(Down),
}

impl<M> Message<M> {
    /// The user's message, if it is one.
    pub fn user(self) -> Option<M> {
        match self {
            Message::User(message) => Some(message),
            _ => None,
        }
    }
}

/// An exit signal that was trapped: Erlang's `{'EXIT', From, Reason}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Exit {
    /// The process that ended, or that sent the signal; [`Pid::SYSTEM`] if it came from outside any process.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// The end of a monitored process: Erlang's `{'DOWN', Ref, process, Object, Reason}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Down {
    /// The monitor, as `monitor` returned it.
    pub monitor: MonitorRef,
    /// What was monitored, as it was given to `monitor`.
    pub target: Target,
    /// Why it ended; `NoProc` if there was no such process.
    pub reason: ExitReason,
}

/// An element of a process's queue: small for messages, boxed for signals, which are rare.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third kind of mail")]
pub enum Mail<M> {
    /// A message that was sent to the process.
    Message(M),
    /// A signal, which no bound refuses.
    Signal(Box<Signal>),
}

/// A signal that takes its turn among the messages of a process.
#[derive(Debug)]
#[non_exhaustive]
pub enum Signal {
    /// See [`Message::Exit`].
    Exit(Exit),
    /// See [`Message::Down`].
    Down(Down),
    /// Somebody asks the process to end with this reason. A behaviour cleans up first; a plain process ends at the
    /// receive that comes to it.
    Stop(Exit),
    /// A system request. Only behaviours get any.
    System(Box<dyn SystemRequest>),
}

impl<M> Mail<M> {
    /// As a process that is no behaviour receives it; `None` for what such a process is not shown.
    #[inline]
    pub(super) fn into_message(self) -> Option<Message<M>> {
        match self {
            Mail::Message(message) => Some(Message::User(message)),
            Mail::Signal(signal) => match *signal {
                Signal::Exit(exit) => Some(Message::Exit(exit)),
                Signal::Down(down) => Some(Message::Down(down)),
                Signal::Stop(_) | Signal::System(_) => None,
            },
        }
    }
}
