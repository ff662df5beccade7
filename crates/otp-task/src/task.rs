use std::fmt;
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use otp_core::{ExitReason, Exited, Label, Pid, Process, ProcessRef, Spawner, System, Target};
use otp_genserver::NoMessage;
use otp_supervisor::Shutdown;

use crate::error::TaskError;
use crate::options::{self, TaskOptions};
use crate::output::TaskOutput;

/// Holds a task: a process that computes one value of type `T`. Awaiting the handle gives the value: Elixir's
/// `Task.async` and `Task.await`.
///
/// The process that starts a task is its owner. By default the two are linked: a crash of the task ends its owner, unless
/// that traps exits, and an abnormal end of the owner ends the task. Use [`spawn_nolink`](Task::spawn_nolink) for a task
/// whose crash is only an error of waiting for it.
///
/// A handle is used up by waiting for the value, so that a task cannot be awaited twice:
///
/// ```compile_fail,E0382
/// # async fn example(task: otp::task::Task<u32>) {
/// let first = task.await;
/// let second = task.await;
/// # }
/// ```
///
/// Dropping the handle does not end the task: it goes on, linked as it was, and its value is dropped. To end it, use
/// [`shutdown`](Task::shutdown).
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::task::Task;
///
/// let sum = Task::spawn(&system, async { (1..=100).sum::<u32>() });
/// let product = Task::spawn(&system, async { 6 * 7 });
/// assert_eq!(product.await, Ok(42));
/// assert_eq!(sum.await, Ok(5050));
/// # }).unwrap();
/// ```
#[must_use = "a task's value and its crash are lost unless it is awaited; `Task::start` starts one that nobody awaits"]
pub struct Task<T> {
    process: ProcessRef<NoMessage>,
    label: Label,
    owner: Option<Process>,
    linked: bool,
    value: oneshot::Receiver<T>,
    exited: Exited,
}

/// What [`Task::yield_for`] found.
#[derive(Debug)]
#[must_use = "it holds the task, if that still runs"]
#[expect(clippy::exhaustive_enums, reason = "a task runs or has ended")]
pub enum Yielded<T> {
    /// The task has ended: its value, or why it has none.
    Done(Result<T, TaskError>),
    /// The task still runs; here it is, to be asked again or to be shut down.
    Running(Task<T>),
}

