use otp_behaviour::Stop;
use otp_core::{CallError, Exited, LookupError, Pid, Spawner, System, Target};
use otp_supervisor::{ChildError, ChildInfo, Counts, Dynamic, StartChildError, Started, SupervisorName, SupervisorRef};

use super::spec::TaskSpec;
use super::starting::Starting;
use crate::error::NotStarted;
use crate::options::TaskOptions;
use crate::output::TaskOutput;
use crate::task::Task;

/// Sends requests to a task supervisor: starts, stops and lists its tasks. Refers to one process, or to the holder of a
/// name. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TaskSupervisorRef {
    supervisor: SupervisorRef<Dynamic>,
}

impl TaskSupervisorRef {
    /// Returns a reference to the task supervisor that holds `name` in `system`. Each request looks up the current
    /// holder.
    pub fn named(system: &System, name: SupervisorName<Dynamic>) -> TaskSupervisorRef {
        SupervisorRef::named(system, name).into()
    }

    /// Returns a reference to the task supervisor with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is not a dynamic supervisor.
    pub fn of(system: &System, pid: Pid) -> Result<TaskSupervisorRef, LookupError> {
        SupervisorRef::of(system, pid).map(TaskSupervisorRef::from)
    }

    /// Starts a task under the supervisor that is linked to its owner: Elixir's `Task.Supervisor.async`.
    ///
    /// # Errors
    ///
    /// [`NotStarted`] gives the future back: the supervisor has as many tasks as it may have, or is gone.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before the supervisor has come to the request, the task is not started. Otherwise the
    /// task goes on, as if its handle had been dropped.
    pub async fn spawn<T, O, Fut>(&self, owner: &(impl Spawner + Sync), future: Fut) -> Result<Task<T>, NotStarted<Fut>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        self.spawn_with(owner, TaskOptions::new(), future).await
    }

    /// Starts a task under the supervisor that is not linked to its owner: Elixir's `Task.Supervisor.async_nolink`.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](TaskSupervisorRef::spawn).
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](TaskSupervisorRef::spawn).
    pub async fn spawn_nolink<T, O, Fut>(
        &self,
        owner: &(impl Spawner + Sync),
        future: Fut,
    ) -> Result<Task<T>, NotStarted<Fut>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        self.spawn_with(owner, TaskOptions::new().link(false), future).await
    }

    /// Starts a task under the supervisor, with options.
    ///
    /// # Errors
    ///
    /// As for [`spawn`](TaskSupervisorRef::spawn).
    ///
    /// # Cancel safety
    ///
    /// As for [`spawn`](TaskSupervisorRef::spawn).
    pub async fn spawn_with<T, O, Fut>(
        &self,
        owner: &(impl Spawner + Sync),
        options: TaskOptions,
        future: Fut,
    ) -> Result<Task<T>, NotStarted<Fut>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        Starting::new(owner.process(), options, future).under(&self.supervisor).await
    }

    /// Starts a task that nobody waits for, with no tie to the caller: Elixir's `Task.Supervisor.start_child`. Its spec
    /// says whether it is restarted.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::task::{TaskSpec, TaskSupervisor};
    ///
    /// let tasks = TaskSupervisor::new().start(&system).await.unwrap();
    /// let pid = tasks.start_child(TaskSpec::new(async || {})).await.unwrap();
    /// system.exited(pid).await;
    /// assert_eq!(tasks.children().await, Ok(vec![]));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`StartChildError`] if the supervisor has as many tasks as it may have, or is gone.
    pub async fn start_child(&self, task: TaskSpec) -> Result<Pid, StartChildError> {
        let started = self.supervisor.start_child(task.into_child()).await?;
        Ok(started.expect("a task does not ignore its start"))
    }

    /// Stops a task as its spec defines, and returns when it has ended.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`] if there is no such task, [`ChildError::Call`] if the supervisor is gone.
    pub async fn terminate_child(&self, pid: Pid) -> Result<(), ChildError> {
        self.supervisor.terminate_child(pid).await
    }

    /// Lists the pids of the running tasks, the last started first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn children(&self) -> Result<Vec<Pid>, CallError> {
        let children = self.which_children().await?;
        Ok(children.into_iter().filter_map(|child| child.state.running()).collect())
    }

    /// Lists the tasks, the last started first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.supervisor.which_children().await
    }

    /// Counts the tasks.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.supervisor.count_children().await
    }

    /// Asks the supervisor to stop (graceful shutdown): it stops all tasks at once, each within its own time.
    pub fn stop(&self) -> Stop {
        self.supervisor.stop()
    }

    /// Waits for the end of the supervisor; see [`SupervisorRef::exited`].
    pub fn exited(&self) -> Exited {
        self.supervisor.exited()
    }

    /// Returns the supervisor's pid; `None` if no process holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.supervisor.pid()
    }

    /// The system that the supervisor belongs to.
    pub fn system(&self) -> &System {
        self.supervisor.system()
    }
}

/// A task supervisor is a dynamic supervisor, which may have other children, too.
impl From<SupervisorRef<Dynamic>> for TaskSupervisorRef {
    fn from(supervisor: SupervisorRef<Dynamic>) -> TaskSupervisorRef {
        TaskSupervisorRef { supervisor }
    }
}

impl From<TaskSupervisorRef> for SupervisorRef<Dynamic> {
    fn from(tasks: TaskSupervisorRef) -> SupervisorRef<Dynamic> {
        tasks.supervisor
    }
}

impl Started for TaskSupervisorRef {
    fn pid(&self) -> Option<Pid> {
        TaskSupervisorRef::pid(self)
    }
}

/// Lets [`sys`](otp_behaviour::sys) and monitors take the reference.
impl From<&TaskSupervisorRef> for Target {
    fn from(tasks: &TaskSupervisorRef) -> Target {
        Target::from(&tasks.supervisor)
    }
}
