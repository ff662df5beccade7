use std::fmt;
use std::time::Duration;

use otp_core::{Down, Exit, ExitReason, ReplyTo, TimerRef};

use crate::server::GenServer;

/// The message type for a kind of message that a server does not have: it has no values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum NoMessage {}

/// The decision of `init`.
#[non_exhaustive]
pub enum Init<S: GenServer> {
    /// Starts with this state.
    Ok(S),
    /// Starts; if no message arrives within the time, `handle_info` gets [`Info::Timeout`].
    Timeout(S, Duration),
    /// Starts, and frees memory that is not needed while the server waits.
    Hibernate(S),
    /// Starts; `handle_continue` runs before any message is handled, after `start` has returned.
    Continue(S, S::Continue),
    /// Does not start, and this is not an error: the process ends with `Normal`, and `start` returns
    /// [`StartError::Ignore`](crate::StartError::Ignore).
    Ignore,
    /// Does not start: the process ends with the reason, and `start` returns it.
    Stop(ExitReason),
    /// Does not start: `start` returns the reason, but the process ends with `Normal`, which is not a crash.
    Error(ExitReason),
}

/// The decision of a callback: what the server does next.
#[non_exhaustive]
pub enum Next<S: GenServer> {
    /// Waits for the next message. (OTP's `noreply`: a reply goes through its [`ReplyTo`].)
    Receive,
    /// Waits for the next message; if none arrives within the time, `handle_info` gets [`Info::Timeout`]. With a time
    /// of zero, messages that are already in the mailbox come first.
    Timeout(Duration),
    /// Waits for the next message, and frees memory that is not needed meanwhile.
    Hibernate,
    /// Runs `handle_continue` before any other message is handled, including those already in the mailbox.
    Continue(S::Continue),
    /// Ends the server: `terminate` runs, then the process ends with the reason. Callers without a reply fail with it.
    Stop(ExitReason),
    /// Ends the server as `Stop` does; the reply is sent after `terminate` has run. Made by [`Next::stop_reply`].
    StopReply(ExitReason, PendingReply),
}

impl<S: GenServer> Next<S> {
    /// Ends the server with `reason`, and answers the caller after `terminate` has run.
    pub fn stop_reply<R: Send + 'static>(reason: ExitReason, from: ReplyTo<R>, value: R) -> Next<S> {
        Next::StopReply(reason, PendingReply(Box::new(move || from.reply(value))))
    }
}

/// A reply that is sent after the server has terminated.
pub struct PendingReply(Box<dyn FnOnce() + Send>);

impl PendingReply {
    pub(crate) fn send(self) {
        (self.0)();
    }
}

impl fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingReply")
    }
}

/// A message that a server is about to handle, for [`GenServer::format_message`].
#[non_exhaustive]
pub enum Incoming<'a, S: GenServer> {
    /// A call.
    Call(&'a S::Call),
    /// A cast.
    Cast(&'a S::Cast),
    /// A message that is neither a call nor a cast.
    Info(&'a S::Info),
}

/// Formats the message with [`GenServer::format_message`].
impl<S: GenServer> fmt::Debug for Incoming<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        S::format_message(self, f)
    }
}

/// A message that is neither a call nor a cast, the argument of
/// [`GenServer::handle_info`](crate::GenServer::handle_info).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Info<T> {
    /// A message of the type [`GenServer::Info`](crate::GenServer::Info).
    Message(T),
    /// An exit signal, while the server traps exits. The exit signal of the parent ends the server instead.
    Exit(Exit),
    /// A monitored process has ended.
    Down(Down),
    /// A timer of the server has fired; see [`Process::set_timer`](otp_core::Process::set_timer).
    Timer(TimerRef),
    /// No message arrived within the time that the last callback asked for.
    Timeout,
}
