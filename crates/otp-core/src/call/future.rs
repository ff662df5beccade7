use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::error::{CallError, Callee};
use super::request::Request;
use super::slot::{Answer, From, Slot};
use crate::address::Address;
use crate::process::{Pid, Process, ProcessRef, TrySendError, Waiter};
use crate::runtime::{Sleep, Step};

/// A call that waits to be sent, and then for its answer. It is sent when it is first polled.
///
/// Without more ado it waits for five seconds, as OTP's `gen_server:call/2`. The timer is armed only if the call
/// really has to wait.
///
/// A callee that ends before it answers resolves the call at once with its exit reason. An answer that comes after
/// the call was given up is never seen by anyone.
///
/// # Errors
///
/// See [`CallError`].
///
/// # Cancel safety
///
/// Dropping it gives the call up. If it was polled, the callee may have the request, and will handle it.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<M: Send + 'static, R: Send + 'static> {
    to: Address<M>,
    message: Option<M>,
    slot: Arc<Slot<R>>,
    limit: Option<Duration>,
    /// The bound of the callee's mailbox does not hold for it.
    beyond: bool,
    stage: Stage<M>,
    sleep: Option<Sleep>,
}

enum Stage<M> {
    Unsent,
    /// In the line for room in a bounded mailbox.
    Queueing(ProcessRef<M>, Option<usize>),
    /// Sent; the number is the place among those that the callee tells of its end.
    Waiting(ProcessRef<M>, Option<usize>),
    Over,
}

/// The time limit of a call that names none: that of OTP.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

impl<M: Send + 'static, R: Send + 'static> Call<M, R> {
    /// A call of `to` with the message that `make` builds around the reply token.
    pub fn new(to: impl Into<Address<M>>, make: impl FnOnce(From<R>) -> M) -> Call<M, R> {
        let (slot, from) = Slot::with_token();
        let message = Some(make(from));
        Call {
            to: to.into(),
            message,
            slot,
            limit: Some(DEFAULT_TIMEOUT),
            beyond: false,
            stage: Stage::Unsent,
            sleep: None,
        }
    }

    /// Waits for at most `limit`, from the first poll on.
    pub fn timeout(mut self, limit: Duration) -> Call<M, R> {
        self.limit = Some(limit);
        self
    }

    /// Waits without limit.
    pub fn no_timeout(mut self) -> Call<M, R> {
        self.limit = None;
        self
    }

    /// Has the request sent also where the bound of the mailbox would hold it up; for the system messages of
    /// behaviours.
    #[doc(hidden)]
    pub fn beyond_bound(mut self) -> Call<M, R> {
        self.beyond = true;
        self
    }

    /// Sends the request now and returns at once; the answer is fetched later, by the [`Request`]. Where a bounded
    /// mailbox is full, the request is sent when there is room and the `Request` is being waited for.
    ///
    /// If the callee's bounded mailbox is full, the request stands in line for room while the [`Request`] is waited
    /// for.
    pub fn send_request(mut self) -> Request<R> {
        self.limit = None;
        let failed = match self.stage {
            Stage::Unsent => self.send(ProcessRef::try_send).err(),
            _ => None,
        };
        let system = self.to.system().clone();
        Request::new(system, async move {
            match failed {
                Some(error) => Err(error),
                None => self.await,
            }
        })
    }

    /// Sends the message with `send`, or joins the line for a place in the mailbox.
    fn send(&mut self, send: impl FnOnce(&ProcessRef<M>, M) -> Result<(), TrySendError<M>>) -> Result<(), CallError> {
        let Some(process) = self.to.resolve() else { return Err(CallError::NoProc(self.callee(None))) };
        if Process::current_pid(process.system()) == Some(process.pid()) {
            return Err(CallError::CallingSelf(self.callee(Some(process.pid()))));
        }
        let Some(message) = self.message.take() else { return Ok(()) };
        let sent = match self.beyond {
            false => send(&process, message),
            true => process.send_beyond(message).map_err(TrySendError::from),
        };
        self.stage = match sent {
            Ok(()) => Stage::Waiting(process, None),
            Err(TrySendError::NoProc { .. }) => return Err(CallError::NoProc(self.callee(Some(process.pid())))),
            Err(TrySendError::Full { message, .. }) => {
                self.message = Some(message);
                Stage::Queueing(process, None)
            }
        };
        Ok(())
    }

