use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::destination::Address;
use crate::process::{Foreign, ProcessRef, SendError, has_to_yield};
use crate::switch::Switch;

/// Sends a message when it is awaited; made by [`ProcessRef::send`].
#[must_use = "the message is sent when this is awaited"]
pub struct Sending<M: Send + 'static> {
    /// The address of one process.
    to: Address<M>,
    message: Option<M>,
    place: Place,
    foreign: Foreign,
}

/// How far a message has come.
enum Place {
    /// Nobody has tried to send it.
    New,
    /// Others were let run before it is sent, where that is due; with the place in the line for room in a bounded mailbox.
    Begun(Option<usize>),
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
        Sending { to: self.into(), message: Some(message), place: Place::New, foreign: Foreign::default() }
    }
}

impl<M: Send + 'static> Sending<M> {
    /// The future of [`Address::send`], which has let others run before it looked for the process.
    pub(super) fn begun(to: Address<M>, message: M) -> Sending<M> {
        Sending { to, message: Some(message), place: Place::Begun(None), foreign: Foreign::default() }
    }
}

impl<M: Send + 'static> Unpin for Sending<M> {}

impl<M: Send + 'static> Future for Sending<M> {
    type Output = Result<(), SendError<M>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Place::New = this.place {
            this.place = Place::Begun(None);
            ready!(Switch::of(this.to.system()).poll(cx));
        }
        let Sending { to, message, place: Place::Begun(ticket), foreign } = this else { unreachable!("it has begun") };
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
        if let Place::Begun(Some(ticket)) = self.place {
            self.to.leave(ticket);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Sending<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sending(to {})", self.to.target())
    }
}
