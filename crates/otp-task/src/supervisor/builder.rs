use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_behaviour::StartError;
use otp_core::{Label, Process, Spawner};
use otp_supervisor::{ChildSpec, Dynamic, DynamicSupervisor, StartSupervisor, SupervisorName};

use super::reference::TaskSupervisorRef;

/// Configures and starts a supervisor of tasks: Elixir's `Task.Supervisor`.
///
/// Tasks under a supervisor are stopped when the supervisor is, all at once and each within its own time. A task that is
/// not linked to its owner survives it.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::task::TaskSupervisor;
///
/// let tasks = TaskSupervisor::new().max_children(100).start(&system).await.unwrap();
/// let task = tasks.spawn(&system, async { 6 * 7 }).await.unwrap();
/// assert_eq!(task.await, Ok(42));
/// assert_eq!(tasks.children().await, Ok(Vec::new()));
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a supervisor does nothing before it is started"]
pub struct TaskSupervisor {
    dynamic: DynamicSupervisor,
}

impl TaskSupervisor {
    /// Makes a supervisor with Elixir's defaults: any number of tasks, and three restarts within five seconds.
    pub fn new() -> TaskSupervisor {
        TaskSupervisor { dynamic: DynamicSupervisor::new() }
    }

    /// Limits the number of tasks; by default there is no limit.
    pub fn max_children(self, limit: usize) -> TaskSupervisor {
        TaskSupervisor { dynamic: self.dynamic.max_children(limit) }
    }

    /// Sets how many restarts are allowed within which time, over all tasks that are restarted.
    pub fn intensity(self, limit: usize, period: Duration) -> TaskSupervisor {
        TaskSupervisor { dynamic: self.dynamic.intensity(limit, period) }
    }

    /// Starts the supervisor without a link; see [`Supervisor::start`](otp_supervisor::Supervisor::start).
    pub fn start(self, on: &impl Spawner) -> StartTaskSupervisor {
        StartTaskSupervisor::labelled(self.dynamic.start(on))
    }

    /// Starts the supervisor with a link to its parent; see
    /// [`Supervisor::start_link`](otp_supervisor::Supervisor::start_link).
    pub fn start_link(self, on: &impl Spawner) -> StartTaskSupervisor {
        StartTaskSupervisor::labelled(self.dynamic.start_link(on))
    }

    /// Makes the spec of a task supervisor as a child of a supervisor. `configure` makes its options, at each start. Find
    /// it by `name`, which is also the id of the child.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::supervisor::{Strategy, Supervisor, SupervisorName, Dynamic};
    /// use otp::task::{TaskSupervisor, TaskSupervisorRef};
    ///
    /// const JOBS: SupervisorName<Dynamic> = SupervisorName::new("jobs");
    ///
    /// let tree = Supervisor::new(Strategy::OneForOne)
    ///     .child(TaskSupervisor::supervised(JOBS, || TaskSupervisor::new().max_children(10)));
    /// tree.start(&system).await.unwrap();
    ///
    /// let jobs = TaskSupervisorRef::named(&system, JOBS);
    /// assert_eq!(jobs.spawn(&system, async { 1 }).await.unwrap().await, Ok(1));
    /// # }).unwrap();
    /// ```
    pub fn supervised(
        name: SupervisorName<Dynamic>,
        configure: impl Fn() -> TaskSupervisor + Clone + Send + Sync + 'static,
    ) -> ChildSpec<TaskSupervisorRef> {
        ChildSpec::supervisor(Label::from(name.clone()), move |supervisor: Process| {
            configure().start_link(&supervisor).name(name)
        })
    }
}

impl Default for TaskSupervisor {
    fn default() -> TaskSupervisor {
        TaskSupervisor::new()
    }
}

/// Starts a task supervisor when it is awaited.
///
/// # Errors
///
/// [`StartError`] if the name is taken, or the period of the intensity is zero.
#[must_use = "a supervisor is started when this is awaited"]
pub struct StartTaskSupervisor(StartSupervisor<Dynamic>);

impl StartTaskSupervisor {
    fn labelled(start: StartSupervisor<Dynamic>) -> StartTaskSupervisor {
        StartTaskSupervisor(start.label("task supervisor"))
    }

    /// Registers the supervisor.
    pub fn name(self, name: SupervisorName<Dynamic>) -> StartTaskSupervisor {
        StartTaskSupervisor(self.0.name(name))
    }

    /// Sets the label of the supervisor, for logs and introspection; by default its name, or `task supervisor`.
    pub fn label(self, label: impl Into<Label>) -> StartTaskSupervisor {
        StartTaskSupervisor(self.0.label(label))
    }
}

impl IntoFuture for StartTaskSupervisor {
    type Output = Result<TaskSupervisorRef, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.await.map(TaskSupervisorRef::from) })
    }
}

impl fmt::Debug for StartTaskSupervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartTaskSupervisor({:?})", self.0)
    }
}
