use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::callee::Callee;
use super::cycle::Cycle;
use super::error::CallError;
use super::reply_to::ReplyTo;
use super::request::Request;
use crate::address::Address;
use crate::cell::{Answer, Caller, slot};
use crate::event::{CallEnd, CallSeen, Seen};
use crate::exit::ExitReason;
use crate::process::{
    Arrival, For, Header, Overflow, Pid, Process, ProcessRef, TimeLimit, TrySendError, hand_over_nothing, has_to_wait,
    may_go_on, wait_for,
};
use crate::runtime::{Instant, Step};

/// Calls a process: sends a request and waits for the reply. OTP's `gen_server:call/2,3`.
///
/// The request is sent when the call is first polled. By default the call times out after five seconds, as in OTP; see
/// [`timeout`](Call::timeout) and [`no_timeout`](Call::no_timeout). A later reply is dropped.
///
/// If the callee ends before it replies, the call fails at once with the callee's exit reason.
///
/// An idle callee that has been measured to be fast may run on the caller's thread; see [`inline`](Call::inline) and
/// the page `docs/hot-path.md`. One call in 512 on a thread yields to other tasks first.
///
/// # Errors
///
/// See [`CallError`].
///
/// # Cancel safety
///
/// Dropping the future gives up the call. If it was polled, the callee may have received the request, and will handle
/// it.
#[must_use = "a call is sent when it is awaited"]
pub struct Call<M: Send + 'static, R: Send + 'static> {
    pub(super) to: Address<M>,
    /// The address of the process that the route led to, if the call uses a route.
    pub(super) found: Option<Address<M>>,
    pub(super) message: Option<M>,
    caller: Caller<R, ExitReason>,
    pub(super) limit: TimeLimit,
    pub(super) progress: Progress,
}

pub(super) enum Progress {
    Unsent {
        /// Whether the callee may be run here.
        inline: bool,
        /// Whether others have been let run before, in a simulation.
        begun: bool,
    },
    /// In the line for room in a bounded mailbox, with this ticket.
    Queueing(Option<usize>),
    /// Sent; the number is the key of the waiter for the callee's end. The other one is the request's in the mailbox.
    Waiting(Option<usize>, Arrival),
    Over,
}

/// The default timeout of a call: that of OTP.
pub(crate) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

impl<M: Send + 'static, R: Send + 'static> Call<M, R> {
    /// Makes a call to `to`; `make` builds the message around the reply token.
    pub fn new(to: impl Into<Address<M>>, make: impl FnOnce(ReplyTo<R>) -> M) -> Call<M, R> {
        let (caller, token) = slot();
        let message = Some(make(ReplyTo::new(token)));
        let limit = TimeLimit::new(DEFAULT_TIMEOUT);
        Call {
            to: to.into(),
            found: None,
            message,
            caller,
            limit,
            progress: Progress::Unsent { inline: true, begun: false },
        }
    }

    /// Sets the timeout to `limit`, from the first poll on.
    pub fn timeout(mut self, limit: Duration) -> Call<M, R> {
        self.limit.set(TimeLimit::new(limit));
        self
    }

    /// Removes the timeout.
    pub fn no_timeout(mut self) -> Call<M, R> {
        self.limit.set(TimeLimit::NEVER);
        self
    }

    /// Sets whether a deadlock ends the call: by default a call of a process fails at once with
    /// [`CallError::Deadlock`] when the callee waits, through further calls, for the caller, and none of them can go on.
    ///
    /// Switch it off for a call whose answer may come although its callee waits for the caller: the callee has given the
    /// reply token to another process or task, and calls back while it handles the same request. Or the caller drops the
    /// call in time by something that the library does not know, such as a timer of the executor in a `select!`. A process
    /// that waits for such a call is not taken for a part of a deadlock.
    ///
    /// The page `docs/health.md` says which waits take part.
    pub fn detect_deadlock(mut self, on: bool) -> Call<M, R> {
        self.limit.set_watched(on);
        self
    }

    /// Sets whether the call may run its callee on this thread, if the callee is idle and has been measured to be fast: while
    /// it is sent, or as soon as the caller waits. By default it may.
    ///
    /// Switch it off for calls that should run at the same time, such as a `join!` over servers that take a few
    /// microseconds each: run inline, one would wait for the other.
    pub fn inline(mut self, on: bool) -> Call<M, R> {
        self.set_inline(on);
        self
    }

