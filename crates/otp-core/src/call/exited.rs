use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt;

use crate::cell::{Answer, Caller};
use crate::exit::ExitReason;
use crate::node::Outbound;
use crate::process::{For, Foreign, Party, Pid, Process, Side, Ties, TimeLimit, wait_for};
use crate::scope::Elapsed;
use crate::switch::{Switch, let_others_first};
use crate::system::System;

/// Waits for the end of a process and returns its exit reason; made by [`System::exited`],
/// [`ProcessRef::exited`](crate::ProcessRef::exited) and [`Address::exited`](crate::Address::exited).
///
/// It observes the process from the moment when it is made, polled or not, so that no exit is missed. It is ready after
/// the links and monitors of the process have fired.
#[must_use = "futures do nothing unless awaited"]
pub struct Exited {
    end: End,
    system: System,
    switch: Switch,
    foreign: Foreign,
}

/// What is known of the end.
enum End {
    Ahead(Watch),
    /// The reason, until it is given out.
    Known(Option<ExitReason>),
}

struct Watch {
    caller: Caller<Infallible, ExitReason>,
    pid: Pid,
    key: usize,
    /// The stand-in that is watched, if the process runs elsewhere: by its pid another one may be found later.
    far: Option<Arc<dyn Party>>,
}

impl Exited {
    pub(crate) fn of(ties: &Ties) -> Exited {
        Exited::watching(ties, None)
    }

    /// As [`of`](Exited::of), of a process that has probably ended: then nothing has to be set up.
    pub(crate) fn of_ended(ties: &Ties) -> Exited {
        ties.reason().map_or_else(|| Exited::of(ties), |reason| Exited::known(&ties.system, reason))
    }

    pub(crate) fn known(system: &System, reason: ExitReason) -> Exited {
        Exited::new(system, End::Known(Some(reason)))
    }

    fn watching(ties: &Ties, far: Option<Arc<dyn Party>>) -> Exited {
        let caller = Caller::without_token();
        let end = match ties.watch(caller.waiter()) {
            Ok(key) => End::Ahead(Watch { caller, pid: ties.pid, key, far }),
            Err(reason) => End::Known(Some(reason)),
        };
        Exited::new(&ties.system, end)
    }

    fn new(system: &System, end: End) -> Exited {
        Exited { end, system: system.clone(), switch: Switch::of(system), foreign: Foreign::default() }
    }

    /// Whether nothing is waited for: the process had ended before the future was made, or the reason was given out.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let process = system.spawn(async |_: ProcessContext<()>| {});
    /// let exited = process.exited();
    /// assert!(!exited.was_over());
    /// assert_eq!(exited.await, ExitReason::Normal);
    /// assert!(system.exited(process.pid()).was_over(), "there is no such process any more");
    /// # }).unwrap();
    /// ```
    pub fn was_over(&self) -> bool {
        matches!(self.end, End::Known(_))
    }

    /// Waits for the end for `limit` at the longest. The process is observed until the handle is dropped, so that the
    /// handle can be asked again. A limit of zero looks once.
    ///
    /// Unlike [`System::timeout`] around it, this is known as a wait for that process: a call that it makes to the process
    /// that waits here is a [`CallError::Deadlock`](crate::CallError::Deadlock) at once.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let process = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    /// let mut exited = process.exited();
    /// assert!(exited.within(Duration::from_millis(1)).await.is_err());
    /// process.exit(ExitReason::Kill);
    /// assert_eq!(exited.await, ExitReason::Killed);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Elapsed`] if the process has not ended within the limit.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    pub async fn within(&mut self, limit: Duration) -> Result<ExitReason, Elapsed> {
        // Otherwise it waits, which lets others run, and is woken in the order of the ends.
        if limit.is_zero() {
            let_others_first(&self.system).await;
            self.switch = Switch::NONE;
        }
        let (runtime, mut time) = (self.system.runtime().clone(), TimeLimit::new(limit));
        let poll = |cx: &mut Context<'_>| match self.poll_unpin(cx) {
            Poll::Ready(reason) => Poll::Ready(Ok(reason)),
            Poll::Pending => time.poll(&runtime, cx).map(|()| Err(Elapsed { limit })),
        };
        poll_fn(poll).await
    }
}

impl System {
    /// Waits for the end of a process and returns its exit reason; `NoProc` if there is no such process (any more),
    /// `NoConnection` if its node cannot be reached.
    pub fn exited(&self, pid: Pid) -> Exited {
        match self.party(pid) {
            Ok(process) => match process.side() {
                Side::Here(_) => Exited::of(process.ties()),
                Side::There(peer) => {
                    let exited = Exited::watching(process.ties(), Some(process.clone()));
                    if !exited.was_over() {
                        peer.send(pid, Outbound::Watch);
                    }
                    exited
                }
            },
            Err(reason) => Exited::known(self, reason),
        }
    }
}

impl Future for Exited {
    type Output = ExitReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        let this = &mut *self;
        let answer = match &mut this.end {
            End::Ahead(watch) => watch.caller.poll(cx.waker()).map(|answer| match answer {
                Answer::Exited(reason) => reason,
                Answer::Dropped | Answer::Shed => ExitReason::NoProc,
                Answer::Reply(never) => match never {},
            }),
            End::Known(reason) => reason.take().map_or(Poll::Pending, Poll::Ready),
        };
        let is_held = this.switch.before(&answer, cx).is_pending();
        if is_held || Process::current_is_about_to_end() {
            let Poll::Ready(reason) = answer else {
                // Whoever waits for the end of a process that waits for it may wait for ever, as a caller.
                if let End::Ahead(watch) = &this.end {
                    let told = wait_for(cx, &this.system, watch.pid, None, For::End { key: watch.key });
                    debug_assert!(told.is_none(), "only a call is told");
                }
                return this.foreign.wait_for_inner(cx).or_leave();
            };
            // To be told at the next poll.
            this.end = End::Known(Some(reason));
            // That end may have come at once, and with it the signal that ends the one that waits: it goes no further.
            return if is_held { Poll::Pending } else { this.foreign.wait_for_inner(cx).or_leave() };
        }
        if answer.is_ready() {
            // Nobody has to be told that it waits no longer.
            this.end = End::Known(None);
        }
        answer
    }
}

impl Drop for Exited {
    fn drop(&mut self) {
        let End::Ahead(Watch { pid, key, far, .. }) = &self.end else { return };
        match far {
            Some(process) => process.ties().unwatch(*key),
            None => {
                if let Ok(process) = self.system.party(*pid) {
                    process.ties().unwatch(*key);
                }
            }
        }
    }
}

impl fmt::Debug for Exited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exited")
    }
}
