use std::pin::Pin;
use std::time::Duration;

use crate::error::TaskError;
use crate::task::Task;

impl<T: Send + 'static> Task<T> {
    /// Sets how long awaiting the task may take, from the first poll on; by default five seconds, as in Elixir. When the
    /// time is over, the task goes on, and its value is dropped.
    pub fn timeout(self, limit: Duration) -> Await<T> {
        Await { task: self, limit: Some(limit) }
    }

    /// Removes the time limit of awaiting the task.
    pub fn no_timeout(self) -> Await<T> {
        Await { task: self, limit: None }
    }
}

/// Waits for the value within five seconds; see [`timeout`](Task::timeout) for another limit.
impl<T: Send + 'static> IntoFuture for Task<T> {
    type Output = Result<T, TaskError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.timeout(Duration::from_secs(5)).into_future()
    }
}

/// Waits for the value of a task, with another time limit than the default; made by [`Task::timeout`] and
/// [`Task::no_timeout`].
///
/// # Errors
///
/// [`TaskError::Exited`] with the reason, if the task ended without a value; [`TaskError::Timeout`];
/// [`TaskError::NotOwner`] if another process than the owner waits.
///
/// # Cancel safety
///
/// Dropping the future drops the handle: the task goes on, and its value is dropped.
#[derive(Debug)]
#[must_use = "a task's value and its crash are lost unless it is awaited"]
pub struct Await<T> {
    task: Task<T>,
    limit: Option<Duration>,
}

impl<T: Send + 'static> IntoFuture for Await<T> {
    type Output = Result<T, TaskError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Await { mut task, limit } = self;
        Box::pin(async move {
            task.check_owner()?;
            let Some(limit) = limit else { return task.ended().await };
            let ended = task.ended_within(limit).await;
            ended.unwrap_or_else(|| Err(task.timed_out(limit)))
        })
    }
}
