use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::channel::oneshot;
use otp_core::{Crash, Doing, ExitReason, Pid, Signal, System};

use crate::callback::Callback;
use crate::contain::contain;
use crate::context::Context;
use crate::outcome::{Incoming, Info, Init, Next, PendingReply};
use crate::server::GenServer;
use crate::server_ref::Envelope;
use crate::start::StartError;
use crate::sys::{Mode, Request};
use crate::turn::{Step, Turn};

/// How the starter is told of the outcome of `init`.
pub(crate) type Ready = oneshot::Sender<Result<(), FailedStart>>;

/// A server that did not start. Its process waits until the starter drops this, so that the starter can cut its ties
/// before the end.
pub(crate) struct FailedStart {
    pub(crate) error: StartError,
    _release: oneshot::Sender<()>,
}

/// A server, as its process holds it: once, for the size of the process is that of what it holds. The futures below
/// borrow it and own little.
pub(crate) struct Server<S: GenServer> {
    pub(crate) ctx: Context<S>,
    life: Life<S>,
    /// Who may tell it to end.
    pub(crate) parent: Option<Pid>,
    /// How long it is idle before it gives back memory.
    pub(crate) hibernate_after: Option<Box<Duration>>,
    pub(crate) mode: Mode,
}

enum Life<S: GenServer> {
    /// Before `init`: its argument, and who waits for its outcome.
    Unborn(S::Args, Ready),
    Alive(S),
    Dead,
}

/// Why a server stops, and whom it answers before it does.
pub(crate) struct Stopping {
    pub(crate) reason: ExitReason,
    pub(crate) reply: Option<PendingReply>,
}

impl Stopping {
    pub(crate) fn because(reason: ExitReason) -> Stopping {
        Stopping { reason, reply: None }
    }
}

impl<S: GenServer> Server<S> {
    pub(crate) fn new(
        inner: otp_core::ProcessContext<Envelope<S>>,
        args: S::Args,
        parent: Option<Pid>,
        hibernate_after: Option<Duration>,
        ready: Ready,
    ) -> Server<S> {
        inner.hold_dropped();
        let life = Life::Unborn(args, ready);
        let hibernate_after = hibernate_after.map(Box::new);
        Server { ctx: Context::new(inner), life, parent, hibernate_after, mode: Mode::Running }
    }

    /// Runs the server to its end; the body of its process.
    pub(crate) async fn run(&mut self) -> ExitReason {
        let Life::Unborn(args, ready) = std::mem::replace(&mut self.life, Life::Dead) else {
            unreachable!("a server is born once")
        };
        let born = contain(|| S::init(args, &mut self.ctx)).await;
        let next = match self.tell_starter(born, ready) {
            Ok(next) => next,
            Err((reason, released)) => {
                // An error: the starter has dropped its end.
                let _ = released.await;
                return reason;
            }
        };
        let served = contain(|| self.serve(next)).await;
        let stopping = served.unwrap_or_else(|crash| Stopping::because(ExitReason::Error(crash)));
        let terminated = self.terminate(&stopping.reason).await;
        self.end(stopping, terminated)
    }

    /// Handles messages until the server is to stop. A panic in a callback comes out of it.
    async fn serve(&mut self, mut next: Next<S>) -> Stopping {
        loop {
            let callback = {
                let step = match Turn::after(next, self) {
                    Ok(turn) => turn.await,
                    Err(decided) => decided,
                };
                match step {
                    Ok(step) => self.handle(step),
                    Err(stopping) => return stopping,
                }
            };
            next = callback.await.unwrap_or_else(Next::Stop);
        }
    }

    /// Takes over the state that `init` made, and tells the starter. If the server does not start: the reason of its
    /// end, and what to wait for before.
    fn tell_starter(&mut self, born: Born<S>, ready: Ready) -> Result<Next<S>, (ExitReason, oneshot::Receiver<()>)> {
        let (state, next) = match born {
            Ok(Ok(Init::Ok(state))) => (state, Next::Receive),
            Ok(Ok(Init::Timeout(state, after))) => (state, Next::Timeout(after)),
            Ok(Ok(Init::Hibernate(state))) => (state, Next::Hibernate),
            Ok(Ok(Init::Continue(state, arg))) => (state, Next::Continue(arg)),
            Ok(Ok(Init::Ignore)) => return Err(refuse(ready, StartError::Ignore, ExitReason::Normal)),
            Ok(Ok(Init::Error(reason))) => return Err(refuse(ready, StartError::Failed(reason), ExitReason::Normal)),
            Ok(Ok(Init::Stop(reason)) | Err(reason)) => {
                return Err(refuse(ready, StartError::Failed(reason.clone()), reason));
            }
            Err(crash) => {
                let reason = ExitReason::Error(crash);
                return Err(refuse(ready, StartError::Failed(reason.clone()), reason));
            }
        };
        self.life = Life::Alive(state);
        // The starter may have given up; then its link or its supervisor ends this process, not this line.
        let _ = ready.send(Ok(()));
        Ok(next)
    }

