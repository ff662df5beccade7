use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::{HandOver, StartError, contain, contain_future, report_crash};
use otp_core::behaviour::is_tied;
use otp_core::{ExitReason, Label, Pid, Process, Registration};
use otp_genserver::{Envelope, GenServer, ServerRef, Start};

use crate::backoff::Backoff;
use crate::policy::{ChildKind, Restart, Shutdown};
use crate::start_child::{IntoStarted, StartFn, StartServer, StartsChild};
use crate::started::{AnyChild, Started};

/// Defines how to start, restart and stop one child: a child specification, OTP's `child_spec()`.
///
/// [`Supervised::child`](crate::Supervised::child) makes the spec of a server. [`worker`](ChildSpec::worker) and
/// [`supervisor`](ChildSpec::supervisor) make the spec of any other child from a start function.
///
/// `T` is the return value of starting the child, which [`start_child`](crate::SupervisorRef::start_child) returns.
/// Specs of different types go into one list when they are [untyped](ChildSpec::untyped): `ChildSpec` without
/// parameters is the untyped form. `F` is how the child is started: by a function, or as a server.
///
/// ```
/// use otp::{Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, Restart, Shutdown};
///
/// let spec = ChildSpec::worker("ticker", async |supervisor: Process| {
///     supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await)
/// })
/// .restart(Restart::Transient);
///
/// assert_eq!(spec.id().as_str(), "ticker");
/// assert_eq!(spec.shutdown_limit(), Shutdown::Timeout(std::time::Duration::from_secs(5)));
/// ```
#[must_use]
pub struct ChildSpec<T = Pid, F = StartFn> {
    id: Label,
    start: F,
    rules: Rules,
    on_start: Vec<OnStart>,
    child: PhantomData<fn() -> T>,
}

/// What the supervisor does with the child, whatever its type.
#[derive(Clone, Copy)]
struct Rules {
    restart: Restart,
    shutdown: Option<Shutdown>,
    kind: ChildKind,
    significant: bool,
    backoff: Option<Backoff>,
    retries: Option<u32>,
    hand_over: Option<u32>,
}

/// What is called when a child has started.
type OnStart = Arc<dyn Fn(&Process, &AnyChild) + Send + Sync>;

/// The specification of a child that is a server of type `S`; made by [`Supervised::child`](crate::Supervised::child).
pub type ServerSpec<S> = ChildSpec<ServerRef<S>, StartServer<S>>;

impl<T: Started> ChildSpec<T> {
    /// Makes a spec for a child that is not a supervisor, from the function that starts the child.
    ///
    /// The supervisor runs a clone of `start` for each start of the child, and passes itself: the child must be linked
    /// to it, as `start_link` and `spawn_link` do. Captured values are cloned with the function; put values that are
    /// not `Clone` into an `Arc`. The function returns the child, or a `Result` of it with any error, or with an
    /// [`ExitReason`]. A child that is not linked is refused with [`StartError::NotLinked`]. The supervisor handles
    /// nothing else until the start is over, so `start` must not call the supervisor. A panic is a failed start, and is
    /// logged as a crash.
    ///
    /// By default the child is permanent and has five seconds to shut down.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::prelude::*;
    /// # use std::num::ParseIntError;
    ///
    /// async fn start_clock(supervisor: Process) -> Result<ProcessRef<()>, ParseIntError> {
    ///     let hour: u32 = "12".parse()?;
    ///     Ok(supervisor.spawn_link(async move |_: ProcessContext<()>| std::future::pending::<()>().await))
    /// }
    ///
    /// let supervisor = Supervisor::new(Strategy::OneForOne).child(ChildSpec::worker("clock", start_clock));
    /// assert!(supervisor.start(&system).await.is_ok());
    /// # }).unwrap();
    /// ```
    pub fn worker<F, R>(id: impl Into<Label>, start: F) -> ChildSpec<T>
    where
        F: FnOnce(Process) -> R + Clone + Send + Sync + 'static,
        R: IntoFuture<Output: IntoStarted<Child = T>, IntoFuture: Send + 'static>,
    {
        ChildSpec::new(id.into(), StartFn::of(start), ChildKind::Worker)
    }

