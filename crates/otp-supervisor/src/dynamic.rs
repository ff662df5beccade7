use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{ExitReason, Spawner};

use crate::children::Children;
use crate::decide::Rules;
use crate::error::check_period;
use crate::flags::{AutoShutdown, Strategy};
use crate::intensity::Intensity;
use crate::kind::{ChildOf, Dynamic, Kind};
use crate::server::{Plan, Server, Template};
use crate::start::StartSupervisor;
use crate::started::Started;

/// A supervisor that is about to be started, without children, for any number of them.
///
/// Children are added while it runs, each by itself: with a spec of its own (Elixir's `DynamicSupervisor`), or with
/// arguments from which a template makes the spec (OTP's `simple_one_for_one`). They have no ids, and one that is not
/// started again is forgotten. When the supervisor stops, all are told at once, and each has its own time limit.
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
/// `K` says what a child is started from: from a [`ChildSpec`](crate::ChildSpec) of its own, or, if it is `fn(A) -> T`,
/// from an `A` by a template, to be a `T`.
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
    /// A supervisor whose children each bring a spec. It has the defaults of Elixir's `DynamicSupervisor`: three
    /// restarts within five seconds.
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
    /// A supervisor whose children are made from arguments; a restart uses the same ones. A template that panics
    /// fails that one start, and nothing else.
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

    /// How many children there may be, those included that wait for a restart; by default, any number.
    pub fn max_children(mut self, limit: usize) -> DynamicSupervisor<K> {
        self.limit = Some(limit);
        self
    }

    /// How many restarts are allowed within which time, over all children; by default, one within five seconds for a
    /// template, as in OTP, and three for specs, as in Elixir.
    pub fn intensity(mut self, limit: usize, period: Duration) -> DynamicSupervisor<K> {
        self.intensity = Intensity::new(limit, period);
        self
    }

    /// Whether the supervisor ends when significant children do; by default, never.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> DynamicSupervisor<K> {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Starts the supervisor, linked to nobody; see [`Supervisor::start`](crate::Supervisor::start).
    pub fn start(self, on: &impl Spawner) -> StartSupervisor<K> {
        StartSupervisor::new(on, self.plan())
    }

    /// Starts the supervisor, linked to its parent; see [`Supervisor::start_link`](crate::Supervisor::start_link).
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor<K> {
        StartSupervisor::linked(on, self.plan())
    }

    fn plan(self) -> Plan<K> {
        let DynamicSupervisor { template, forgives_dead, limit, intensity, auto_shutdown, kind: _ } = self;
        Plan::new(move |_| {
            check_period(intensity.period()).map_err(|error| StartError::Failed(ExitReason::from(error)))?;
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
