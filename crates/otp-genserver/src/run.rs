use std::any::{Any, type_name};
use std::time::Duration;

use futures::future::{BoxFuture, Either};
use otp_behaviour::{
    Ack, Mode, Parent, Signal, StartError, Systemic, contain, contain_future, keep_state, report_crash,
};
use otp_core::{Crash, ExitReason, Process, Term};

use crate::callback::Callback;
use crate::context::Context;
use crate::doing;
use crate::mailbox::Mailbox;
use crate::outcome::{Incoming, Info, Init, Next, PendingReply};
use crate::rare::Rare;
use crate::server::GenServer;
use crate::turn::{Cue, Turn};
use crate::upgrade::{Left, Prepared, Replaced, Upgrade};

/// A running server. The process stores it once, because its size is part of the size of the process. The futures below
/// borrow it and are small.
pub(crate) struct ServerLoop<S: GenServer> {
    pub(crate) ctx: Context<S>,
    life: Life<S>,
    pub(crate) parent: Parent,
    pub(crate) mode: Mode,
}

enum Life<S: GenServer> {
    /// Before `init`: its argument, and the acknowledgement for the starter.
    Unborn(S::Args, Ack),
    Starting(Ack),
    Alive(S),
    /// Another server takes its place.
    Replaced(Box<Replaced<S>>),
    Dead,
}

/// Why a server stops, and the reply that is sent afterwards.
pub(crate) struct Stopping {
    pub(crate) reason: ExitReason,
    pub(crate) reply: Option<PendingReply>,
}

impl Stopping {
    pub(crate) fn because(reason: ExitReason) -> Stopping {
        Stopping { reason, reply: None }
    }
}

/// Why a server does not start: the error for the starter, and the exit reason.
struct Refusal {
    error: StartError,
    reason: ExitReason,
}

impl Refusal {
    fn because(reason: ExitReason) -> Refusal {
        Refusal { error: StartError::failed(reason.clone()), reason }
    }
}

impl<S: GenServer> ServerLoop<S> {
    pub(crate) fn new(
        mailbox: Mailbox<S>,
        args: S::Args,
        rare: Option<Box<Rare<S>>>,
        parent: Parent,
        ack: Ack,
    ) -> ServerLoop<S> {
        let life = Life::Unborn(args, ack);
        ServerLoop { ctx: Context::new(mailbox, rare), life, parent, mode: Mode::Running }
    }

    /// Runs the server to its end; the body of its process.
    #[expect(clippy::manual_async_fn, reason = "an `async fn` has room for its arguments twice")]
    pub(crate) fn run(mut self) -> impl Future<Output = ExitReason> + Send {
        async move {
            let lived = contain_future(|| self.live()).await;
            if let Life::Replaced(_) = self.life {
                drop(lived);
                return run_all(self.give_way()).await;
            }
            self.finish(lived).await
        }
    }

    /// Ends the server.
    fn finish(&mut self, lived: Result<Result<Stopping, Refusal>, Crash>) -> impl Future<Output = ExitReason> + Send {
        match lived.unwrap_or_else(|crash| self.crashed(crash)) {
            Ok(stopping) => {
                self.keep_state(&stopping.reason);
                Either::Left(self.stop(stopping))
            }
            Err(refusal) => Either::Right(self.starter().failed(refusal.error, refusal.reason)),
        }
    }

    /// Starts, unless it takes another server's place, and handles messages until the server stops. A panic in a callback leaves this function.
    async fn live(&mut self) -> Result<Stopping, Refusal> {
        let born = match self.life {
            Life::Unborn(..) => Some(self.init().await),
            _ => None,
        };
        let mut next = self.begin(born)?;
        loop {
            let callback = {
                let waits = matches!(next, Next::Receive | Next::Timeout(_) | Next::Hibernate);
                let cue = if waits && let Some(cue) = self.ready() {
                    // Otherwise its memory would be kept while the callback runs.
                    drop(next);
                    cue
                } else {
                    Turn::after(next, self).await
                };
                match cue {
                    Ok(cue) => self.handle(cue),
                    Err(stopping) => return Ok(stopping),
                }
            };
            next = callback.await.unwrap_or_else(Next::Stop);
        }
    }