    pub(super) fn set_inline(&mut self, on: bool) {
        if let Progress::Unsent { inline, .. } = &mut self.progress {
            *inline = on;
        }
    }

    /// Sends the request now and returns at once; the returned [`Request`] waits for the answer later.
    ///
    /// If the callee's bounded mailbox is full, the request waits in line for room while the [`Request`] is awaited.
    pub fn send_request(mut self) -> Request<R> {
        self.limit.set(TimeLimit::NEVER);
        self.note_begun();
        let failed = match self.progress {
            Progress::Unsent { .. } => self.send(ProcessRef::try_push).err(),
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

    /// Sends the message with `send`, or joins the line for room in the mailbox.
    pub(super) fn send(
        &mut self,
        send: impl FnOnce(&ProcessRef<M>, M) -> Result<Arrival, TrySendError<M>>,
    ) -> Result<(), CallError> {
        if self.to.header().is_none() {
            self.found = self.to.find()?;
        }
        let Some((callee, header)) = found(&self.to, &self.found) else {
            return Err(CallError::NoProc(self.callee(None)));
        };
        if header.is_present() {
            return Err(CallError::CallingSelf(self.callee(Some(header.pid))));
        }
        let Some(message) = self.message.take() else { return Ok(()) };
        let mut dies = false;
        let send = |callee: &ProcessRef<M>, message| {
            dies = callee.dies_before();
            if dies { callee.try_push(message) } else { send(callee, message) }
        };
        self.progress = match callee.try_send_by(message, send) {
            Ok(place) => {
                if dies {
                    header.system.exit(header.pid, ExitReason::Kill);
                }
                Progress::Waiting(None, place)
            }
            Err(TrySendError::Full { message, .. }) => {
                self.message = Some(message);
                if self.refuses() {
                    return Err(self.full(Duration::ZERO, false));
                }
                Progress::Queueing(None)
            }
            // Not dropped here, because the call still waits for it.
            Err(TrySendError::NoProc { message, .. }) => {
                self.message = Some(message);
                return Err(CallError::NoProc(self.callee(Some(header.pid))));
            }
            Err(TrySendError::WrongType { wrong, message }) => {
                self.message = Some(message);
                return Err(wrong.into());
            }
        };
        Ok(())
    }

    #[inline]
    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        if let Progress::Unsent { .. } = self.progress {
            self.note_begun();
        }
        if let Progress::Unsent { inline, begun } = &mut self.progress {
            let inline = *inline;
            if has_to_wait(self.to.system(), begun, cx) {
                return Poll::Pending;
            }
            let (has_limit, mut took) = (!self.limit.is_never(), None);
            let sent = match inline {
                true => self.send(|callee, message| callee.send_and_run(message, has_limit, &mut took)),
                false => self.send(|callee, message| hand_over_nothing(|| callee.try_push(message))),
            };
            match sent {
                // It was alive when it was called, and has ended before it came to the request.
                Err(CallError::NoProc(_)) if took.is_some() => {
                    self.progress = Progress::Waiting(None, Arrival::NOWHERE);
                }
                Err(error) => return Poll::Ready(Err(error)),
                Ok(()) => {}
            }
            if took.is_some_and(|took| took >= self.limit.limit()) {
                return Poll::Ready(Err(self.timed_out()));
            }
        }
        if let Err(error) = ready!(self.poll_queueing(cx)) {
            return Poll::Ready(Err(error));
        }
        self.poll_answer(cx)
    }

    pub(super) fn poll_queueing(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        let Progress::Queueing(ticket) = &mut self.progress else { return Poll::Ready(Ok(())) };
        let Some((callee, _)) = found(&self.to, &self.found) else { return Poll::Pending };
        if let Poll::Ready(sent) = callee.poll_send(&mut self.message, ticket, cx.waker()) {
            // Also if it has ended: it was alive when it was called, so that why it ended is the answer, and not that the
            // message comes back.
            let place = sent.unwrap_or_else(|message| {
                self.message = Some(message);
                Arrival::NOWHERE
            });
            self.progress = Progress::Waiting(None, place);
            return Poll::Ready(Ok(()));
        }
        may_go_on();
        let after = ready!(self.poll_limit(cx));
        Poll::Ready(Err(self.full(after, false)))
    }

    /// The error of a call for which the callee has no room.
    #[cold]
    pub(super) fn full(&self, after: Duration, shed: bool) -> CallError {
        let limit = match self.lane_bound() {
            Some((limit, _)) => Some(limit),
            None => found(&self.to, &self.found).and_then(|(callee, _)| callee.queue().1),
        };
        CallError::Full { callee: self.callee(self.pid()), limit: limit.unwrap_or_default(), after, shed }
    }

    /// Whether the callee, which has no room for the message, makes nobody wait for it.
    #[cold]
    pub(super) fn refuses(&self) -> bool {
        self.lane_bound().is_some_and(|(_, overflow)| overflow != Overflow::Wait)
    }

    /// The bound of the lane of the message, if that was not sent and the callee has a policy.
    fn lane_bound(&self) -> Option<(usize, Overflow)> {
        let (message, (callee, _)) = (self.message.as_ref()?, found(&self.to, &self.found)?);
        callee.lane_bound(Some(message))
    }

    pub(super) fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        let Progress::Waiting(_, place) = self.progress else { return Poll::Pending };
        loop {
            match self.caller.poll(cx.waker()) {
                Poll::Ready(Answer::Reply(reply)) => return Poll::Ready(Ok(reply)),
                Poll::Ready(Answer::Exited(reason)) => return Poll::Ready(Err(self.exited(reason, place))),
                Poll::Ready(Answer::Shed) => return Poll::Ready(Err(self.full(Duration::ZERO, true))),
                Poll::Ready(Answer::Dropped) if self.callee_has_ended() => {
                    // The token was dropped with the callee's state. Its exit is about to be published, or just was.
                    self.caller.reopen();
                    self.unwatch();
                }
                Poll::Ready(Answer::Dropped) => return Poll::Ready(Err(CallError::NoReply(self.callee(self.pid())))),
                Poll::Pending => {}
            }
            if self.is_watching() {
                break;
            }
        }
        if let Some(cycle) = self.poll_deadlock(cx) {
            return Poll::Ready(Err(CallError::Deadlock { callee: self.callee(self.pid()), cycle }));
        }
        ready!(self.poll_limit(cx));
        Poll::Ready(Err(self.timed_out()))
    }

