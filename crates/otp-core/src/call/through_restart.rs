use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::error::CallError;
use super::future::{Call, Progress, found};
use crate::address::AwaitHolder;
use crate::event::CallEnd;
use crate::exit::ExitReason;
use crate::process::{Arrival, Deposit, Pid, Process, ProcessRef, Refused, TimeLimit, has_to_wait};

/// A call that rides through restarts of its callee: the future of [`Call::through_restart`].
#[must_use = "a call is sent when it is awaited"]
pub struct ThroughRestart<M: Send + 'static, R: Send + 'static> {
    /// Has the message as long as no mailbox has it.
    call: Call<M, R>,
    inline: bool,
    /// What lies in the mailbox of the callee, or has been received.
    deposit: Option<Arc<Deposit<M>>>,
    /// How long it may be without a callee, from the first time on.
    limit: TimeLimit,
    /// The next holder that it waits for, and why it does.
    next: Option<(AwaitHolder<M>, CallError)>,
}

impl<M: Send + 'static, R: Send + 'static> Call<M, R> {
    /// Lets the call ride through restarts of its callee: if nobody holds the name that was called, or its holder ends
    /// before it has received the request, the call waits for the next holder and sends the request again. For addresses of
    /// a name or of another route; that of one process has no next holder.
    ///
    /// A request that was received is never sent again, whether its handler came far or not: the error says that it [may
    /// have begun](CallError::may_have_begun). So nothing is done twice, and only a caller whose own request was in the
    /// hands of the callee hears of a crash.
    ///
    /// `limit` is how long the call may be without a callee, in all and from the first time on that it has none. The time
    /// limit of the call counts from its first poll, as ever, and holds for all of it: a server that takes long to start
    /// again may need a longer [`timeout`](Call::timeout) than the usual five seconds. A bounded mailbox is waited for
    /// until then.
    ///
    /// *Order.* A request that is sent again comes behind what its caller has sent to the next holder meanwhile. Two calls of
    /// one caller that ride at the same time may arrive in either order.
    ///
    /// A call through a [mapped](crate::Address::map_message) address waits for a holder, and sends its request once.
    ///
    /// # Errors
    ///
    /// See [`CallError`]. When the limit has passed, the error is that of the last attempt: `NoProc`, or `Exited` with the
    /// reason of the last callee.
    ///
    /// # Cancel safety
    ///
    /// Dropping it gives the call up, and takes the request back unless it was received; so does a time limit. What was
    /// taken back keeps its room in a bounded mailbox until the callee comes to it.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    /// use otp::process::SpawnOptions;
    /// use otp::{Address, Call, ExitReason, Message, Name, ProcessContext, ReplyTo};
    ///
    /// const DOOR: Name<ReplyTo<&str>> = Name::new("door");
    ///
    /// // The first one never looks into its mailbox.
    /// let first = system.spawn_with(SpawnOptions::new().name(DOOR), async |_: ProcessContext<_>| {
    ///     std::future::pending::<()>().await
    /// });
    /// let knock = Call::new(Address::named(&system, DOOR), |from| from).through_restart(Duration::from_secs(1));
    /// let open = async {
    ///     first.unwrap().process.exit(ExitReason::Kill);
    ///     system.await_holder(&DOOR).await.unwrap().exited().await;
    ///     let options = SpawnOptions::new().name(DOOR);
    ///     system.spawn_with(options, async |mut ctx: ProcessContext<ReplyTo<&str>>| {
    ///         let Message::User(from) = ctx.receive().await else { return };
    ///         from.reply("come in");
    ///     })
    /// };
    /// assert_eq!(futures::join!(knock, open).0, Ok("come in"));
    /// # }).unwrap();
    /// ```
    pub fn through_restart(self, limit: Duration) -> ThroughRestart<M, R> {
        let inline = matches!(self.progress, Progress::Unsent { inline: true, .. });
        ThroughRestart { call: self, inline, deposit: None, limit: TimeLimit::new(limit), next: None }
    }
}

