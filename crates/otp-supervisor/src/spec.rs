use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use otp_behaviour::{StartError, contain_future, report_crash};
use otp_core::behaviour::is_tied;
use otp_core::{ExitReason, Label, Pid, Process};
use otp_genserver::{GenServer, ServerName, ServerRef, Start};

use crate::backoff::Backoff;
use crate::policy::{ChildKind, Restart, Shutdown};
use crate::start_child::{IntoStarted, StartFn, StartServer, StartsChild};
use crate::started::{AnyChild, Started};

/// A child specification: how to start, restart and stop one child. OTP's `child_spec()`.
///
/// A server has a spec without more ado, [`Supervised::child`](crate::Supervised::child); any other child has a start
/// function, which [`worker`](ChildSpec::worker) and [`supervisor`](ChildSpec::supervisor) take.
///
/// `T` is what starting the child gives, and what [`start_child`](crate::SupervisorRef::start_child) returns. Specs of
/// different types go into one list when they are [untyped](ChildSpec::untyped): that is what `ChildSpec` without
/// parameters means. `F` says how the child is started: by a function, or as a server.
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
    restart: Restart,
    shutdown: Option<Shutdown>,
    kind: ChildKind,
    significant: bool,
    backoff: Option<Backoff>,
    retries: Option<u32>,
    child: PhantomData<fn() -> T>,
}

/// The specification of a child that is a server of type `S`; [`Supervised::child`](crate::Supervised::child) makes it.
pub type ServerSpec<S> = ChildSpec<ServerRef<S>, StartServer<S>>;

impl<T: Started> ChildSpec<T> {
    /// A spec for a child that is no supervisor, with the function that starts it.
    ///
    /// The supervisor runs a clone of `start` for each start of the child, and passes itself: the child must be linked to
    /// it, as `start_link` and `spawn_link` do. What the function captures is cloned with it; put into an `Arc` what
    /// cannot be. The function returns the child, or a `Result` of it with any error, or
    /// with an [`ExitReason`]; a child that is not linked is refused with [`StartError::NotLinked`]. The supervisor does
    /// nothing else until the start is over, so that `start` must not ask the supervisor for anything. A panic is a
    /// failed start, and is logged as a crash.
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

    /// A spec for a child that is a supervisor itself, with the function that starts it; see
    /// [`worker`](ChildSpec::worker). By default it is permanent and may take any time to shut down, since its own
    /// children have their limits.
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

    /// Registers the server under `name` before its `init` runs, at each start. The name is also the child's id.
    pub fn name(mut self, name: ServerName<S>) -> ServerSpec<S> {
        self.id = Label::from(name.clone());
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
        ChildSpec {
            id,
            start,
            restart: Restart::default(),
            shutdown: None,
            kind,
            significant: false,
            backoff: None,
            retries: None,
            child: PhantomData,
        }
    }

    /// Sets the id by which the supervisor knows the child.
    pub fn with_id(mut self, id: impl Into<Label>) -> ChildSpec<T, F> {
        self.id = id.into();
        self
    }

    /// Sets when the child is started again; by default, always.
    pub fn restart(mut self, restart: Restart) -> ChildSpec<T, F> {
        self.restart = restart;
        self
    }

    /// Sets how the child is stopped; by default, workers have five seconds and supervisors any time.
    pub fn shutdown(mut self, shutdown: Shutdown) -> ChildSpec<T, F> {
        self.shutdown = Some(shutdown);
        self
    }

    /// Sets whether the child's own end may end the supervisor; see [`AutoShutdown`](crate::AutoShutdown). Not allowed
    /// for permanent children. By default, false.
    pub fn significant(mut self, significant: bool) -> ChildSpec<T, F> {
        self.significant = significant;
        self
    }