    /// Notes that the running process waits for the callee, which waits for that process if there is a cycle.
    fn poll_deadlock(&self, cx: &Context<'_>) -> Option<Cycle> {
        let Progress::Waiting(Some(key), place) = self.progress else { return None };
        let (_, header) = found(&self.to, &self.found)?;
        if !self.limit.is_watched() {
            may_go_on();
            return None;
        }
        wait_for(cx, &header.system, header.pid, Some(header), For::Answer { key, place })
    }

    #[cold]
    fn exited(&self, reason: ExitReason, place: Arrival) -> CallError {
        let header = found(&self.to, &self.found).map(|(_, header)| header);
        let begun = header.is_none_or(|header| header.may_have_received(place));
        CallError::Exited { callee: self.callee(self.pid()), reason, begun }
    }

    #[cold]
    pub(super) fn timed_out(&self) -> CallError {
        let after = self.limit.limit();
        let Some((callee, header)) = found(&self.to, &self.found) else { return CallError::NoProc(self.callee(None)) };
        let (queued, doing) = (callee.queue().0, header.system.doing(header));
        let begun = !self.expires();
        CallError::Timeout { callee: self.callee(Some(header.pid)), after, queued, doing, begun }
    }

    /// Takes the request out of the callee's mailbox, if the callee skips requests whose callers have given up.
    #[cold]
    fn expires(&self) -> bool {
        let Progress::Waiting(_, place) = self.progress else { return false };
        found(&self.to, &self.found).is_some_and(|(callee, _)| callee.expire(place))
    }

    /// Registers for the end of the callee; false if the slot has to be checked again: the callee has ended, or may
    /// have answered before the registration.
    fn is_watching(&mut self) -> bool {
        let Progress::Waiting(key @ None, _) = &mut self.progress else { return true };
        let Some((_, header)) = found(&self.to, &self.found) else { return true };
        match header.watch(self.caller.waiter()) {
            Ok(new) => {
                *key = Some(new);
                note_waiting::<M>(header, new);
            }
            Err(reason) => self.caller.exited(&reason),
        }
        false
    }

