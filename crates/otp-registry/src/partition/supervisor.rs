use std::fmt;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::{StartError, Starter};
use otp_core::{ExitReason, Label, Process, Spawner, System};
use otp_supervisor::{ChildSpec, Reachable, StartsChild, Strategy, Supervisor};

use super::partitions::Partitions;
use super::route::Partition;

/// Configures and starts a supervisor of partitions: children of one kind, among which work is divided by a key, so that
/// one process is not the bottleneck. `T` is what a child's start returns, a
/// [`ServerRef`](otp_genserver::ServerRef) or another [`Reachable`] child.
///
/// The partitions have the numbers `0` to `N - 1`, which are also their ids. They are started in that order, and stopped in
/// reverse. There are as many as the runtime can run at the same time, unless [`partitions`](Self::partitions) says
/// otherwise.
///
/// * **Routing.** [`Partitions::of`] returns a reference to the partition for a key.
/// * **On exit of a partition.** It is restarted in its place, as its spec says; the others go on. Requests to it fail with
///   `NoProc` meanwhile; [`Call::through_restart`](otp_core::Call::through_restart) waits.
/// * **Intensity.** The restarts of all partitions count together, by default one within five seconds. After too many the
///   supervisor stops all, and ends with `Shutdown`.
/// * **On a failed start.** If one partition does not start, those before it are stopped, and the start fails.
///
/// It follows Elixir's [`PartitionSupervisor`](https://hexdocs.pm/elixir/PartitionSupervisor.html).
///
/// ```
/// # use otp::prelude::*;
/// # struct Counter(u64);
/// # #[gen_server]
/// # impl Counter {
/// #     #[init]
/// #     fn init(start: u64) -> Self { Counter(start) }
/// #     #[call]
/// #     fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 }
/// # }
/// # fn main() {
/// # otp::tokio::run(async |system| {
/// use otp::registry::PartitionSupervisor;
///
/// let counters = PartitionSupervisor::new(|_| Counter::child(0)).partitions(4).start(&system).await.unwrap();
/// assert_eq!(counters.of("ann").add(2).await, Ok(2));
/// assert_eq!(counters.of("ann").add(3).await, Ok(5));
/// assert_eq!(counters.index(&7), 3);
/// assert_eq!(counters.supervisor().unwrap().count_children().await.unwrap().active, 4);
/// # });
/// # }
/// ```
#[must_use = "a supervisor does nothing before it is started"]
pub struct PartitionSupervisor<T: Reachable> {
    make: Arc<Make<T>>,
    count: Option<NonZeroUsize>,
    intensity: (usize, Duration),
}

/// Makes the spec of a partition, which tells its place of each start.
type Make<T> = dyn Fn(usize, Arc<Partition<<T as Reachable>::Message>>) -> ChildSpec + Send + Sync;

impl<T: Reachable> PartitionSupervisor<T> {
    /// Makes a supervisor whose partitions have the specs that `make` returns for their numbers. `make` runs in the new
    /// supervisor; a panic in it fails the start. The ids of the specs are replaced.
    pub fn new<F: StartsChild>(
        make: impl Fn(usize) -> ChildSpec<T, F> + Send + Sync + 'static,
    ) -> PartitionSupervisor<T> {
        let make = move |number: usize, partition: Arc<Partition<T::Message>>| {
            let tell = move |_: &Process, child: &T| child.pid().into_iter().for_each(|pid| partition.started(pid));
            make(number).with_id(number.to_string()).on_start(tell).untyped()
        };
        PartitionSupervisor { make: Arc::new(make), count: None, intensity: (1, Duration::from_secs(5)) }
    }

    /// Sets the number of partitions; by default what [`Runtime::parallelism`](otp_core::runtime::Runtime::parallelism)
    /// returns.
    ///
    /// # Panics
    ///
    /// If it is zero.
    pub fn partitions(self, count: usize) -> PartitionSupervisor<T> {
        let count = NonZeroUsize::new(count).expect("there is at least one partition");
        PartitionSupervisor { count: Some(count), ..self }
    }

    /// Sets how many restarts are allowed within which time, over all partitions; see [`Supervisor::intensity`].
    pub fn intensity(self, limit: usize, period: Duration) -> PartitionSupervisor<T> {
        PartitionSupervisor { intensity: (limit, period), ..self }
    }

    /// Starts the partitions without a link; outside any process, the system itself is the parent. Does nothing until it is
    /// awaited.
    pub fn start(self, on: &impl Spawner) -> StartPartitions<T> {
        StartPartitions { plan: self, on: Starter::of(on), link: false, label: Label::from_static("partitions") }
    }

