use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{Process, Spawner};

use crate::children::Children;
use crate::decide::Rules;
use crate::error::{SpecError, check_childspecs, check_period};
use crate::flags::{AutoShutdown, Strategy};
use crate::intensity::Intensity;
use crate::kind::{ChildOf, Static};
use crate::server::{Plan, Server};
use crate::spec::ChildSpec;
use crate::start::StartSupervisor;

/// Configures and starts a supervisor: its children, and what it does when they end.
///
/// Children are started in the order in which they are added, each after the one before is ready, and stopped in
/// reverse order. If a child does not start, those before it are stopped again and the supervisor does not start.
///
/// When a child ends, it is restarted as its [`Restart`](crate::Restart) defines, together with the children that the
/// [`Strategy`] defines. A failed restart is tried again at once; each attempt counts. After more than `intensity`
/// restarts within `period` the supervisor gives up: it stops its children and ends with `Shutdown`.
///
/// The supervisor follows the [`supervisor` manual page](https://www.erlang.org/doc/man/supervisor.html) of OTP.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{Pid, Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, Strategy, Supervisor};
///
/// async fn sleeper(supervisor: Process) -> Pid {
///     supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await).pid()
/// }
///
/// let supervisor = Supervisor::new(Strategy::OneForAll)
///     .child(ChildSpec::worker("first", sleeper))
///     .child(ChildSpec::worker("second", sleeper))
///     .start(&system)
///     .await
///     .unwrap();
///
/// // The child that was started last comes first, as in OTP.
/// let children = supervisor.which_children().await.unwrap();
/// assert_eq!(children.iter().map(|child| child.id.as_str()).collect::<Vec<_>>(), ["second", "first"]);
/// # }).unwrap();
/// ```
#[must_use = "a supervisor does nothing before it is started"]
#[derive(Debug)]
pub struct Supervisor {
    strategy: Strategy,
    intensity: Intensity,
    auto_shutdown: AutoShutdown,
    children: Vec<ChildSpec>,
}

impl Supervisor {
    /// Makes a supervisor without children, which allows one restart within five seconds.
    pub fn new(strategy: Strategy) -> Supervisor {
        Supervisor {
            strategy,
            intensity: Intensity::new(1, Duration::from_secs(5)),
            auto_shutdown: AutoShutdown::Never,
            children: Vec::new(),
        }
    }

    /// Makes a supervisor with the callback `init`, which runs in the new process when the supervisor starts; OTP's
    /// `init/1`. An error of the callback fails the start; [`StartError::Ignore`] is not a failure for a supervisor
    /// above.
    pub fn deferred(
        init: impl FnOnce(&Process) -> Result<Supervisor, StartError> + Send + 'static,
    ) -> DeferredSupervisor {
        DeferredSupervisor { init: Box::new(init) }
    }

    /// Sets how many restarts are allowed within which time, over all children; by default, one within five seconds.
    /// With a limit of zero, the first restart exceeds it.
    pub fn intensity(mut self, limit: usize, period: Duration) -> Supervisor {
        self.intensity = Intensity::new(limit, period);
        self
    }

    /// Sets whether the supervisor ends when significant children end; by default, never.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Supervisor {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child, to be started after those that were added before.
    pub fn child(mut self, spec: impl ChildOf<Static>) -> Supervisor {
        self.children.push(spec.into_child());
        self
    }

    /// Adds children, in this order.
    pub fn children(mut self, specs: impl IntoIterator<Item: ChildOf<Static>>) -> Supervisor {
        self.children.extend(specs.into_iter().map(ChildOf::into_child));
        self
    }

    /// Starts the supervisor without a link; outside any process, the system itself is its parent. Does nothing until
    /// it is awaited.
    pub fn start(self, on: &impl Spawner) -> StartSupervisor {
        Supervisor::deferred(|_| Ok(self)).start(on)
    }

    /// Starts the supervisor with a link to the process that starts it, its parent: when the parent ends, the
    /// supervisor stops its children and ends too. Does nothing until it is awaited.
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor {
        Supervisor::deferred(|_| Ok(self)).start_link(on)
    }

    fn check(&self) -> Result<(), SpecError> {
        check_period(self.intensity.period())?;
        check_childspecs(&self.children, self.auto_shutdown)
    }
}

/// A supervisor whose configuration is made in its own process; see [`Supervisor::deferred`].
#[must_use = "a supervisor does nothing before it is started"]
pub struct DeferredSupervisor {
    init: InitFn,
}

type InitFn = Box<dyn FnOnce(&Process) -> Result<Supervisor, StartError> + Send>;

impl DeferredSupervisor {
    /// Starts the supervisor without a link; see [`Supervisor::start`].
    pub fn start(self, on: &impl Spawner) -> StartSupervisor {
        StartSupervisor::new(on, self.plan())
    }

    /// Starts the supervisor with a link to its parent; see [`Supervisor::start_link`].
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor {
        StartSupervisor::linked(on, self.plan())
    }

    fn plan(self) -> Plan<Static> {
        Plan::new(|process| {
            let supervisor = (self.init)(process)?;
            supervisor.check().map_err(StartError::failed)?;
            let Supervisor { strategy, intensity, auto_shutdown, children: specs } = supervisor;
            let rules = Rules { strategy, auto_shutdown, intensity };
            let (children, template) = (Children::with_ids(), Arc::new(|spec| spec));
            Ok((Server { children, rules, template, limit: None, forgives_dead: false }, specs))
        })
    }
}

impl fmt::Debug for DeferredSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeferredSupervisor")
    }
}