    /// Makes a spec as [`worker`](ChildSpec::worker) does, for a child that is not a server and saves something for its next
    /// incarnation: the function also gets what keeps that, if the spec asks for it with
    /// [`hand_over`](ChildSpec::hand_over), to pass it on to the child.
    pub fn keeping<F, R>(id: impl Into<Label>, start: F) -> ChildSpec<T>
    where
        F: FnOnce(Process, Option<HandOver>) -> R + Clone + Send + Sync + 'static,
        R: IntoFuture<Output: IntoStarted<Child = T>, IntoFuture: Send + 'static>,
    {
        ChildSpec::new(id.into(), StartFn::keeping(start), ChildKind::Worker)
    }

    /// Makes a spec for a child that is itself a supervisor, from the function that starts the child; see
    /// [`worker`](ChildSpec::worker). By default the child is permanent and has no time limit to shut down, because its
    /// own children have theirs.
    pub fn supervisor<F, R>(id: impl Into<Label>, start: F) -> ChildSpec<T>
    where
        F: FnOnce(Process) -> R + Clone + Send + Sync + 'static,
        R: IntoFuture<Output: IntoStarted<Child = T>, IntoFuture: Send + 'static>,
    {
        ChildSpec::new(id.into(), StartFn::of(start), ChildKind::Supervisor)
    }
}

impl<S: GenServer<Args: Clone + Sync>> ServerSpec<S> {
    pub(crate) fn of(args: S::Args) -> ServerSpec<S> {
        let start = StartServer::new(args);
        ChildSpec::new(start.label(), start, ChildKind::Worker)
    }

    /// Registers the server under `name` before its `init` runs, at each start: under a name of its own type, or as another
    /// [`Registration`] of it, such as a key of a registry. The label of that is also the child's id.
    pub fn name(mut self, name: impl Registration<Envelope<S>> + 'static) -> ServerSpec<S> {
        self.id = name.label();
        self.start = self.start.name(name);
        self
    }

    /// Sets options of the server's start, such as the bound of its mailbox; `options` runs at each start.
    pub fn with(mut self, options: impl Fn(Start<S>) -> Start<S> + Send + Sync + 'static) -> ServerSpec<S> {
        self.start = self.start.with(options);
        self
    }
}

impl<T, F> ChildSpec<T, F> {
    fn new(id: Label, start: F, kind: ChildKind) -> ChildSpec<T, F> {
        let rules = Rules {
            restart: Restart::default(),
            shutdown: None,
            kind,
            significant: false,
            backoff: None,
            retries: None,
            hand_over: None,
        };
        ChildSpec { id, start, rules, on_start: Vec::new(), child: PhantomData }
    }

    /// Sets the id of the child.
    pub fn with_id(mut self, id: impl Into<Label>) -> ChildSpec<T, F> {
        self.id = id.into();
        self
    }

    /// Sets when the child is restarted; by default, always.
    pub fn restart(mut self, restart: Restart) -> ChildSpec<T, F> {
        self.rules.restart = restart;
        self
    }

    /// Sets how the child is stopped; by default, workers have five seconds and supervisors no limit.
    pub fn shutdown(mut self, shutdown: Shutdown) -> ChildSpec<T, F> {
        self.rules.shutdown = Some(shutdown);
        self
    }

    /// Sets whether the end of the child may end the supervisor; see [`AutoShutdown`](crate::AutoShutdown). Not allowed
    /// for permanent children. By default, false.
    pub fn significant(mut self, significant: bool) -> ChildSpec<T, F> {
        self.rules.significant = significant;
        self
    }

    /// Sets a pause before each restart of the child. By default, as in OTP, there is none. The restarts count against
    /// the intensity of the supervisor, unless [`retries`](ChildSpec::retries) is used instead.
    pub fn backoff(mut self, backoff: Backoff) -> ChildSpec<T, F> {
        self.rules.backoff = Some(backoff);
        self
    }

