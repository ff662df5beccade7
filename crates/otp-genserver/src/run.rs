use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp_core::{Crash, Doing, ExitReason, Message, MessageRef, Pid, System};

use crate::context::Context;
use crate::outcome::{Info, Init, Next, PendingReply};
use crate::server::GenServer;
use crate::server_ref::{Content, Envelope};
use crate::start::StartError;
use crate::sys::{Mode, Request};

/// How the starter is told of the outcome of `init`.
pub(crate) type Ready = oneshot::Sender<Result<(), FailedStart>>;

/// A server that did not start. Its process waits until the starter drops this, so that the starter can cut its ties
/// before the end.
pub(crate) struct FailedStart {
    pub(crate) error: StartError,
    _release: oneshot::Sender<()>,
}

/// The body of a server's process. `parent` is who may tell it to end.
pub(crate) async fn serve<S: GenServer>(
    inner: otp_core::ProcessContext<Envelope<S>>,
    args: S::Args,
    parent: Option<Pid>,
    hibernate_after: Option<Duration>,
    ready: Ready,
) -> ExitReason {
    inner.hold_dropped();
    let mut ctx = Context::new(inner);
    // In a block of its own: a callback that is no `async fn` may panic before there is a future.
    let init = AssertUnwindSafe(async { S::init(args, &mut ctx).await }).catch_unwind().await;
    let (state, next) = match init {
        Ok(Ok(Init::Ok(state))) => (state, Next::Receive),
        Ok(Ok(Init::Timeout(state, after))) => (state, Next::Timeout(after)),
        Ok(Ok(Init::Hibernate(state))) => (state, Next::Hibernate),
        Ok(Ok(Init::Continue(state, arg))) => (state, Next::Continue(arg)),
        Ok(Ok(Init::Ignore)) => return refuse(ready, StartError::Ignore, ExitReason::Normal).await,
        Ok(Ok(Init::Error(reason))) => return refuse(ready, StartError::Failed(reason), ExitReason::Normal).await,
        Ok(Ok(Init::Stop(reason)) | Err(reason)) => {
            return refuse(ready, StartError::Failed(reason.clone()), reason).await;
        }
        Err(panic) => {
            let reason = ExitReason::Error(Crash::from_panic(panic));
            return refuse(ready, StartError::Failed(reason.clone()), reason).await;
        }
    };
    ctx.settle_dropped();
    // The starter may have given up; then its link or its supervisor ends this process, not this line.
    let _ = ready.send(Ok(()));
    Server { state, ctx, parent, hibernate_after, mode: Mode::Running }.run(next).await
}

async fn refuse(ready: Ready, error: StartError, reason: ExitReason) -> ExitReason {
    let (release, released) = oneshot::channel();
    if ready.send(Err(FailedStart { error, _release: release })).is_ok() {
        // An error: the starter has dropped its end.
        let _ = released.await;
    }
    reason
}

struct Server<S: GenServer> {
    state: S,
    ctx: Context<S>,
    parent: Option<Pid>,
    /// How long the server is idle before it gives back memory.
    hibernate_after: Option<Duration>,
    mode: Mode,
}

/// What the server does next.
enum Step<S: GenServer> {
    Call(S::Call),
    Cast(S::Cast),
    Info(Info<S::Info>),
    Continue(S::Continue),
    System(Request<S>),
    /// The parent has ended, or asks the server to.
    ParentExit(ExitReason),
}

/// Why the server stops.
struct Stopping {
    reason: ExitReason,
    reply: Option<PendingReply>,
}

