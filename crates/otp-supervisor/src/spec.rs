use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{StartError, contain_future, report_crash};
use otp_core::{ExitReason, Label, Pid, Process};

use crate::backoff::Backoff;
use crate::started::{AnyChild, Started};

/// How to start, restart and stop one child; OTP's child specification.
///
/// `T` is what the child's start function returns, and what [`start_child`](crate::SupervisorRef::start_child) gives
/// back. Where children of several types go into one list, and where it does not matter, a spec is
/// [untyped](ChildSpec::untyped): that is what `ChildSpec` without a parameter means.
///
/// ```
/// use otp::{Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, Restart, Shutdown};
///
/// let spec = ChildSpec::worker("ticker", |supervisor: &Process| {
///     let process = supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await);
///     std::future::ready(Ok(process))
/// })
/// .restart(Restart::Transient);
///
/// assert_eq!(spec.id().as_str(), "ticker");
/// assert_eq!(spec.shutdown_limit(), Shutdown::Timeout(std::time::Duration::from_secs(5)));
/// ```
#[must_use]
pub struct ChildSpec<T = Pid> {
    id: Label,
    start: StartFn,
    restart: Restart,
    shutdown: Option<Shutdown>,
    kind: ChildKind,
    significant: bool,
    backoff: Option<Backoff>,
    child: PhantomData<fn() -> T>,
}

type StartFn = Arc<dyn Fn(&Process) -> BoxFuture<'static, Result<AnyChild, StartError>> + Send + Sync>;

impl<T: Started> ChildSpec<T> {
    /// A child that is no supervisor. `start` runs in the supervisor, which it is given, and must link the child to
    /// it. The supervisor waits for it and does nothing else meanwhile, so that it must not ask the supervisor for
    /// anything. A panic counts as a failed start, and is reported as a crash.
    ///
    /// By default the child is permanent and has five seconds to shut down.
    pub fn worker<F, R>(id: impl Into<Label>, start: F) -> ChildSpec<T>
    where
        F: Fn(&Process) -> R + Send + Sync + 'static,
        R: IntoFuture<Output = Result<T, StartError>, IntoFuture: Send + 'static>,
    {
        ChildSpec::new(id.into(), erase(start), ChildKind::Worker)
    }

    /// A child that is a supervisor itself. By default it is permanent and may take any time to shut down, since its
    /// own children have their limits.
    pub fn supervisor<F, R>(id: impl Into<Label>, start: F) -> ChildSpec<T>
    where
        F: Fn(&Process) -> R + Send + Sync + 'static,
        R: IntoFuture<Output = Result<T, StartError>, IntoFuture: Send + 'static>,
    {
        ChildSpec::new(id.into(), erase(start), ChildKind::Supervisor)
    }

    fn new(id: Label, start: StartFn, kind: ChildKind) -> ChildSpec<T> {
        ChildSpec {
            id,
            start,
            restart: Restart::default(),
            shutdown: None,
            kind,
            significant: false,
            backoff: None,
            child: PhantomData,
        }
    }

    /// The same spec for whoever need not know what the child is: all that is told of it is its pid.
    pub fn untyped(self) -> ChildSpec {
        let ChildSpec { id, start, restart, shutdown, kind, significant, backoff, child: _ } = self;
        ChildSpec { id, start, restart, shutdown, kind, significant, backoff, child: PhantomData }
    }

    /// When the child is started again; by default, always.
    pub fn restart(mut self, restart: Restart) -> ChildSpec<T> {
        self.restart = restart;
        self
    }

    /// How the child is stopped; by default, workers have five seconds and supervisors any time.
    pub fn shutdown(mut self, shutdown: Shutdown) -> ChildSpec<T> {
        self.shutdown = Some(shutdown);
        self
    }

    /// Whether the child's own end may end the supervisor; see [`AutoShutdown`](crate::AutoShutdown). Not allowed for
    /// permanent children. By default, false.
    pub fn significant(mut self, significant: bool) -> ChildSpec<T> {
        self.significant = significant;
        self
    }

    /// Waits before the child is started again; by default, as in OTP, it is not.
    pub fn backoff(mut self, backoff: Backoff) -> ChildSpec<T> {
        self.backoff = Some(backoff);
        self
    }
}

impl<T> ChildSpec<T> {
    /// What the supervisor knows the child by.
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

    pub(crate) fn is_temporary(&self) -> bool {
        self.restart == Restart::Temporary
    }

    /// Starts the child; a panic counts as a failure. `None` if it answered ignore.
    pub(crate) async fn start(&self, supervisor: &Process) -> Result<Option<AnyChild>, StartError> {
        let panicked = |crash| {
            report_crash(supervisor, &crash);
            StartError::Failed(ExitReason::Error(crash))
        };
        match contain_future(|| (self.start)(supervisor)).await.map_err(panicked)? {
            Ok(child) => Ok(Some(child)),
            Err(StartError::Ignore(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn erase<F, R, T>(start: F) -> StartFn
where
    F: Fn(&Process) -> R + Send + Sync + 'static,
    R: IntoFuture<Output = Result<T, StartError>, IntoFuture: Send + 'static>,
    T: Started,
{
    Arc::new(move |supervisor| start(supervisor).into_future().map(|started| started.and_then(AnyChild::of)).boxed())
}

impl<T> Clone for ChildSpec<T> {
    fn clone(&self) -> ChildSpec<T> {
        ChildSpec { id: self.id.clone(), start: self.start.clone(), ..*self }
    }
}

impl<T> fmt::Debug for ChildSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildSpec")
            .field("id", &self.id)
            .field("restart", &self.restart)
            .field("shutdown", &self.shutdown_limit())
            .field("kind", &self.kind)
            .field("significant", &self.significant)
            .finish_non_exhaustive()
    }
}

/// When a child is started again after it has ended by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// If it ended abnormally: with anything but `Normal`, `Shutdown` or `ShutdownWith`.
    Transient,
    /// Never; its spec is forgotten when it ends.
    Temporary,
}

/// How a child is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shutdown {
    /// It is killed.
    BrutalKill,
    /// It is asked to shut down, and killed if it has not ended in time.
    Timeout(Duration),
    /// It is asked to shut down, and waited for.
    Infinity,
}

/// What kind of process a child is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// Anything but a supervisor.
    Worker,
    /// A supervisor.
    Supervisor,
}