    /// Pauses before each restart of the child. By default, as in OTP, there is no pause. The restarts count against the
    /// intensity of the supervisor; [`retries`](ChildSpec::retries) does not let them.
    pub fn backoff(mut self, backoff: Backoff) -> ChildSpec<T, F> {
        self.backoff = Some(backoff);
        self
    }

    /// Limits how often in a row this child is started again, with pauses in between; then it is given up, and its
    /// supervisor lives on. OTP has no such limit.
    ///
    /// The restarts of the child, and its failed starts, do not count against the intensity of the supervisor. A child
    /// that has run for longer than the longest pause begins anew. A child that is given up is as one that has ended for
    /// good: its spec stays, stopped, unless it is temporary or its supervisor dynamic; a significant one may end
    /// the supervisor; its siblings are not touched. [`SupervisorEvent::ChildGaveUp`](crate::SupervisorEvent) reports it.
    pub fn retries(mut self, limit: u32, backoff: Backoff) -> ChildSpec<T, F> {
        self.retries = Some(limit);
        self.backoff(backoff)
    }

    /// The id by which the supervisor knows the child.
    pub fn id(&self) -> &Label {
        &self.id
    }

    /// When the child is started again.
    pub fn restart_type(&self) -> Restart {
        self.restart
    }

    /// How the child is stopped.
    pub fn shutdown_limit(&self) -> Shutdown {
        self.shutdown.unwrap_or(match self.kind {
            ChildKind::Worker => Shutdown::Timeout(Duration::from_secs(5)),
            ChildKind::Supervisor => Shutdown::Infinity,
        })
    }

    /// Whether the child is a supervisor.
    pub fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Whether the child's own end may end the supervisor.
    pub fn is_significant(&self) -> bool {
        self.significant
    }

    pub(crate) fn backoff_policy(&self) -> Option<Backoff> {
        self.backoff
    }

    pub(crate) fn retry_limit(&self) -> Option<u32> {
        self.retries
    }

    pub(crate) fn is_temporary(&self) -> bool {
        self.restart == Restart::Temporary
    }
}

impl<T, F: StartsChild> ChildSpec<T, F> {
    /// The same spec without its types, for lists; starting the child gives its pid.
    pub fn untyped(self) -> ChildSpec {
        let ChildSpec { id, start, restart, shutdown, kind, significant, backoff, retries, child: _ } = self;
        let start = start.into_fn();
        ChildSpec { id, start, restart, shutdown, kind, significant, backoff, retries, child: PhantomData }
    }
}

impl ChildSpec {
    /// Starts the child; a panic counts as a failure. `None` if it answered ignore.
    pub(crate) async fn start(&self, supervisor: &Process) -> Result<Option<AnyChild>, StartError> {
        let panicked = |crash| {
            report_crash(supervisor, &crash);
            StartError::Failed(ExitReason::Error(crash))
        };
        match contain_future(|| self.start.run(supervisor.clone())).await.map_err(panicked)? {
            Ok(child) => {
                check_link(supervisor, child.pid())?;
                Ok(Some(child))
            }
            Err(StartError::Ignore(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A supervisor hears of the end of a child through their link.
fn check_link(supervisor: &Process, child: Pid) -> Result<(), StartError> {
    if is_tied(supervisor, child) {
        return Ok(());
    }
    if supervisor.system().is_alive(child) {
        return Err(StartError::not_linked(supervisor.system(), child));
    }
    // It has ended, and a message says so if they were linked. If they were not, this puts one into the mailbox; two do no
    // harm. A supervisor traps exits, so that it cannot fail.
    let _ = supervisor.link(child);
    Ok(())
}

impl<T, F: Clone> Clone for ChildSpec<T, F> {
    fn clone(&self) -> ChildSpec<T, F> {
        ChildSpec { id: self.id.clone(), start: self.start.clone(), ..*self }
    }
}

impl<T, F> fmt::Debug for ChildSpec<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown_limit())
            .field("kind", &self.kind)
            .field("significant", &self.significant)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}
