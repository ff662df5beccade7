use otp_core::{Address, Pid, Spawner};

use crate::notice::{Notice, courier};
use crate::options::{self, TaskOptions};
use crate::outcome::{TaskEnd, TaskId, TaskOutcome};
use crate::output::TaskOutput;
use crate::task::Task;

/// Starts a task whose outcome is sent to `to` as a message, which `message` makes. The task is not linked to anybody.
///
/// The message comes exactly once, whichever way the task ends, unless the receiver has ended. It waits for room in a
/// bounded mailbox. `message` runs in the process of the task, or in another one after its end. The task may still be
/// ending when its message arrives.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::task::{TaskOutcome, spawn_and_notify};
/// use otp::{Message, Process, ProcessContext};
///
/// let adder = system.spawn(async |mut ctx: ProcessContext<u32>| {
///     spawn_and_notify(&ctx, ctx.this(), async { 6 * 7 }, |end| end.outcome.value().unwrap_or(0));
///     assert_eq!(ctx.receive().await, Message::User(42));
/// });
/// assert_eq!(adder.exited().await, otp::ExitReason::Normal);
/// # }).unwrap();
/// ```
pub fn spawn_and_notify<T, M, O, Fut>(
    on: &impl Spawner,
    to: impl Into<Address<M>>,
    future: Fut,
    message: impl FnOnce(TaskEnd<T>) -> M + Send + 'static,
) -> TaskId
where
    T: Send + 'static,
    M: Send + 'static,
    O: TaskOutput<T>,
    Fut: Future<Output = O> + Send + 'static,
{
    TaskOptions::new().spawn_and_notify(on, to, future, message).0
}

impl TaskOptions {
    /// Starts a task with these options whose outcome is sent to `to` as a message; see [`spawn_and_notify`]. Returns its
    /// id, which is part of the outcome, and its pid.
    pub fn spawn_and_notify<T, M, O, Fut>(
        self,
        on: &impl Spawner,
        to: impl Into<Address<M>>,
        future: Fut,
        message: impl FnOnce(TaskEnd<T>) -> M + Send + 'static,
    ) -> (TaskId, Pid)
    where
        T: Send + 'static,
        M: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        let id = TaskId::new(on.system());
        let notice = Notice::new(id, self.label.clone(), to.into(), message).started();
        let limit = self.limit;
        let process = if self.link == Some(true) { self.process().link() } else { self.process() };
        let body = async move |ctx| {
            let _ctx = ctx;
            notice.run(limit, future).await
        };
        (id, options::spawn(on, process, body).pid())
    }
}

impl<T: Send + 'static> Task<T> {
    /// Has the outcome of the task sent to `to` as a message, instead of awaiting it; `message` makes the message. For a
    /// task that is linked to its owner, or that has a supervisor.
    ///
    /// The message comes when the task has ended. It waits for room in a bounded mailbox.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::task::{Task, TaskOutcome};
    /// use otp::{Message, ProcessContext};
    ///
    /// let waiter = system.spawn(async |mut ctx: ProcessContext<TaskOutcome<u32>>| {
    ///     Task::spawn(&ctx, async { 6 * 7 }).notify(ctx.this(), |end| end.outcome);
    ///     assert_eq!(ctx.receive().await, Message::User(TaskOutcome::Value(42)));
    /// });
    /// assert_eq!(waiter.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn notify<M: Send + 'static>(
        mut self,
        to: impl Into<Address<M>>,
        message: impl FnOnce(TaskEnd<T>) -> M + Send + 'static,
    ) -> TaskId {
        let (id, to) = (TaskId::new(self.system()), to.into());
        let system = self.system().clone();
        courier(&system, async move {
            let outcome = match self.ended().await {
                Ok(value) => TaskOutcome::Value(value),
                Err(error) => TaskOutcome::Exited(error.reason().cloned().unwrap_or(otp_core::ExitReason::NoProc)),
            };
            let end = TaskEnd { id, label: self.label().clone(), outcome };
            // The receiver may have ended meanwhile.
            let _ = to.send(message(end)).await;
        });
        id
    }
}