    /// Runs `init`.
    fn init(&mut self) -> impl Future<Output = Result<Init<S>, ExitReason>> + Send {
        let Life::Unborn(args, ack) = std::mem::replace(&mut self.life, Life::Dead) else {
            unreachable!("a server is born once")
        };
        self.life = Life::Starting(ack);
        S::init(args, &mut self.ctx)
    }

    /// Takes over the state that `init` made, and acknowledges the start; goes on in the place of another server, if there
    /// was no `init`.
    fn begin(&mut self, born: Option<Result<Init<S>, ExitReason>>) -> Result<Next<S>, Refusal> {
        let (state, next) = match born {
            Some(Ok(Init::Ok(state))) => (state, Next::Receive),
            Some(Ok(Init::Timeout(state, after))) => (state, Next::Timeout(after)),
            Some(Ok(Init::Hibernate(state))) => (state, Next::Hibernate),
            Some(Ok(Init::Continue(state, arg))) => (state, Next::Continue(arg)),
            Some(Ok(Init::Ignore)) => {
                return Err(Refusal { error: StartError::ignored(&self.ctx), reason: ExitReason::Normal });
            }
            Some(Ok(Init::Error(reason))) => {
                return Err(Refusal { error: StartError::failed(reason), reason: ExitReason::Normal });
            }
            Some(Ok(Init::Stop(reason)) | Err(reason)) => return Err(Refusal::because(reason)),
            None => return Ok(self.ctx.goes_on()),
        };
        let starter = self.starter();
        self.life = Life::Alive(state);
        starter.started();
        Ok(next)
    }

    /// After a callback, the server begins to wait for a message: saves its state, if that is asked for and due.
    #[inline]
    pub(crate) fn come_to_rest(&mut self) {
        if let Some((rare, inner)) = self.ctx.rare()
            && let Life::Alive(state) = &self.life
        {
            rare.snapshot(state, || inner.system().now());
        }
    }

    /// After which time of waiting the server frees memory.
    #[inline]
    pub(crate) fn hibernates_after(&mut self) -> Option<Duration> {
        self.ctx.rare()?.0.hibernate_after
    }

    /// Takes the acknowledgement, which `init` has not used.
    fn starter(&mut self) -> Ack {
        match std::mem::replace(&mut self.life, Life::Dead) {
            Life::Starting(ack) => ack,
            _ => unreachable!("the starter is told once"),
        }
    }

    /// Decides what follows from a panic.
    fn crashed(&self, crash: Crash) -> Result<Stopping, Refusal> {
        let reason = ExitReason::Error(crash);
        match self.life {
            Life::Starting(_) => Err(Refusal::because(reason)),
            _ => Ok(Stopping::because(reason)),
        }
    }

    /// Returns the next step if the server has already taken over a message; otherwise the server has to wait.
    #[inline(always)]
    fn ready(&mut self) -> Option<Result<Cue<S>, Stopping>> {
        let cue = self.ctx.mailbox_mut().settle_and_take(self.mode)?;
        self.accept(cue)
    }

    /// Decides what the server does about a message or a signal; `None` for a system request after which the server
    /// continues.
    #[inline(always)]
    pub(crate) fn accept(&mut self, cue: Cue<S>) -> Option<Result<Cue<S>, Stopping>> {
        Some(Ok(match cue {
            Cue::Signal(signal) => return self.accept_signal(signal),
            message => message,
        }))
    }

    fn accept_signal(&mut self, signal: Box<Signal>) -> Option<Result<Cue<S>, Stopping>> {
        if let Signal::Timer(timer) = &*signal
            && let Life::Alive(state) = &mut self.life
            && !state.wants_timer(timer)
        {
            return None;
        }
        if let Signal::Exit(_) | Signal::Down(_) | Signal::Timer(_) = *signal {
            return Some(match *signal {
                Signal::Exit(exit) if self.parent.sent(&exit) => Err(Stopping::because(exit.reason)),
                _ => Ok(Cue::Signal(signal)),
            });
        }
        match *signal {
            Signal::Stop(stop) => return Some(Err(Stopping::because(stop.reason))),
            Signal::System(request) => {
                request.serve(self);
                self.ctx.mailbox().settle_tokens();
            }
            // A kind that this version does not know is ignored.
            _ => {}
        }
        None
    }