impl<T: Send + 'static> Task<T> {
    /// Starts a task that is linked to the process that starts it, its owner. Outside any process there is nobody to link
    /// it to, and anybody may await it.
    ///
    /// The task runs `future` as a process of its own, which starts at once. If the future returns an `Err` with an
    /// [`ExitReason`], the task ends with that reason; see [`TaskOutput`].
    pub fn spawn<O, Fut>(owner: &impl Spawner, future: Fut) -> Task<T>
    where
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        TaskOptions::new().spawn(owner, future)
    }

    /// Starts a task that is not linked to its owner: when one of the two ends, the other goes on.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ExitReason;
    /// use otp::task::{Task, TaskError};
    ///
    /// let task: Task<u32> = Task::spawn_nolink(&system, async { Err(ExitReason::other("no disk")) });
    /// let Err(TaskError::Exited { reason, .. }) = task.await else { panic!("it has a value") };
    /// assert_eq!(reason, ExitReason::other("no disk"));
    /// # }).unwrap();
    /// ```
    pub fn spawn_nolink<O, Fut>(owner: &impl Spawner, future: Fut) -> Task<T>
    where
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        TaskOptions::new().link(false).spawn(owner, future)
    }

    pub(crate) fn begin<O, Fut>(owner: &impl Spawner, options: TaskOptions, future: Fut) -> Task<T>
    where
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        let (sender, value) = oneshot::channel();
        let (system, limit) = (owner.system().clone(), options.limit);
        let linked = options.is_linked();
        let process = if linked { options.process().link() } else { options.process() };
        let body = async move |ctx| {
            let _ctx = ctx;
            tell(options::compute(system, limit, future).await, sender)
        };
        let process = options::spawn(owner, process, body);
        Task::of(process, options.label, owner.process(), linked, value)
    }

    pub(crate) fn of(
        process: ProcessRef<NoMessage>,
        label: Label,
        owner: Option<Process>,
        linked: bool,
        value: oneshot::Receiver<T>,
    ) -> Task<T> {
        let exited = process.exited();
        Task { process, label, owner, linked, value, exited }
    }

    /// Waits for the value, for `limit` at the longest; gives the task back if that still runs. A limit of zero looks
    /// once. Elixir's `Task.yield`.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    /// use otp::task::{Task, Yielded};
    /// use otp::supervisor::Shutdown;
    ///
    /// let task = Task::spawn(&system, std::future::pending::<u32>());
    /// let Yielded::Running(task) = task.yield_for(Duration::ZERO).await else { panic!("it never ends") };
    /// assert_eq!(task.shutdown(Shutdown::BrutalKill).await, Ok(None));
    /// # }).unwrap();
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handle: the task goes on, and its value is dropped.
    pub async fn yield_for(mut self, limit: Duration) -> Yielded<T> {
        if let Err(error) = self.check_owner() {
            return Yielded::Done(Err(error));
        }
        match self.ended_within(limit).await {
            Some(result) => Yielded::Done(result),
            None => Yielded::Running(self),
        }
    }

    /// Ends the task and waits for its end: Elixir's `Task.shutdown`. The task is unlinked before, so that its end does
    /// not reach its owner.
    ///
    /// With a time limit the task is asked to end, with the signal `Shutdown`, and killed when the time is over.
    /// Returns the value, if the task had computed it; `None` if it ended by the shutdown.
    ///
    /// # Errors
    ///
    /// [`TaskError::Exited`] if the task ended in another way: it had crashed before, or was killed because it did not
    /// end in time.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped after its first poll, the task has got its signal, but is not killed when its time is
    /// over.
    pub async fn shutdown(mut self, how: Shutdown) -> Result<Option<T>, TaskError> {
        self.check_owner()?;
        self.unlink();
        let (system, pid) = (self.system().clone(), self.pid());
        let brutal = matches!(how, Shutdown::BrutalKill);
        system.exit(pid, if brutal { ExitReason::Kill } else { ExitReason::Shutdown });
        let reason = match how {
            Shutdown::Timeout(limit) => match self.exited.within(limit).await {
                Ok(reason) => reason,
                Err(_) => {
                    system.exit(pid, ExitReason::Kill);
                    (&mut self.exited).await
                }
            },
            _ => (&mut self.exited).await,
        };
        match (self.take_value(), reason) {
            (Some(value), _) => Ok(Some(value)),
            (None, ExitReason::Killed) if brutal => Ok(None),
            (None, ExitReason::Shutdown) if !brutal => Ok(None),
            (None, reason) => Err(self.exited_with(reason)),
        }
    }

    /// Lets the task go on by itself, without a link to its owner: Elixir's `Task.ignore`. Returns the value, or why there
    /// is none, if the task has ended already.
    pub fn ignore(mut self) -> Option<Result<T, TaskError>> {
        if let Err(error) = self.check_owner() {
            return Some(Err(error));
        }
        self.unlink();
        if let Some(value) = self.take_value() {
            return Some(Ok(value));
        }
        self.look()
    }

    /// Waits for the end of the task.
    pub(crate) async fn ended(&mut self) -> Result<T, TaskError> {
        let reason = (&mut self.exited).await;
        self.result(reason)
    }

    /// Waits for the end of the task, for `limit` at the longest.
    pub(crate) async fn ended_within(&mut self, limit: Duration) -> Option<Result<T, TaskError>> {
        let reason = self.exited.within(limit).await.ok()?;
        Some(self.result(reason))
    }

    /// The value, or why there is none, if the task has ended.
    pub(crate) fn look(&mut self) -> Option<Result<T, TaskError>> {
        let reason = (&mut self.exited).now_or_never()?;
        Some(self.result(reason))
    }

    /// The value, or why there is none, of a task that has ended with `reason`.
    fn result(&mut self, reason: ExitReason) -> Result<T, TaskError> {
        self.take_value().ok_or_else(|| self.exited_with(reason))
    }

    /// The value, if it has been computed and not been taken.
    fn take_value(&mut self) -> Option<T> {
        self.value.try_recv().ok().flatten()
    }
}

impl<T> Task<T> {
    /// The pid of the task.
    pub fn pid(&self) -> Pid {
        self.process.pid()
    }

    /// The label of the task.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The pid of the process that the task belongs to; `None` if it was started from outside any process.
    pub fn owner(&self) -> Option<Pid> {
        self.owner.as_ref().map(Process::pid)
    }

    /// Returns false once the task has ended.
    pub fn is_alive(&self) -> bool {
        self.system().is_alive(self.process.pid())
    }

    /// The system that the task runs in.
    pub fn system(&self) -> &System {
        self.process.system()
    }

    /// Removes the link between the task and its owner.
    pub(crate) fn unlink(&self) {
        if let Some(owner) = self.owner.as_ref().filter(|_| self.linked) {
            owner.unlink(self.pid());
        }
    }

    /// Another process must not wait for the task. Code outside processes may, such as a task in the scope of the owner.
    pub(crate) fn check_owner(&self) -> Result<(), TaskError> {
        let (Some(owner), Some(current)) = (&self.owner, Process::current()) else { return Ok(()) };
        if current.pid() == owner.pid() && current.system() == owner.system() {
            return Ok(());
        }
        let (label, pid) = (self.label.clone(), self.pid());
        Err(TaskError::NotOwner { label, pid, owner: owner.pid(), asker: current.pid() })
    }

    pub(crate) fn timed_out(&self, limit: Duration) -> TaskError {
        TaskError::Timeout { label: self.label.clone(), pid: self.pid(), limit }
    }

    fn exited_with(&self, reason: ExitReason) -> TaskError {
        TaskError::Exited { label: self.label.clone(), pid: self.pid(), reason }
    }
}

/// Gives the value of a task to its owner; returns the reason with which the task ends. Nobody wants the value if the
/// handle has been dropped.
pub(crate) fn tell<T>(result: Result<T, ExitReason>, value: oneshot::Sender<T>) -> ExitReason {
    match result {
        Ok(output) => {
            drop(value.send(output));
            ExitReason::Normal
        }
        Err(reason) => reason,
    }
}

/// Lets `monitor` take the task.
impl<T> From<&Task<T>> for Target {
    fn from(task: &Task<T>) -> Target {
        Target::Pid(task.pid())
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task({} {})", self.label, self.pid())
    }
}