impl<S: GenServer> Server<S> {
    async fn run(mut self, first: Next<S>) -> ExitReason {
        let mut next = first;
        loop {
            let wait = match &next {
                Next::Timeout(after) => Some(*after),
                _ => None,
            };
            let step = match next {
                Next::Continue(arg) => Step::Continue(arg),
                Next::Stop(reason) => return self.stop(Stopping { reason, reply: None }).await,
                Next::StopReply(reason, reply) => return self.stop(Stopping { reason, reply: Some(reply) }).await,
                Next::Hibernate => {
                    self.ctx.inner().release_memory();
                    self.receive(None).await
                }
                Next::Receive | Next::Timeout(_) => self.receive(wait).await,
            };
            next = match step {
                Step::System(request) => match request.handle(&mut self.state, &mut self.mode, &self.ctx) {
                    // System messages do not disturb what the server waits for; its timeout starts again.
                    None => wait.map_or(Next::Receive, Next::Timeout),
                    Some(reason) => Next::Stop(reason),
                },
                Step::ParentExit(reason) => Next::Stop(reason),
                step => match AssertUnwindSafe(self.handle(step)).catch_unwind().await {
                    Ok(Ok(next)) => next,
                    Ok(Err(reason)) => Next::Stop(reason),
                    Err(panic) => Next::Stop(ExitReason::Error(Crash::from_panic(panic))),
                },
            };
            if !matches!(next, Next::Stop(_) | Next::StopReply(..)) {
                self.ctx.settle_dropped();
            }
        }
    }

    async fn handle(&mut self, step: Step<S>) -> Result<Next<S>, ExitReason> {
        match step {
            Step::Call(call) => {
                self.ctx.set_doing(Doing::HandlingCall);
                self.state.handle_call(call, &mut self.ctx).await
            }
            Step::Cast(cast) => {
                self.ctx.set_doing(Doing::HandlingCast);
                self.state.handle_cast(cast, &mut self.ctx).await
            }
            Step::Info(info) => {
                self.ctx.set_doing(Doing::HandlingInfo);
                self.state.handle_info(info, &mut self.ctx).await
            }
            Step::Continue(arg) => {
                self.ctx.set_doing(Doing::Continuing);
                self.state.handle_continue(arg, &mut self.ctx).await
            }
            Step::System(_) | Step::ParentExit(_) => unreachable!("handled by the loop"),
        }
    }

    /// The next message. While the server is suspended, others than system messages and the parent's exit wait.
    async fn receive(&mut self, timeout: Option<Duration>) -> Step<S> {
        let parent = self.parent;
        let message = match (self.mode, timeout) {
            (Mode::Running, None) => self.receive_or_hibernate().await,
            (Mode::Running, Some(limit)) => match self.ctx.inner().receive_timeout(limit).await {
                Some(message) => message,
                None => return Step::Info(Info::Timeout),
            },
            (Mode::Suspended, _) => {
                self.ctx
                    .inner()
                    .receive_match(|message| match message {
                        MessageRef::User(envelope) => envelope.is_system(),
                        MessageRef::Exit(exit) => Some(exit.from) == parent,
                        _ => false,
                    })
                    .await
            }
        };
        match message {
            Message::User(Envelope(Content::Call(call))) => Step::Call(call),
            Message::User(Envelope(Content::Cast(cast))) => Step::Cast(cast),
            Message::User(Envelope(Content::Info(info))) => Step::Info(Info::Message(info)),
            Message::User(Envelope(Content::System(request))) => Step::System(request),
            Message::Exit(exit) if Some(exit.from) == parent => Step::ParentExit(exit.reason),
            Message::Exit(exit) => Step::Info(Info::Exit(exit)),
            Message::Down(down) => Step::Info(Info::Down(down)),
        }
    }

    async fn receive_or_hibernate(&mut self) -> Message<Envelope<S>> {
        let inner = self.ctx.inner();
        if let Some(idle) = self.hibernate_after {
            if let Some(message) = inner.receive_timeout(idle).await {
                return message;
            }
            inner.release_memory();
        }
        inner.receive().await
    }

    /// Runs `terminate`, answers the caller that waits for it, and tells the exit reason.
    async fn stop(mut self, stopping: Stopping) -> ExitReason {
        self.ctx.set_doing(Doing::Terminating);
        let terminate = async { self.state.terminate(&stopping.reason, &mut self.ctx).await };
        let replaced = match AssertUnwindSafe(terminate).catch_unwind().await {
            Ok(Ok(())) => None,
            Ok(Err(reason)) => Some(reason),
            Err(panic) => Some(ExitReason::Error(Crash::from_panic(panic))),
        };
        let system = self.ctx.system().clone();
        let reason = last(&system, stopping.reason, replaced);
        if let Some(reply) = stopping.reply {
            reply.send();
        }
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(self)));
        last(&system, reason, dropped.err().map(|panic| ExitReason::Error(Crash::from_panic(panic))))
    }
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
