use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Pid;
use super::reference::MonitorRef;
use super::target::Target;
use crate::behaviour::SystemRequest;
use crate::exit::ExitReason;
use crate::timer::TimerRef;

/// A received message: one that was sent to the process, or a signal that was turned into a message.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Message<M> {
    /// A message that was sent to the process.
    User(M),
    /// The exit signal of a linked process that ended, or of [`System::exit`](crate::System::exit); only while the
    /// process traps exits.
    Exit(Exit),
    /// A process that this one monitors ended.
    Down(Down),
    /// A timer of this process has fired; see [`Process::set_timer`](super::Process::set_timer).
    Timer(TimerRef),
}

impl<M> Message<M> {
    /// Returns the user's message; `None` for a signal.
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
    /// The reason of the signal.
    pub reason: ExitReason,
}

/// The notification of the end of a monitored process: Erlang's `{'DOWN', Ref, process, Object, Reason}`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Down {
    /// The monitor, as returned by `monitor`.
    pub monitor: MonitorRef,
    /// The argument of `monitor`.
    pub target: Target,
    /// The exit reason; `NoProc` if there was no such process.
    pub reason: ExitReason,
}

/// A message in the mailbox, as the filter of a selective receive sees it.
#[derive(Debug)]
#[non_exhaustive]
pub enum MessageRef<'a, M> {
    /// See [`Message::User`].
    User(&'a M),
    /// See [`Message::Exit`].
    Exit(&'a Exit),
    /// See [`Message::Down`].
    Down(&'a Down),
    /// See [`Message::Timer`].
    Timer(&'a TimerRef),
}

impl<'a, M> MessageRef<'a, M> {
    /// Converts to a message that refers to the user's message, and has a copy of a signal: for patterns that match both
    /// a message in the mailbox and one that was received. [`receive!`](crate::receive!) uses it.
    pub fn into_message(self) -> Message<&'a M> {
        match self {
            MessageRef::User(message) => Message::User(message),
            MessageRef::Exit(exit) => Message::Exit(exit.clone()),
            MessageRef::Down(down) => Message::Down(down.clone()),
            MessageRef::Timer(timer) => Message::Timer(timer.clone()),
        }
    }

    /// Converts a signal; `None` for one that a selective receive does not see.
    pub(super) fn of_signal(signal: &'a Signal) -> Option<MessageRef<'a, M>> {
        match signal {
            Signal::Exit(exit) => Some(MessageRef::Exit(exit)),
            Signal::Down(down) => Some(MessageRef::Down(down)),
            Signal::Timer(timer) => Some(MessageRef::Timer(timer)),
            Signal::Stop(_) | Signal::System(_) | Signal::Deposit(_) => None,
        }
    }
}

/// An element of a process's mailbox, for behaviours: a message, or a boxed signal.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third kind of mail")]
pub enum Mail<M> {
    /// A message that was sent to the process.
    Message(M),
    /// A signal; never refused by a bound.
    Signal(Box<Signal>),
}

/// A signal that is handled in order with the messages of a process.
#[derive(Debug)]
#[non_exhaustive]
pub enum Signal {
    /// See [`Message::Exit`].
    Exit(Exit),
    /// See [`Message::Down`].
    Down(Down),
    /// See [`Message::Timer`].
    Timer(TimerRef),
    /// A request to end with this reason. A behaviour cleans up first; a plain process ends at the receive that reaches
    /// the request.
    Stop(Exit),
    /// A system request. Only behaviours receive them.
    System(Box<dyn SystemRequest>),
    /// A message that its sender may take back until it is received: see
    /// [`Call::through_restart`](crate::Call::through_restart). No receive gives it: the process gets a
    /// [`Mail::Message`], or nothing if it was taken back.
    Deposit(AnyDeposit),
}

impl<M> Mail<M> {
    #[inline]
    pub(super) fn is_deposit(&self) -> bool {
        matches!(self, Mail::Signal(signal) if matches!(**signal, Signal::Deposit(_)))
    }

    /// Converts to what a plain process receives; `None` for signals that only behaviours see.
    #[inline]
    pub(super) fn into_message(self) -> Option<Message<M>> {
        match self {
            Mail::Message(message) => Some(Message::User(message)),
            Mail::Signal(signal) => match *signal {
                Signal::Exit(exit) => Some(Message::Exit(exit)),
                Signal::Down(down) => Some(Message::Down(down)),
                Signal::Timer(timer) => Some(Message::Timer(timer)),
                Signal::Stop(_) | Signal::System(_) | Signal::Deposit(_) => None,
            },
        }
    }
}

/// A message in a mailbox that its sender may take back until it is received, without its type. No receive returns it: the
/// message in it is received as a [`Mail::Message`].
pub struct AnyDeposit(pub(super) Arc<dyn Any + Send + Sync>);

impl fmt::Debug for AnyDeposit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyDeposit")
    }
}