    fn poll_queueing(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        let Stage::Queueing(process, place) = &mut self.stage else { return Poll::Ready(Ok(())) };
        let sent = process.poll_send(&mut self.message, place, cx.waker());
        let process = process.clone();
        match sent {
            Poll::Ready(Ok(())) => {
                self.stage = Stage::Waiting(process, None);
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(_)) => {
                // It was alive when it was called: why it ended is the answer, not the token that comes back.
                self.stage = Stage::Waiting(process, None);
                Poll::Ready(Ok(()))
            }
            Poll::Pending => {
                let after = ready!(self.poll_limit(cx));
                let limit = process.queue().1.unwrap_or_default();
                Poll::Ready(Err(CallError::Full { callee: self.callee(Some(process.pid())), limit, after }))
            }
        }
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        let Stage::Waiting(process, _) = &self.stage else { return Poll::Pending };
        let process = process.clone();
        loop {
            match self.slot.poll(cx.waker()) {
                Poll::Ready(Answer::Reply(reply)) => return Poll::Ready(Ok(reply)),
                Poll::Ready(Answer::Exited(reason)) => {
                    return Poll::Ready(Err(CallError::Exited { callee: self.callee(Some(process.pid())), reason }));
                }
                Poll::Ready(Answer::Dropped) if process.header().state.has_ended() => {
                    // The token went with the callee's state. Its exit is about to be published, or just was.
                    self.slot.reopen();
                    self.unwatch();
                }
                Poll::Ready(Answer::Dropped) => {
                    return Poll::Ready(Err(CallError::NoReply(self.callee(Some(process.pid())))));
                }
                Poll::Pending => {}
            }
            if self.is_watching() {
                break;
            }
        }
        let after = ready!(self.poll_limit(cx));
        Poll::Ready(Err(CallError::Timeout {
            callee: self.callee(Some(process.pid())),
            after,
            queued: process.queue().0,
            doing: process.system().doing(process.header()),
        }))
    }

    /// Has the callee tell of its end; false if that has changed something, so that the slot is to be looked at
    /// again: the callee has ended, or may have answered before it was watched.
    fn is_watching(&mut self) -> bool {
        let Stage::Waiting(process, place @ None) = &mut self.stage else { return true };
        match process.header().watch(self.slot.clone()) {
            Ok(new) => {
                *place = Some(new);
                note_waiting::<M>(process, new);
            }
            Err(reason) => self.slot.exited(&reason),
        }
        false
    }

    fn unwatch(&mut self) {
        if let Stage::Waiting(process, place) = &mut self.stage
            && let Some(place) = place.take()
        {
            process.header().unwatch(place);
            process.system().note(|| Step::Called { callee: process.pid(), place });
        }
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        let Some(limit) = self.limit else { return Poll::Pending };
        let system = self.to.system();
        ready!(Pin::new(self.sleep.get_or_insert_with(|| system.sleep(limit))).poll(cx));
        Poll::Ready(limit)
    }

    fn callee(&self, pid: Option<Pid>) -> Callee {
        Callee { label: self.to.label(), pid }
    }

    /// Stops waiting, wherever the call stands.
    fn give_up(&mut self) {
        self.unwatch();
        if let Stage::Queueing(process, Some(place)) = &self.stage {
            process.leave(*place);
        }
        self.stage = Stage::Over;
        self.slot.abandon();
    }
}

/// Tells the observer, if there is one, who waits for whom.
fn note_waiting<M: Send + 'static>(callee: &ProcessRef<M>, place: usize) {
    callee.system().note(|| {
        let caller = Process::current_pid(callee.system()).unwrap_or(Pid::SYSTEM);
        Step::Calls { caller, callee: callee.pid(), place, message: std::any::type_name::<M>() }
    });
}

impl<M: Send + 'static, R: Send + 'static> Unpin for Call<M, R> {}

impl<M: Send + 'static, R: Send + 'static> Future for Call<M, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = 'outcome: {
            if let Stage::Unsent = this.stage
                && let Err(error) = this.send(ProcessRef::send_and_run)
            {
                break 'outcome Err(error);
            }
            if let Err(error) = ready!(this.poll_queueing(cx)) {
                break 'outcome Err(error);
            }
            ready!(this.poll_answer(cx))
        };
        if Process::current_is_doomed() {
            // The answer is here, and so is the signal that ends the caller, perhaps by the callee's end: the caller
            // waits, and does not go on.
            return Poll::Pending;
        }
        this.give_up();
        Poll::Ready(outcome)
    }
}

impl<M: Send + 'static, R: Send + 'static> Drop for Call<M, R> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<M: Send + 'static, R: Send + 'static> fmt::Debug for Call<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call(to {:?})", self.to)
    }
}