    fn unwatch(&mut self) {
        if let Progress::Waiting(key, _) = &mut self.progress
            && let Some(key) = key.take()
            && let Some((_, header)) = found(&self.to, &self.found)
        {
            header.unwatch(key);
            header.note(|| Step::Called { callee: header.pid, key });
        }
    }

    pub(super) fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        ready!(self.limit.poll(self.to.system().runtime(), cx));
        Poll::Ready(self.limit.limit())
    }

    fn callee_has_ended(&self) -> bool {
        found(&self.to, &self.found).is_some_and(|(_, header)| header.state.has_ended())
    }

    pub(super) fn pid(&self) -> Option<Pid> {
        found(&self.to, &self.found).map(|(_, header)| header.pid)
    }

    pub(super) fn callee(&self, pid: Option<Pid>) -> Callee {
        Callee { label: self.to.label(), pid }
    }

    /// After the end of a callee that has not received the request: it is to be sent again, with the same token.
    pub(super) fn renew(&mut self, inline: bool) {
        self.unwatch();
        self.caller.renew();
        self.found = None;
        self.progress = Progress::Unsent { inline, begun: true };
    }

    /// Notes when the call begins, if spectators want to know.
    #[inline]
    pub(super) fn note_begun(&mut self) {
        let system = self.to.system();
        if system.seats().are_taken() {
            self.limit.note_begun(|| system.now());
        }
    }

    /// Tells spectators that the call is over, if they saw it begin.
    #[inline]
    pub(super) fn note_over(&mut self, end: CallEnd<'_>) {
        if let Some(since) = self.limit.take_begun() {
            self.tell_over(since, end);
        }
    }

    #[cold]
    fn tell_over(&mut self, since: Instant, end: CallEnd<'_>) {
        let system = self.to.system();
        let callee = found(&self.to, &self.found).map(|(_, header)| Seen(header));
        let seen = CallSeen { callee, end, took: system.now() - since };
        system.seats().all(|spectator| spectator.called(&seen));
    }

    /// Stops waiting, in any state of the call.
    pub(super) fn give_up(&mut self) {
        self.unwatch();
        if let Progress::Queueing(Some(ticket)) = self.progress
            && let Some((callee, _)) = found(&self.to, &self.found)
        {
            callee.leave(ticket);
        }
        if self.caller.abandon() {
            self.expires();
        }
        self.progress = Progress::Over;
    }
}

/// The address of the process that is called: the call's own, or the one that was found. Not a method, since it borrows
/// only two of a call's fields.
pub(super) fn found<'a, M: Send + 'static>(
    to: &'a Address<M>,
    found: &'a Option<Address<M>>,
) -> Option<(&'a Address<M>, &'a Header)> {
    let callee = found.as_ref().unwrap_or(to);
    Some((callee, callee.header()?))
}

/// Reports to the director, if there is one, which process waits for which.
fn note_waiting<M>(callee: &Header, key: usize) {
    callee.note(|| {
        let caller = Process::current_pid(&callee.system).unwrap_or(Pid::SYSTEM);
        Step::Calls { caller, callee: callee.pid, key, message: std::any::type_name::<M>() }
    });
}

impl<M: Send + 'static, R: Send + 'static> Unpin for Call<M, R> {}

impl<M: Send + 'static, R: Send + 'static> Future for Call<M, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = match this.poll_outcome(cx) {
            Poll::Ready(outcome) if !Process::current_is_about_to_end() => outcome,
            // It waits for the answer; or that is here, and so is the signal that ends the caller, perhaps by the
            // callee's end: then the caller waits, too, and does not go on.
            _ => Err(ready!(this.limit.wait(cx).or_fail(|| CallError::Interrupted(this.callee(this.pid()))))),
        };
        this.note_over(CallEnd::of(&outcome));
        this.give_up();
        Poll::Ready(outcome)
    }
}

impl<M: Send + 'static, R: Send + 'static> Drop for Call<M, R> {
    fn drop(&mut self) {
        self.note_over(CallEnd::GivenUp);
        self.give_up();
    }
}

impl<M: Send + 'static, R: Send + 'static> fmt::Debug for Call<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Call(to {:?})", self.to)
    }
}
