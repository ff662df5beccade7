use std::time::Duration;

use otp_core::{ExitReason, Label, Process, ProcessContext, ProcessRef, SpawnOptions, Spawner, System};
use otp_genserver::NoMessage;
use otp_supervisor::Shutdown;

use crate::output::TaskOutput;
use crate::task::Task;

/// The options of a task: what it is called, and how it is tied to its owner.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::task::TaskOptions;
///
/// let task = TaskOptions::new().label("checksum").spawn(&system, async { 17 });
/// assert_eq!(task.label().as_str(), "checksum");
/// assert_eq!(task.await, Ok(17));
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct TaskOptions {
    pub(crate) label: Label,
    pub(crate) link: Option<bool>,
    pub(crate) trap_exit: bool,
    pub(crate) shutdown: Shutdown,
    pub(crate) limit: Option<Duration>,
}

impl TaskOptions {
    /// Makes the default options.
    pub fn new() -> TaskOptions {
        TaskOptions {
            label: Label::from_static("task"),
            link: None,
            trap_exit: false,
            shutdown: Shutdown::Timeout(Duration::from_secs(5)),
            limit: None,
        }
    }

    /// Sets the label of the task, for errors, logs and introspection; by default `task`. It need not be unique.
    pub fn label(mut self, label: impl Into<Label>) -> TaskOptions {
        self.label = label.into();
        self
    }

    /// Sets whether the task is linked to its owner. A [`Task`] is linked by default. Tasks whose outcome is a message
    /// are not.
    pub fn link(mut self, link: bool) -> TaskOptions {
        self.link = Some(link);
        self
    }

    /// Makes the task trap exits from the beginning. A task that traps exits is only ended by a kill.
    pub fn trap_exit(mut self, on: bool) -> TaskOptions {
        self.trap_exit = on;
        self
    }

    /// Sets how a task supervisor stops the task; by default the task has five seconds. Without a supervisor it has no
    /// effect.
    pub fn shutdown(mut self, shutdown: Shutdown) -> TaskOptions {
        self.shutdown = shutdown;
        self
    }

    /// Limits the time that the task may take. When it is over, the future is dropped, and the task ends with the reason
    /// `Other`, which holds an [`Elapsed`](otp_core::scope::Elapsed). By default there is no limit.
    pub fn time_limit(mut self, limit: Duration) -> TaskOptions {
        self.limit = Some(limit);
        self
    }

    /// Starts a task with these options; see [`Task::spawn`].
    pub fn spawn<T, O, Fut>(self, owner: &impl Spawner, future: Fut) -> Task<T>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        Task::begin(owner, self, future)
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.link.unwrap_or(true)
    }

    /// The options of the process, without a link.
    pub(crate) fn process(&self) -> SpawnOptions<NoMessage> {
        SpawnOptions::new().label(self.label.clone()).trap_exit(self.trap_exit)
    }
}

impl Default for TaskOptions {
    fn default() -> TaskOptions {
        TaskOptions::new()
    }
}

/// Starts the process of a task.
pub(crate) fn spawn<Fut>(
    on: &impl Spawner,
    options: SpawnOptions<NoMessage>,
    body: impl FnOnce(ProcessContext<NoMessage>) -> Fut + Send + 'static,
) -> ProcessRef<NoMessage>
where
    Fut: Future<Output = ExitReason> + Send + 'static,
{
    let spawned = match on.process() {
        Some(parent) => Process::spawn_with(&parent, options, body),
        None => System::spawn_with(on.system(), options, body),
    };
    spawned.expect("only a name can be refused").process
}

/// Runs the future of a task within its time limit.
pub(crate) async fn compute<T, O: TaskOutput<T>>(
    system: System,
    limit: Option<Duration>,
    future: impl Future<Output = O>,
) -> Result<T, ExitReason> {
    match limit {
        None => future.await.into_result(),
        Some(limit) => match system.timeout(limit, future).await {
            Ok(output) => output.into_result(),
            Err(elapsed) => Err(ExitReason::other(elapsed)),
        },
    }
}