    /// Runs a callback.
    #[inline]
    fn handle(&mut self, cue: Cue<S>) -> impl Future<Output = Result<Next<S>, ExitReason>> + Send {
        let Life::Alive(state) = &mut self.life else { unreachable!("a server handles messages until it stops") };
        let ctx = &mut self.ctx;
        match cue {
            Cue::Call(call) => {
                ctx.mailbox().begin_handling(doing::HANDLING_CALL, &Incoming::<S>::Call(&call));
                Callback::Call(state.handle_call(call, ctx))
            }
            Cue::Cast(cast) => {
                ctx.mailbox().begin_handling(doing::HANDLING_CAST, &Incoming::<S>::Cast(&cast));
                Callback::Cast(state.handle_cast(cast, ctx))
            }
            Cue::Info(info) => {
                ctx.mailbox().begin_handling(doing::HANDLING_INFO, &Incoming::<S>::Info(&info));
                Callback::Info(state.handle_info(Info::Message(info), ctx))
            }
            Cue::Signal(signal) => {
                ctx.mailbox().begin_handling(doing::HANDLING_INFO, &doing::Handled(&signal));
                let info = match *signal {
                    Signal::Exit(exit) => Info::Exit(exit),
                    Signal::Down(down) => Info::Down(down),
                    Signal::Timer(timer) => Info::Timer(timer),
                    _ => unreachable!("no callback handles other signals"),
                };
                Callback::Info(state.handle_info(info, ctx))
            }
            Cue::Timeout => {
                ctx.mailbox().begin_handling(doing::HANDLING_INFO, &doing::Timeout);
                Callback::Info(state.handle_info(Info::Timeout, ctx))
            }
            Cue::Continue(arg) => {
                ctx.set_doing(doing::CONTINUING);
                Callback::Continue(state.handle_continue(arg, ctx))
            }
        }
    }

    /// Keeps how the state looks, for the report of the crash with which the server ends. Nobody wants to read what
    /// `format_status` is by default, the name of the type.
    fn keep_state(&self, reason: &ExitReason) {
        if let Life::Alive(state) = &self.life {
            keep_state(&self.ctx, reason, || Some(state.format_status()).filter(|text| text != type_name::<S>()));
        }
    }

    /// Runs `terminate`, and ends the server.
    #[expect(clippy::manual_async_fn, reason = "as above")]
    fn stop(&mut self, stopping: Stopping) -> impl Future<Output = ExitReason> + Send {
        async move {
            let terminated = self.terminate(&stopping.reason).await;
            self.end(stopping, terminated)
        }
    }

    /// Runs `terminate`.
    fn terminate(&mut self, reason: &ExitReason) -> impl Future<Output = Result<Result<(), ExitReason>, Crash>> + Send {
        let Life::Alive(state) = &mut self.life else { unreachable!("a server stops once") };
        self.ctx.set_doing(doing::TERMINATING);
        contain_future(|| state.terminate(reason, &mut self.ctx))
    }

    /// After `terminate`: answers the caller that waits for this, drops the state, and returns the exit reason.
    fn end(&mut self, stopping: Stopping, terminated: Result<Result<(), ExitReason>, Crash>) -> ExitReason {
        let replaced = match terminated {
            Ok(Ok(())) => None,
            Ok(Err(reason)) => Some(reason),
            Err(crash) => Some(ExitReason::Error(crash)),
        };
        let is_replaced = replaced.is_some();
        let reason = last(&self.ctx, stopping.reason, replaced);
        if is_replaced {
            self.keep_state(&reason);
        }
        if let Some(reply) = stopping.reply {
            reply.send();
        }
        let state = std::mem::replace(&mut self.life, Life::Dead);
        let dropped = contain(|| drop(state));
        last(&self.ctx, reason, dropped.err().map(ExitReason::Error))
    }
}

