use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::channel::oneshot;

use super::cancel::{CancelScope, Cancelled};
use super::task::contained;
use crate::exit::Crash;
use crate::process::{Foreign, Process};
use crate::runtime::Task;
use crate::switch::let_others_first;
use crate::system::System;

/// Runs several tasks and waits for all of them; the first one that fails cancels the others.
///
/// Dropping a group cancels its tasks.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::scope::TaskGroup;
///
/// let mut group = TaskGroup::new(&system);
/// for n in [1, 2, 3] {
///     group.spawn(async move { Ok::<i32, std::io::Error>(n * n) });
/// }
/// assert_eq!(group.join().await.unwrap(), [1, 4, 9]);
/// # }).unwrap();
/// ```
pub struct TaskGroup<T, E> {
    system: System,
    scope: CancelScope,
    tasks: Vec<oneshot::Receiver<Outcome<T, E>>>,
}

/// The outcome of one task.
enum Outcome<T, E> {
    Returned(T),
    Failed(E),
    Panicked(Crash),
    Cancelled,
}

/// The wait for one task.
struct Joining<T, E> {
    task: oneshot::Receiver<Outcome<T, E>>,
    foreign: Foreign,
}

impl<T, E> Future for Joining<T, E> {
    type Output = Result<Outcome<T, E>, oneshot::Canceled>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.task.poll_unpin(cx) {
            Poll::Ready(outcome) => Poll::Ready(outcome),
            Poll::Pending => self.foreign.wait(cx).or_leave(),
        }
    }
}

/// The error of a group: all errors, in the order in which the tasks were spawned. It does not contain tasks that were
/// cancelled because of another task's failure.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{} of {spawned} tasks failed; the first: {}", errors.len(), first(errors))]
#[non_exhaustive]
pub struct GroupError<E: fmt::Display> {
    /// The errors; at least one, unless the group was cancelled from outside.
    pub errors: Vec<TaskError<E>>,
    /// The number of tasks in the group.
    pub spawned: usize,
}

/// The error of one task of a group.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TaskError<E: fmt::Display> {
    /// The task returned an error.
    #[error("{0}")]
    Failed(E),
    /// The task panicked. The crash has been reported.
    #[error("panicked: {0}")]
    Panicked(Crash),
}

impl<T: Send + 'static, E: fmt::Display + Send + 'static> TaskGroup<T, E> {
    /// Makes an empty group. If a process makes it, the tasks are cancelled when the process ends.
    pub fn new(system: &System) -> TaskGroup<T, E> {
        let scope = match Process::current() {
            Some(process) => process.scope().child(),
            None => CancelScope::new(system),
        };
        TaskGroup::within(system, scope)
    }

    /// Makes an empty group, in a child scope of `scope`.
    pub fn inside(scope: &CancelScope, system: &System) -> TaskGroup<T, E> {
        TaskGroup::within(system, scope.child())
    }

    fn within(system: &System, scope: CancelScope) -> TaskGroup<T, E> {
        TaskGroup { system: system.clone(), scope, tasks: Vec::new() }
    }

    /// The group's scope; cancelling it cancels all tasks.
    pub fn scope(&self) -> &CancelScope {
        &self.scope
    }

    /// Spawns a task in the group.
    pub fn spawn(&mut self, future: impl Future<Output = Result<T, E>> + Send + 'static) {
        let (sender, receiver) = oneshot::channel();
        let task = contained(&self.system, self.scope.enter(future));
        let scope = self.scope.clone();
        self.system.runtime().spawn(Task::new(async move {
            let outcome = match task.await {
                Ok(Ok(Ok(value))) => Outcome::Returned(value),
                Ok(Ok(Err(error))) => Outcome::Failed(error),
                Ok(Err(Cancelled)) => Outcome::Cancelled,
                Err(crash) => Outcome::Panicked(crash),
            };
            if !matches!(outcome, Outcome::Returned(_)) {
                scope.cancel();
            }
            // Fails when the group is not joined.
            let _ = sender.send(outcome);
        }));
        self.tasks.push(receiver);
    }

    /// Waits for all tasks and returns their results, in the order in which the tasks were spawned.
    ///
    /// # Errors
    ///
    /// [`GroupError`] if a task failed or panicked, or the group was cancelled. All tasks have ended in this case.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the tasks.
    pub async fn join(mut self) -> Result<Vec<T>, GroupError<E>> {
        let_others_first(&self.system).await;
        let tasks = std::mem::take(&mut self.tasks);
        let spawned = tasks.len();
        let (mut results, mut errors) = (Vec::with_capacity(spawned), Vec::new());
        for task in tasks {
            let joining = Joining { task, foreign: Foreign::default() };
            match joining.await {
                Ok(Outcome::Returned(value)) => results.push(value),
                Ok(Outcome::Failed(error)) => errors.push(TaskError::Failed(error)),
                Ok(Outcome::Panicked(crash)) => errors.push(TaskError::Panicked(crash)),
                // Also if it was dropped with its executor.
                Ok(Outcome::Cancelled) | Err(oneshot::Canceled) => {}
            }
        }
        if results.len() == spawned { Ok(results) } else { Err(GroupError { errors, spawned }) }
    }
}

impl<T, E> Drop for TaskGroup<T, E> {
    fn drop(&mut self) {
        self.scope.cancel();
    }
}

impl<T, E> fmt::Debug for TaskGroup<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TaskGroup({} tasks)", self.tasks.len())
    }
}

fn first<E: fmt::Display>(errors: &[TaskError<E>]) -> String {
    errors.first().map_or_else(|| "cancelled".to_owned(), ToString::to_string)
}
