use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::destination::Address;
use crate::process::{Foreign, ProcessRef, SendError, has_to_yield};

/// Sends a message when it is awaited; made by [`ProcessRef::send`].
#[must_use = "the message is sent when this is awaited"]
pub struct Sending<M: Send + 'static> {
    /// The address of one process.
    to: Address<M>,
    message: Option<M>,
    /// The place in the line for room in a bounded mailbox.
    ticket: Option<usize>,
    foreign: Foreign,
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message; waits while the mailbox is bounded and full (backpressure). A process yields to others after
    /// [`Process::BUDGET`](crate::Process::BUDGET) messages in a row.
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the message back when the process has ended, also while waiting. (In Erlang the message is
    /// dropped silently; ignore the error to get this behaviour.)
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent and is dropped.
    pub fn send(&self, message: M) -> Sending<M> {
        Sending::new(self.into(), message)
    }
}

impl<M: Send + 'static> Sending<M> {
    pub(super) fn new(to: Address<M>, message: M) -> Sending<M> {
        Sending { to, message: Some(message), ticket: None, foreign: Foreign::default() }
    }
}

impl<M: Send + 'static> Unpin for Sending<M> {}

impl<M: Send + 'static> Future for Sending<M> {
    type Output = Result<(), SendError<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Sending { to, message, ticket, foreign } = self.get_mut();
        if !(ticket.is_none() && has_to_yield(cx))
            && let Poll::Ready(sent) = to.poll_send(message, ticket, cx.waker())
        {
            return Poll::Ready(sent.map(drop).map_err(|message| SendError::NoProc { to: to.target(), message }));
        }
        foreign.wait(cx).or_leave()
    }
}

impl<M: Send + 'static> Drop for Sending<M> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.to.leave(ticket);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Sending<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sending(to {})", self.to.target())
    }
}