    /// Limits how often in a row this child is restarted, with pauses in between. Then the child is given up, and its
    /// supervisor keeps running. OTP has no such limit.
    ///
    /// The restarts of the child, and its failed starts, do not count against the intensity of the supervisor. After
    /// the child has run for longer than the longest pause, its count starts again. A child that is given up is treated
    /// as one that has ended for good: its spec stays, stopped, unless it is temporary or its supervisor dynamic; a
    /// significant child may end the supervisor; its siblings are not affected.
    /// [`SupervisorEvent::ChildGaveUp`](crate::SupervisorEvent) reports it.
    pub fn retries(mut self, limit: u32, backoff: Backoff) -> ChildSpec<T, F> {
        self.rules.retries = Some(limit);
        self.backoff(backoff)
    }

    /// Hands what the child saves over to its next incarnation: what a server saves with
    /// [`Context::save`](otp_genserver::Context::save), or has saved of its state with
    /// [`Start::save_state`](otp_genserver::Start::save_state), its `init` finds with
    /// [`Context::handed_over`](otp_genserver::Context::handed_over). By default, as in OTP, each start begins from nothing.
    ///
    /// It survives `crashes` crashes of the child since it was saved, failed starts included; with one more it is refused:
    /// the child starts clean, and [`SupervisorEvent::StateRefused`](crate::SupervisorEvent) says so. With zero it is only
    /// there after ends that are no crashes.
    ///
    /// It is kept with the child in the supervisor, across restarts, also those on request and because of a sibling; it is
    /// dropped with the child's spec, and lost when the supervisor ends. A temporary child has none, as it is not
    /// restarted. Two children that are started from clones of one spec have nothing in common. A start function of your
    /// own takes part if it is made by [`keeping`](ChildSpec::keeping).
    ///
    /// ```
    /// # use otp::prelude::*;
    /// struct Counter(u64);
    ///
    /// #[gen_server]
    /// impl Counter {
    ///     #[init]
    ///     fn init(start: u64, ctx: &mut Context<Self>) -> Self {
    ///         Counter(ctx.handed_over().unwrap_or(start))
    ///     }
    ///     #[call]
    ///     fn add(&mut self, n: u64, ctx: &mut Context<Self>) -> u64 {
    ///         self.0 = self.0.checked_add(n).expect("it fits");
    ///         ctx.save(self.0);
    ///         self.0
    ///     }
    /// }
    ///
    /// const HITS: ServerName<Counter> = ServerName::new("hits");
    ///
    /// # fn main() {
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # system.log_crashes(false);
    /// let spec = Counter::child(40).name(HITS).hand_over(3);
    /// Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    /// let hits = ServerRef::named(&system, HITS);
    /// assert_eq!(hits.add(2).await, Ok(42));
    /// let ended = hits.exited();
    /// assert!(hits.add(u64::MAX).await.is_err());
    /// ended.await;
    /// let restarted = hits.await_holder().await.unwrap();
    /// assert_eq!(restarted.add(1).await, Ok(43));
    /// # }).unwrap();
    /// # }
    /// ```
    pub fn hand_over(mut self, crashes: u32) -> ChildSpec<T, F> {
        self.rules.hand_over = Some(crashes);
        self
    }

    /// Returns the id of the child.
    pub fn id(&self) -> &Label {
        &self.id
    }

    /// Returns when the child is restarted.
    pub fn restart_type(&self) -> Restart {
        self.rules.restart
    }

    /// Returns how the child is stopped.
    pub fn shutdown_limit(&self) -> Shutdown {
        self.rules.shutdown.unwrap_or(match self.rules.kind {
            ChildKind::Worker => Shutdown::Timeout(Duration::from_secs(5)),
            ChildKind::Supervisor => Shutdown::Infinity,
        })
    }

    /// Returns whether the child is a supervisor.
    pub fn kind(&self) -> ChildKind {
        self.rules.kind
    }

    /// Returns whether the end of the child may end the supervisor.
    pub fn is_significant(&self) -> bool {
        self.rules.significant
    }

    pub(crate) fn backoff_policy(&self) -> Option<Backoff> {
        self.rules.backoff
    }

    pub(crate) fn retry_limit(&self) -> Option<u32> {
        self.rules.retries
    }

    /// What keeps the state of a new child, if the spec asks for it.
    pub(crate) fn new_hand_over(&self) -> Option<HandOver> {
        self.rules.hand_over.filter(|_| !self.is_temporary()).map(HandOver::new)
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.rules.restart == Restart::Temporary
    }
}