    /// Runs a callback.
    #[inline]
    fn handle(&mut self, step: Step<S>) -> impl Future<Output = Result<Next<S>, ExitReason>> + Send {
        let Life::Alive(state) = &mut self.life else { unreachable!("a server handles messages until it stops") };
        let ctx = &mut self.ctx;
        match step {
            Step::Call(call) => {
                ctx.inner().begin_handling(Doing::HandlingCall, &Incoming::<S>::Call(&call));
                Callback::Call(state.handle_call(call, ctx))
            }
            Step::Cast(cast) => {
                ctx.inner().begin_handling(Doing::HandlingCast, &Incoming::<S>::Cast(&cast));
                Callback::Cast(state.handle_cast(cast, ctx))
            }
            Step::Info(info) => {
                ctx.inner().begin_handling(Doing::HandlingInfo, &Incoming::<S>::Info(&info));
                Callback::Info(state.handle_info(Info::Message(info), ctx))
            }
            Step::Signal(signal) => {
                ctx.set_doing(Doing::HandlingInfo);
                let info = match *signal {
                    Signal::Exit(exit) => Info::Exit(exit),
                    Signal::Down(down) => Info::Down(down),
                };
                Callback::Info(state.handle_info(info, ctx))
            }
            Step::Timeout => {
                ctx.set_doing(Doing::HandlingInfo);
                Callback::Info(state.handle_info(Info::Timeout, ctx))
            }
            Step::Continue(arg) => {
                ctx.set_doing(Doing::Continuing);
                Callback::Continue(state.handle_continue(arg, ctx))
            }
        }
    }

    /// Does what a system message asks; the reason, if the server is to stop.
    pub(crate) fn handle_system(&mut self, request: Request<S>) -> Option<ExitReason> {
        let Life::Alive(state) = &mut self.life else { unreachable!("a server handles messages until it stops") };
        let stop = request.handle(state, &mut self.mode, &self.ctx);
        if stop.is_none() {
            self.ctx.inner().settle_dropped();
        }
        stop
    }

    /// Runs `terminate`.
    fn terminate(&mut self, reason: &ExitReason) -> impl Future<Output = Result<Result<(), ExitReason>, Crash>> + Send {
        let Life::Alive(state) = &mut self.life else { unreachable!("a server stops once") };
        self.ctx.set_doing(Doing::Terminating);
        contain(|| state.terminate(reason, &mut self.ctx))
    }

    /// After `terminate`: answers the caller that waits for it, drops the state, and tells the exit reason.
    fn end(&mut self, stopping: Stopping, terminated: Result<Result<(), ExitReason>, Crash>) -> ExitReason {
        let system = self.ctx.system();
        let replaced = match terminated {
            Ok(Ok(())) => None,
            Ok(Err(reason)) => Some(reason),
            Err(crash) => Some(ExitReason::Error(crash)),
        };
        let reason = last(system, stopping.reason, replaced);
        if let Some(reply) = stopping.reply {
            reply.send();
        }
        let state = std::mem::replace(&mut self.life, Life::Dead);
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(state)));
        last(system, reason, dropped.err().map(|panic| ExitReason::Error(Crash::from_panic(panic))))
    }
}

/// What came of `init`.
type Born<S> = Result<Result<Init<S>, ExitReason>, Crash>;

/// Tells the starter that the server does not start; it lets the process go when it has cut its ties.
fn refuse(ready: Ready, error: StartError, reason: ExitReason) -> (ExitReason, oneshot::Receiver<()>) {
    let (release, released) = oneshot::channel();
    // If nobody waits, what is to be waited for is dropped here.
    let _ = ready.send(Err(FailedStart { error, _release: release }));
    (reason, released)
}

/// The later reason, if there is one. A crash that it hides is reported here, since the process ends with one reason.
fn last(system: &System, first: ExitReason, later: Option<ExitReason>) -> ExitReason {
    let Some(later) = later else { return first };
    if let ExitReason::Error(crash) = &first
        && first != later
    {
        system.report_crash(crash);
    }
    later
}