impl<M: Send + 'static, R: Send + 'static> ThroughRestart<M, R> {
    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        loop {
            if self.next.is_some() {
                self.call.found = Some(match ready!(self.poll_next(cx)) {
                    Ok(found) => found,
                    Err(error) => return Poll::Ready(Err(error)),
                });
                self.next = None;
            }
            match self.call.progress {
                Progress::Unsent { .. } => {
                    if let Err(error) = self.send() {
                        return Poll::Ready(Err(error));
                    }
                }
                Progress::Queueing(_) => {
                    if let Err(error) = ready!(self.poll_queueing(cx)) {
                        return Poll::Ready(Err(error));
                    }
                }
                Progress::Waiting(..) => match ready!(self.call.poll_answer(cx)) {
                    Err(error @ (CallError::Exited { .. } | CallError::Timeout { .. })) => {
                        if let Some(error) = self.failed(error) {
                            return Poll::Ready(Err(error));
                        }
                    }
                    answer => return Poll::Ready(answer),
                },
                Progress::Over => return Poll::Pending,
            }
        }
    }

    /// The address of the next holder, as long as there is time for it.
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<crate::Address<M>, CallError>> {
        let Some((next, why)) = &mut self.next else { return Poll::Pending };
        let runtime = self.call.to.system().runtime();
        if self.limit.poll(runtime, cx).is_ready() || self.call.limit.poll(runtime, cx).is_ready() {
            return Poll::Ready(Err(why.clone()));
        }
        Pin::new(next).poll(cx).map_err(CallError::from)
    }

    /// Sends the request to the process that holds the name now.
    fn send(&mut self) -> Result<(), CallError> {
        let call = &mut self.call;
        if call.to.header().is_none() && call.found.is_none() {
            call.found = call.to.find()?;
        }
        let Some((callee, header)) = found(&call.to, &call.found) else {
            let nobody = CallError::NoProc(call.callee(None));
            self.await_next(nobody, None);
            return Ok(());
        };
        if header.is_present() {
            return Err(CallError::CallingSelf(call.callee(Some(header.pid))));
        }
        let Some(process) = callee.as_process() else {
            let sent = call.send(ProcessRef::try_push);
            return sent.or_else(|error| self.refused(error));
        };
        let Some(message) = call.message.take() else { return Ok(()) };
        let (pid, mut took, dies) = (header.pid, None, process.dies_before());
        match process.post(message, (self.inline && !dies).then_some(&mut took)) {
            Ok((deposit, place)) => {
                if dies {
                    header.system.exit(pid, ExitReason::Kill);
                }
                self.deposit = Some(deposit);
                call.progress = Progress::Waiting(None, place);
            }
            Err(Refused::Full(message) | Refused::ByPolicy(message)) => {
                call.message = Some(message);
                if call.refuses() {
                    return Err(call.full(Duration::ZERO, false));
                }
                call.progress = Progress::Queueing(None);
            }
            Err(Refused::Closed(message)) => {
                call.message = Some(message);
                let error = CallError::NoProc(call.callee(Some(pid)));
                return self.refused(error);
            }
        }
        if took.is_some_and(|took| took >= self.call.limit.limit()) {
            let error = self.call.timed_out();
            return Err(self.failed(error).expect("no callee is waited for after a time limit"));
        }
        Ok(())
    }

    /// A process was found, and does not receive any more: once its end is told, its name is free.
    fn refused(&mut self, error: CallError) -> Result<(), CallError> {
        if self.call.to.header().is_some() || !matches!(error, CallError::NoProc(_)) {
            return Err(error);
        }
        match self.call.found {
            Some(_) => self.call.progress = Progress::Waiting(None, Arrival::NOWHERE),
            None => self.await_next(error, None),
        }
        Ok(())
    }

    fn poll_queueing(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), CallError>> {
        let call = &mut self.call;
        let Progress::Queueing(ticket) = &mut call.progress else { return Poll::Ready(Ok(())) };
        let Some((callee, _)) = found(&call.to, &call.found) else { return Poll::Pending };
        let Some(process) = callee.as_process() else { return call.poll_queueing(cx) };
        if let Poll::Ready(posted) = process.poll_post(&mut call.message, ticket, cx.waker()) {
            let (deposit, arrival) = posted.unzip();
            let arrival = arrival.unwrap_or(Arrival::NOWHERE);
            self.deposit = deposit;
            call.progress = Progress::Waiting(None, arrival);
            return Poll::Ready(Ok(()));
        }
        let after = ready!(call.poll_limit(cx));
        Poll::Ready(Err(call.full(after, false)))
    }

    /// The callee has ended, or the time is up: takes the request back, and waits for the next callee if that can be.
    /// Otherwise it is the error, which now says whether the request was begun.
    fn failed(&mut self, mut error: CallError) -> Option<CallError> {
        if let Some(deposit) = self.deposit.take() {
            self.call.message = deposit.take_back();
        }
        let is_unsent = self.call.message.is_some();
        if let CallError::Exited { begun, .. } | CallError::Timeout { begun, .. } = &mut error {
            *begun = *begun && !is_unsent;
        }
        if !is_unsent || self.call.to.header().is_some() || !matches!(error, CallError::Exited { .. }) {
            return Some(error);
        }
        let pid = self.call.pid();
        self.call.renew(self.inline);
        self.await_next(error, pid);
        None
    }

    fn await_next(&mut self, why: CallError, than: Option<Pid>) {
        let next = self.call.to.await_holder();
        let next = match than {
            Some(pid) => next.other_than(pid),
            None => next,
        };
        self.next = Some((next, why));
    }
}

impl<M: Send + 'static, R: Send + 'static> Unpin for ThroughRestart<M, R> {}

impl<M: Send + 'static, R: Send + 'static> Future for ThroughRestart<M, R> {
    type Output = Result<R, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Progress::Unsent { .. } = this.call.progress {
            this.call.note_begun();
        }
        if let Progress::Unsent { begun, .. } = &mut this.call.progress
            && this.next.is_none()
            && has_to_wait(this.call.to.system(), begun, cx)
        {
            return Poll::Pending;
        }
        let outcome = match this.poll_outcome(cx) {
            Poll::Ready(outcome) if !Process::current_is_about_to_end() => outcome,
            // As in a call.
            _ => {
                let call = &mut this.call;
                Err(ready!(call.limit.wait(cx).or_fail(|| CallError::Interrupted(call.callee(call.pid())))))
            }
        };
        this.call.note_over(CallEnd::of(&outcome));
        this.call.give_up();
        Poll::Ready(outcome)
    }
}

impl<M: Send + 'static, R: Send + 'static> Drop for ThroughRestart<M, R> {
    fn drop(&mut self) {
        self.call.note_over(CallEnd::GivenUp);
        // First, so that nobody is told of the token that goes with the message.
        self.call.give_up();
        drop(self.deposit.take().and_then(|deposit| deposit.take_back()));
    }
}

impl<M: Send + 'static, R: Send + 'static> fmt::Debug for ThroughRestart<M, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ThroughRestart({:?})", self.call)
    }
}
