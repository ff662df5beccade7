use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use super::request::SystemRequest;
use crate::call::{CallError, Callee, Cycle, DEFAULT_TIMEOUT, ReplyTo};
use crate::cell::{Answer, Caller, slot};
use crate::exit::ExitReason;
use crate::info::ProcessInfo;
use crate::process::{AnyProcess, Arrival, For, Pid, Process, Signal, Target, TimeLimit, has_to_wait, wait_for};
use crate::runtime::Step;
use crate::system::System;

/// Sends a system request to a process and waits for its answer. The request is sent at the first poll.
///
/// Like a [`Call`](crate::Call), it has a timeout of five seconds by default, fails at once when the process ends, and
/// fails if the process sends it to itself. Unlike a call it does not depend on the message type of the process, and a
/// bounded mailbox does not delay it. A process of another node cannot be asked: there is no connection.
///
/// # Errors
///
/// An `E`, which the request itself may answer with; a [`CallError`] if there is no answer.
///
/// # Cancel safety
///
/// Dropping it gives up the request. If it was polled, the process may have received the request, and will serve it.
#[must_use = "a system request is sent when it is awaited"]
pub struct Ask<R: Send + 'static, E: Send + 'static = CallError> {
    system: System,
    to: Target,
    /// `None` once it has been sent.
    request: Option<Box<dyn SystemRequest>>,
    name: &'static str,
    /// Whether others have been let run before, in a simulation.
    begun: bool,
    caller: Caller<Result<R, E>, ExitReason>,
    limit: TimeLimit,
    asked: Option<Asked>,
}

/// The process that was asked.
struct Asked {
    process: Arc<dyn AnyProcess>,
    /// The key of the waiter for the process's end; `None` if the answer does not come from the process.
    key: Option<usize>,
    /// Where the request is among what has come into its mailbox.
    place: Arrival,
}

/// Sends a system request to a process; `make` builds the request around the token for its answer.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::behaviour::{SystemRequest, Systemic, ask};
/// use otp::process::ProcessInfo;
/// use otp::{ProcessContext, ReplyTo};
///
/// /// How many messages wait.
/// struct Backlog(ReplyTo<Result<usize, otp::CallError>>);
///
/// impl SystemRequest for Backlog {
///     fn name(&self) -> &'static str {
///         "backlog"
///     }
///     fn serve(self: Box<Self>, by: &mut dyn Systemic) {
///         let info = by.process().system().info(by.process().pid());
///         self.0.reply(Ok(info.map_or(0, |info| info.queue)));
///     }
///     fn answer(self: Box<Self>, about: ProcessInfo) {
///         self.0.reply(Ok(about.queue));
///     }
/// }
///
/// let busy = system.spawn(async |_: ProcessContext<u32>| std::future::pending::<()>().await);
/// busy.send(1).await.unwrap();
/// assert_eq!(ask(&system, busy.pid(), |from| Box::new(Backlog(from))).await, Ok(1));
/// # }).unwrap();
/// ```
pub fn ask<R: Send + 'static, E: Send + 'static>(
    system: &System,
    to: impl Into<Target>,
    make: impl FnOnce(ReplyTo<Result<R, E>>) -> Box<dyn SystemRequest>,
) -> Ask<R, E> {
    let (caller, token) = slot();
    let request = make(ReplyTo::new(token));
    Ask {
        system: system.clone(),
        to: to.into(),
        name: request.name(),
        begun: false,
        request: Some(request),
        caller,
        limit: TimeLimit::new(DEFAULT_TIMEOUT),
        asked: None,
    }
}

impl<R: Send + 'static, E: Send + 'static> Ask<R, E> {
    /// Sets the timeout to `limit`, from the first poll on.
    pub fn timeout(mut self, limit: Duration) -> Ask<R, E> {
        self.limit = TimeLimit::new(limit);
        self
    }

    /// Removes the timeout.
    pub fn no_timeout(mut self) -> Ask<R, E> {
        self.limit = TimeLimit::NEVER;
        self
    }

    /// Sends the request; or answers it here, if the process is not a behaviour.
    fn send(&mut self, request: Box<dyn SystemRequest>) -> Result<(), CallError> {
        if matches!(self.to, Target::Pid(pid) if !pid.is_here()) {
            let elsewhere = |callee| CallError::Exited { callee, reason: ExitReason::NoConnection, begun: false };
            return Err(self.undone(request, elsewhere));
        }
        let found = self.system.find(&self.to);
        let Some(process) = found else { return Err(self.undone(request, CallError::NoProc)) };
        let (pid, is_behaviour) = (process.header().pid, process.header().is_behaviour());
        self.asked = Some(Asked { process: process.clone(), key: None, place: Arrival::NOWHERE });
        if process.header().is_present() {
            return Err(self.undone(request, CallError::CallingSelf));
        }
        if !is_behaviour {
            let Some(info) = ProcessInfo::of(&self.system, pid) else {
                return Err(self.undone(request, CallError::NoProc));
            };
            request.answer(info);
            return Ok(());
        }
        let from = Process::current_pid(&self.system).unwrap_or(Pid::SYSTEM);
        self.system.note(|| Step::Asked { from, to: pid, request: self.name });
        let Ok(key) = process.header().watch(self.caller.waiter()) else {
            return Err(self.undone(request, CallError::NoProc));
        };
        self.asked = Some(Asked { process: process.clone(), key: Some(key), place: Arrival::UNKNOWN });
        self.system.note(|| Step::Calls { caller: from, callee: pid, key, message: self.name });
        match process.push_signal(Box::new(Signal::System(request))) {
            Ok(added) => {
                let place = process.header().notify_pushed(added);
                self.asked = self.asked.take().map(|asked| Asked { place, ..asked });
            }
            Err(refused) => return Err(self.undone(refused, CallError::NoProc)),
        }
        Ok(())
    }