impl<T: Started, F> ChildSpec<T, F> {
    /// Calls `then` each time the child has started, at first and after each restart, with the supervisor and what the start
    /// returned; behind what was set before. It is a hook for what accompanies a child, such as the probes of
    /// `otp::health`, or finds it by another way than its name. It is not called for a child that is refused, as one without
    /// a link is.
    ///
    /// It runs in the supervisor, which handles nothing else meanwhile. A panic in it is logged as a crash of the
    /// supervisor, and has no other effect: the child has started.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::mpsc;
    /// use otp::prelude::*;
    ///
    /// let (tell, told) = mpsc::channel();
    /// let clock = ChildSpec::worker("clock", async |supervisor: Process| {
    ///     supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await)
    /// });
    /// let clock = clock.on_start(move |_, clock| tell.send(clock.pid()).unwrap());
    /// Supervisor::new(Strategy::OneForOne).child(clock).start(&system).await.unwrap();
    /// assert!(system.is_alive(told.recv().unwrap()));
    /// # }).unwrap();
    /// ```
    pub fn on_start(mut self, then: impl Fn(&Process, &T) + Send + Sync + 'static) -> ChildSpec<T, F> {
        self.on_start.push(Arc::new(move |supervisor, child| {
            if let Some(child) = child.value() {
                then(supervisor, child);
            }
        }));
        self
    }
}

impl<T, F: StartsChild> ChildSpec<T, F> {
    /// Returns the spec without its types, for lists; starting the child returns its pid.
    pub fn untyped(self) -> ChildSpec {
        let ChildSpec { id, start, rules, on_start, child: _ } = self;
        ChildSpec { id, start: start.into_fn(), rules, on_start, child: PhantomData }
    }
}

impl ChildSpec {
    /// How the child is started, if it is a server.
    pub(crate) fn server(&self) -> Option<Box<dyn Any + Send + Sync>> {
        self.start.server()
    }

    /// The same child, started in another way.
    pub(crate) fn started_by(self, start: StartFn) -> ChildSpec {
        ChildSpec { start, ..self }
    }

    /// Starts the child; a panic counts as a failure. `None` if the start function returned `ignore`.
    pub(crate) async fn start(
        &self,
        supervisor: &Process,
        hand_over: Option<&HandOver>,
    ) -> Result<Option<AnyChild>, StartError> {
        let panicked = |crash| {
            report_crash(supervisor, &crash);
            Err(StartError::failed(ExitReason::Error(crash)))
        };
        match contain_future(|| self.start.run(supervisor.clone(), hand_over)).await.unwrap_or_else(panicked) {
            Ok(child) => {
                check_link(supervisor, child.pid())?;
                for then in &self.on_start {
                    if let Err(crash) = contain(|| then(supervisor, &child)) {
                        report_crash(supervisor, &crash);
                    }
                }
                Ok(Some(child))
            }
            Err(StartError::Ignore(_)) => Ok(None),
            Err(error) => Err(error.of(self.id.clone())),
        }
    }
}

/// Checks the link, which notifies the supervisor of the end of the child.
fn check_link(supervisor: &Process, child: Pid) -> Result<(), StartError> {
    if !is_tied(supervisor, child) {
        StartError::check_link(supervisor, child)?;
        // The child has ended. If it was linked, its exit message has arrived; if it was not, this call adds one. Two
        // messages do no harm. A supervisor traps exits, so this cannot fail.
        let _ = supervisor.link(child);
    }
    Ok(())
}

impl<T, F: Clone> Clone for ChildSpec<T, F> {
    fn clone(&self) -> ChildSpec<T, F> {
        ChildSpec { id: self.id.clone(), start: self.start.clone(), on_start: self.on_start.clone(), ..*self }
    }
}

impl<T, F> fmt::Debug for ChildSpec<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.rules.restart)
            .field("shutdown", &self.shutdown_limit())
            .field("kind", &self.rules.kind)
            .field("significant", &self.rules.significant)
            .field("retries", &self.rules.retries)
            .field("hand_over", &self.rules.hand_over)
            .finish_non_exhaustive()
    }
}