/// What becomes of a server that has taken the place of another one.
pub(crate) enum Fate {
    Ended(ExitReason),
    /// It gives way itself, and this runs the next one.
    Replaced(BoxFuture<'static, Fate>),
}

/// Runs one server after the other, to the end of the last. If each of them ran the next one, a poll would have to go
/// through all that ever were.
async fn run_all(mut server: BoxFuture<'static, Fate>) -> ExitReason {
    loop {
        match server.await {
            Fate::Ended(reason) => return reason,
            Fate::Replaced(next) => server = next,
        }
    }
}

/// The server gives way to another one, which has its messages.
impl<S: GenServer> ServerLoop<S> {
    /// Runs the server that takes the place of this one.
    fn give_way(self) -> BoxFuture<'static, Fate> {
        let ServerLoop { ctx, life, parent, mode } = self;
        let Life::Replaced(replaced) = life else { unreachable!("it gives way only once it was replaced") };
        let Replaced { old, by, waits } = *replaced;
        let (mailbox, rare) = ctx.into_parts();
        by.run(Left { mailbox, rare, old, parent, mode, waits })
    }

    /// Whether another server takes its place, in place of its waiting for a message.
    #[inline]
    pub(crate) fn gives_way(&mut self, waits: Option<Duration>) -> bool {
        let Life::Replaced(replaced) = &mut self.life else { return false };
        replaced.waits = waits;
        true
    }

    /// Takes the place of another server, of which this is left.
    pub(crate) fn take_over<O>(mut state: S, left: Left<O>) -> impl Future<Output = Fate> + Send
    where
        S: Upgrade<O>,
        O: GenServer,
    {
        let Left { mailbox, rare, old, parent, mode, waits } = left;
        let rare = rare.map(|rare| rare.inherit()).unwrap_or_default().waiting(waits);
        let mut ctx = Context::new(mailbox.inherit(), Some(Box::new(rare)));
        let taken = contain(|| state.take_over(old, &mut ctx));
        let mut server = ServerLoop { ctx, life: Life::Alive(state), parent, mode };
        async move {
            let lived = match taken {
                Ok(()) => contain_future(|| server.live()).await,
                Err(crash) => Err(crash),
            };
            if let Life::Replaced(_) = server.life {
                drop(lived);
                return Fate::Replaced(server.give_way());
            }
            Fate::Ended(server.finish(lived).await)
        }
    }
}

impl<S: GenServer> Systemic for ServerLoop<S> {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn state(&mut self) -> Option<&mut dyn Any> {
        match &mut self.life {
            Life::Alive(state) => Some(state),
            _ => None,
        }
    }

    fn diagram(&self) -> Option<&'static str> {
        S::diagram()
    }

    fn format_status(&self) -> Option<String> {
        match &self.life {
            Life::Alive(state) => Some(state.format_status()),
            _ => None,
        }
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }

    fn replace(&mut self, by: Box<dyn Any + Send>) -> Result<(), Box<dyn Any + Send>> {
        let by: Box<Prepared<S>> = by.downcast()?;
        match std::mem::replace(&mut self.life, Life::Dead) {
            Life::Alive(old) => self.life = Life::Replaced(Box::new(Replaced { old, by: *by, waits: None })),
            other => {
                self.life = other;
                return Err(by);
            }
        }
        Ok(())
    }

    fn change_code(&mut self, extra: Term) -> Option<Result<(), ExitReason>> {
        match &mut self.life {
            Life::Alive(state) => Some(state.code_change(extra)),
            _ => None,
        }
    }
}

/// Returns the later reason, if there is one. Reports the crash that it replaces, because the process ends with only
/// one reason.
fn last(process: &Process, first: ExitReason, later: Option<ExitReason>) -> ExitReason {
    let Some(later) = later else { return first };
    if let ExitReason::Error(crash) = &first
        && first != later
    {
        report_crash(process, crash);
    }
    later
}