    /// Drops an unsent request, once nothing waits for it any more, and returns the error.
    fn undone<T>(&mut self, unsent: T, why: fn(Callee) -> CallError) -> CallError {
        self.caller.abandon();
        drop(unsent);
        why(self.callee())
    }

    fn poll_answer(&mut self, waker: &Waker) -> Poll<Result<Result<R, E>, CallError>> {
        loop {
            match ready!(self.caller.poll(waker)) {
                Answer::Reply(answer) => return Poll::Ready(Ok(answer)),
                Answer::Exited(reason) => {
                    let begun =
                        self.asked.as_ref().is_none_or(|asked| asked.process.header().may_have_received(asked.place));
                    return Poll::Ready(Err(CallError::Exited { callee: self.callee(), reason, begun }));
                }
                // Never shed: it is a signal.
                Answer::Shed => return Poll::Ready(Err(CallError::NoReply(self.callee()))),
                Answer::Dropped if !self.has_ended() => return Poll::Ready(Err(CallError::NoReply(self.callee()))),
                // The token was dropped with the state of the process. Its exit is about to be published, or just was.
                Answer::Dropped => {
                    self.unwatch();
                    self.caller.reopen();
                    if let Some(asked) = &mut self.asked {
                        match asked.process.header().watch(self.caller.waiter()) {
                            Ok(key) => asked.key = Some(key),
                            Err(reason) => self.caller.exited(&reason),
                        }
                    }
                }
            }
        }
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Result<Result<R, E>, CallError>> {
        if self.request.is_some() && has_to_wait(&self.system, &mut self.begun, cx) {
            return Poll::Pending;
        }
        let sent = self.request.take().map_or(Ok(()), |request| self.send(request));
        match sent {
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) => match self.poll_answer(cx.waker()) {
                Poll::Ready(answer) => Poll::Ready(answer),
                Poll::Pending => match self.poll_deadlock(cx) {
                    Some(cycle) => Poll::Ready(Err(CallError::Deadlock { callee: self.callee(), cycle })),
                    None => self.poll_limit(cx).map(Err),
                },
            },
        }
    }

    /// As in a call: notes which process waits for which.
    fn poll_deadlock(&self, cx: &Context<'_>) -> Option<Cycle> {
        let Asked { process, key, place } = self.asked.as_ref()?;
        let (header, what) = (process.header(), For::Answer { key: (*key)?, place: *place });
        wait_for(cx, &self.system, header.pid, Some(header), what)
    }

    fn poll_limit(&mut self, cx: &mut Context<'_>) -> Poll<CallError> {
        ready!(self.limit.poll(self.system.runtime(), cx));
        let callee = self.callee();
        let Some(Asked { process, .. }) = &self.asked else { return Poll::Ready(CallError::NoProc(callee)) };
        let (queued, doing) = (process.queued(), self.system.doing(process.header()));
        Poll::Ready(CallError::Timeout { callee, after: self.limit.limit(), queued, doing, begun: true })
    }

    fn has_ended(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| asked.process.header().state.has_ended())
    }

    fn callee(&self) -> Callee {
        let header = self.asked.as_ref().map(|asked| asked.process.header());
        let label = match &self.to {
            Target::Name(label) | Target::Route { label, .. } => Some(label.clone()),
            Target::Pid(_) => header.and_then(|header| self.system.label_of(header)),
        };
        let known = match self.to {
            Target::Pid(pid) => Some(pid),
            Target::Route { pid, .. } => pid,
            Target::Name(_) => None,
        };
        Callee { label, pid: header.map(|header| header.pid).or(known) }
    }

    fn unwatch(&mut self) {
        if let Some(asked) = &mut self.asked
            && let Some(key) = asked.key.take()
        {
            let header = asked.process.header();
            header.unwatch(key);
            header.note(|| Step::Called { callee: header.pid, key });
        }
    }

    fn give_up(&mut self) {
        self.unwatch();
        self.caller.abandon();
    }
}

impl<R: Send + 'static, E: Send + 'static> Unpin for Ask<R, E> {}

impl<R: Send + 'static, E: From<CallError> + Send + 'static> Future for Ask<R, E> {
    type Output = Result<R, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = match this.poll_outcome(cx) {
            Poll::Ready(outcome) if !Process::current_is_about_to_end() => outcome,
            // As in a call: the signal that ends the asker may be here, and so it does not go on.
            _ => Err(ready!(this.limit.wait(cx).or_fail(|| CallError::Interrupted(this.callee())))),
        };
        this.give_up();
        Poll::Ready(outcome.unwrap_or_else(|error| Err(error.into())))
    }
}

impl<R: Send + 'static, E: Send + 'static> Drop for Ask<R, E> {
    fn drop(&mut self) {
        self.give_up();
    }
}

impl<R: Send + 'static, E: Send + 'static> fmt::Debug for Ask<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ask({} of {})", self.name, self.to)
    }
}