    /// Starts the partitions with a link to the process that starts them. Does nothing until it is awaited.
    pub fn start_link(self, on: &impl Spawner) -> StartPartitions<T> {
        StartPartitions { link: true, ..self.start(on) }
    }

    /// Makes the spec of a child that is such a supervisor, and the way to its partitions, which is valid before the first
    /// start and after every restart: until the partitions run, requests fail with `NoProc`. Use the spec for one child, of
    /// a supervisor in `system`; under one in another system it does not start.
    ///
    /// ```
    /// # use otp::prelude::*;
    /// # struct Counter(u64);
    /// # #[gen_server]
    /// # impl Counter {
    /// #     #[init]
    /// #     fn init(start: u64) -> Self { Counter(start) }
    /// #     #[call]
    /// #     fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 }
    /// # }
    /// # fn main() {
    /// # otp::tokio::run(async |system| {
    /// use otp::registry::PartitionSupervisor;
    ///
    /// let (spec, counters) = PartitionSupervisor::new(|_| Counter::child(0)).child(&system, "counters");
    /// assert!(counters.of(&1).add(1).await.is_err());
    /// Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    /// assert_eq!(counters.of(&1).add(1).await, Ok(1));
    /// # });
    /// # }
    /// ```
    pub fn child(self, system: &System, id: impl Into<Label>) -> (ChildSpec<Partitions<T>>, Partitions<T>) {
        let id = id.into();
        let partitions = self.prepare(system, id.clone());
        let (plan, started, label) = (Arc::new(self), partitions.clone(), id.clone());
        let start = move |supervisor: Process| {
            let on = Starter::of(&supervisor);
            async move {
                // The routes lead to processes of their own system, whose pids are others' there.
                if on.system() != started.system() {
                    return Err(StartError::failed(ExitReason::crash("its partitions belong to another system")));
                }
                plan.run(&on, true, label, started).await
            }
        };
        (ChildSpec::supervisor(id, start), partitions)
    }

    fn prepare(&self, system: &System, label: Label) -> Partitions<T> {
        let count = self.count.unwrap_or_else(|| system.runtime().parallelism());
        Partitions::new(system, label, count.get())
    }

    async fn run(
        &self,
        on: &Starter,
        link: bool,
        label: Label,
        partitions: Partitions<T>,
    ) -> Result<Partitions<T>, StartError> {
        let (make, places, (limit, period)) = (self.make.clone(), partitions.clone(), self.intensity);
        let supervisor = Supervisor::deferred(move |_| {
            let places = places.0.all.iter().cloned().enumerate();
            let children = places.map(|(number, partition)| make(number, partition));
            Ok(Supervisor::new(Strategy::OneForOne).intensity(limit, period).children(children))
        });
        let start = if link { supervisor.start_link(on) } else { supervisor.start(on) };
        partitions.supervised_by(start.label(label).await?);
        Ok(partitions)
    }
}

impl<T: Reachable> fmt::Debug for PartitionSupervisor<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionSupervisor")
            .field("partitions", &self.count)
            .field("intensity", &self.intensity)
            .finish_non_exhaustive()
    }
}

/// Starts partitions when it is awaited. Made by [`PartitionSupervisor::start`] and [`PartitionSupervisor::start_link`].
///
/// # Errors
///
/// [`StartError`]; if a partition did not start,
/// [`FailedToStartChild::behind`](otp_supervisor::FailedToStartChild::behind) returns which.
#[must_use = "partitions are started when this is awaited"]
pub struct StartPartitions<T: Reachable> {
    plan: PartitionSupervisor<T>,
    on: Starter,
    link: bool,
    label: Label,
}

impl<T: Reachable> StartPartitions<T> {
    /// Sets the label of the supervisor, for logs and introspection; by default `partitions`. A partition is called
    /// `label[0]` in errors of requests to it.
    pub fn label(self, label: impl Into<Label>) -> StartPartitions<T> {
        StartPartitions { label: label.into(), ..self }
    }
}

impl<T: Reachable> IntoFuture for StartPartitions<T> {
    type Output = Result<Partitions<T>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let StartPartitions { plan, on, link, label } = self;
            let partitions = plan.prepare(on.system(), label.clone());
            plan.run(&on, link, label, partitions).await
        })
    }
}

impl<T: Reachable> fmt::Debug for StartPartitions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartPartitions({})", self.label)
    }
}
