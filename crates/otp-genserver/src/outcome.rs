use std::fmt;
use std::time::Duration;

use otp_core::{Down, Exit, ExitReason, ReplyTo};

use crate::server::GenServer;

/// The type of messages that a server does not have: nobody can make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum NoMessage {}

/// What `init` decides.
#[non_exhaustive]
pub enum Init<S: GenServer> {
    /// Start with this state.
    Ok(S),
    /// Start; if no message arrives within the time, `handle_info` gets [`Info::Timeout`].
    Timeout(S, Duration),
    /// Start, and give back memory that is not needed while the server waits.
    Hibernate(S),
    /// Start; `handle_continue` runs before any message is handled, after `start` has returned.
    Continue(S, S::Continue),
    /// Do not start, and that is no error: the process ends with `Normal`, `start` returns
    /// [`StartError::Ignore`](crate::StartError::Ignore).
    Ignore,
    /// Do not start: the process ends with the reason, `start` returns it.
    Stop(ExitReason),
    /// Do not start: `start` returns the reason, but the process ends with `Normal`, which is no crash.
    Error(ExitReason),
}

/// What a callback decides.
#[non_exhaustive]
pub enum Next<S: GenServer> {
    /// Wait for the next message. (OTP's `noreply`: a reply goes through its [`ReplyTo`].)
    Receive,
    /// Wait for the next message; if none arrives within the time, `handle_info` gets [`Info::Timeout`]. With zero,
    /// messages that wait already come first.
    Timeout(Duration),
    /// Wait for the next message, and give back memory that is not needed meanwhile.
    Hibernate,
    /// Run `handle_continue` before any other message is handled, also before those that wait already.
    Continue(S::Continue),
    /// End: `terminate` runs, then the process ends with the reason. Callers that have no reply fail with it.
    Stop(ExitReason),
    /// As `Stop`; the reply is sent after `terminate` has run. Made by [`Next::stop_reply`].
    StopReply(ExitReason, PendingReply),
}

impl<S: GenServer> Next<S> {
    /// End with `reason`, and answer the caller when `terminate` has run.
    pub fn stop_reply<R: Send + 'static>(reason: ExitReason, from: ReplyTo<R>, value: R) -> Next<S> {
        Next::StopReply(reason, PendingReply(Box::new(move || from.reply(value))))
    }
}

/// A reply that is sent when the server has terminated.
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
    /// A message of the server's own that is neither.
    Info(&'a S::Info),
}

/// As the server shows it.
impl<S: GenServer> fmt::Debug for Incoming<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        S::format_message(self, f)
    }
}

/// A message that is neither a call nor a cast.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Info<T> {
    /// A message of the server's own.
    Message(T),
    /// An exit signal, while the server traps exits; not the parent's, which ends the server.
    Exit(Exit),
    /// A monitored process has ended.
    Down(Down),
    /// No message arrived within the time that the last callback asked for.
    Timeout,
}
