use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::Spawner;

use crate::children::Children;
use crate::decide::Rules;
use crate::error::check_period;
use crate::flags::{AutoShutdown, Strategy};
use crate::intensity::Intensity;
use crate::kind::{ChildOf, Dynamic, Kind};
use crate::server::{Plan, Server, Template};
use crate::start::StartSupervisor;
use crate::started::Started;

/// Configures and starts a supervisor for any number of children, which are added at run time.
///
/// Each child is started from its own spec (Elixir's `DynamicSupervisor`), or from arguments for a template that makes
/// the spec (OTP's `simple_one_for_one`). Children have no ids, and a child that is not restarted is removed. When the
/// supervisor stops, it signals all children at once, and each has its own time limit.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, DynamicSupervisor, Restart};
///
/// let connections = DynamicSupervisor::template(|number: u32| {
///     ChildSpec::worker("connection", async move |supervisor: Process| {
///         supervisor.spawn_link(async move |_: ProcessContext<u32>| {
///             std::future::pending::<u32>().await;
///         })
///     })
///     .restart(Restart::Temporary)
/// })
/// .max_children(2)
/// .start(&system)
/// .await
/// .unwrap();
///
/// assert!(connections.start_child(1).await.is_ok());
/// assert!(connections.start_child(2).await.is_ok());
/// assert!(connections.start_child(3).await.is_err());
/// # }).unwrap();
/// ```
///
/// `K` is what a child is started from: a [`ChildSpec`](crate::ChildSpec) by default; `fn(A) -> T` for a template that
/// makes a child of type `T` from an `A`.
#[must_use = "a supervisor does nothing before it is started"]
pub struct DynamicSupervisor<K: Kind = Dynamic> {
    template: Template<K::Child>,
    forgives_dead: bool,
    limit: Option<usize>,
    intensity: Intensity,
    auto_shutdown: AutoShutdown,
    kind: PhantomData<fn() -> K>,
}

impl DynamicSupervisor {
    /// Makes a supervisor whose children are started from specs. It has the defaults of Elixir's `DynamicSupervisor`:
    /// three restarts within five seconds.
    pub fn new() -> DynamicSupervisor {
        DynamicSupervisor {
            intensity: Intensity::new(3, Duration::from_secs(5)),
            ..DynamicSupervisor::making(Arc::new(|spec| spec), false)
        }
    }
}

impl Default for DynamicSupervisor {
    fn default() -> DynamicSupervisor {
        DynamicSupervisor::new()
    }
}

impl<A: Send + 'static, T: Started> DynamicSupervisor<fn(A) -> T> {
    /// Makes a supervisor whose children are started from arguments; a restart uses the same arguments. If the template
    /// panics, only that start fails.
    pub fn template<C>(template: impl Fn(A) -> C + Send + Sync + 'static) -> DynamicSupervisor<fn(A) -> T>
    where
        C: ChildOf<Dynamic, Started = T>,
    {
        DynamicSupervisor::making(Arc::new(move |args| template(args).into_child()), true)
    }
}

impl<K: Kind> DynamicSupervisor<K> {
    fn making(template: Template<K::Child>, forgives_dead: bool) -> DynamicSupervisor<K> {
        DynamicSupervisor {
            template,
            forgives_dead,
            limit: None,
            intensity: Intensity::new(1, Duration::from_secs(5)),
            auto_shutdown: AutoShutdown::Never,
            kind: PhantomData,
        }
    }

    /// Limits the number of children, including those that wait for a restart; by default, there is no limit.
    pub fn max_children(mut self, limit: usize) -> DynamicSupervisor<K> {
        self.limit = Some(limit);
        self
    }

    /// Sets how many restarts are allowed within which time, over all children; by default, one within five seconds for
    /// a template, as in OTP, and three for specs, as in Elixir.
    pub fn intensity(mut self, limit: usize, period: Duration) -> DynamicSupervisor<K> {
        self.intensity = Intensity::new(limit, period);
        self
    }

    /// Sets whether the supervisor ends when significant children end; by default, never.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> DynamicSupervisor<K> {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Starts the supervisor without a link; see [`Supervisor::start`](crate::Supervisor::start).
    pub fn start(self, on: &impl Spawner) -> StartSupervisor<K> {
        StartSupervisor::new(on, self.plan())
    }

    /// Starts the supervisor with a link to its parent; see [`Supervisor::start_link`](crate::Supervisor::start_link).
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor<K> {
        StartSupervisor::linked(on, self.plan())
    }

    fn plan(self) -> Plan<K> {
        let DynamicSupervisor { template, forgives_dead, limit, intensity, auto_shutdown, kind: _ } = self;
        Plan::new(move |_| {
            check_period(intensity.period()).map_err(StartError::failed)?;
            let rules = Rules { strategy: Strategy::OneForOne, auto_shutdown, intensity };
            Ok((Server { children: Children::without_ids(), rules, template, limit, forgives_dead }, Vec::new()))
        })
    }
}

impl<K: Kind> fmt::Debug for DynamicSupervisor<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSupervisor").field("limit", &self.limit).finish_non_exhaustive()
    }
}
