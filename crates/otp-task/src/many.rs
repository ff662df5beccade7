use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use crate::error::TaskError;
use crate::task::{Task, Yielded};

/// Waits for the values of several tasks, for `limit` in all: Elixir's `Task.await_many`. The values are in the order of
/// the tasks.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
/// use otp::task::{Task, await_many};
///
/// let squares = (1..=3).map(|n| Task::spawn(&system, async move { n * n }));
/// assert_eq!(await_many(squares, Duration::from_secs(5)).await, Ok(vec![1, 4, 9]));
/// # }).unwrap();
/// ```
///
/// # Errors
///
/// The error of the first task that ends without a value, as soon as it does; [`TaskError::Timeout`] of the first task in
/// the list that has not ended when the time is over. All other tasks go on, and their values are dropped.
///
/// # Cancel safety
///
/// Dropping the future drops the handles: the tasks go on.
pub async fn await_many<T: Send + 'static>(
    tasks: impl IntoIterator<Item = Task<T>>,
    limit: Duration,
) -> Result<Vec<T>, TaskError> {
    let mut tasks: Vec<Task<T>> = tasks.into_iter().collect();
    tasks.iter().try_for_each(Task::check_owner)?;
    let mut values: Vec<Option<T>> = tasks.iter().map(|_| None).collect();
    let Some(system) = tasks.first().map(|task| task.system().clone()) else { return Ok(Vec::new()) };
    let all = async {
        let mut waiting = each_ended(&mut tasks);
        while let Some((place, result)) = waiting.next().await {
            values[place] = Some(result?);
        }
        Ok(())
    };
    match system.timeout(limit, all).await {
        Ok(result) => result.map(|()| values.into_iter().flatten().collect()),
        Err(_) => {
            let late = values.iter().position(Option::is_none).and_then(|place| tasks.get(place));
            // Something is late, or the time would not be over.
            late.map_or_else(|| Ok(Vec::new()), |task| Err(task.timed_out(limit)))
        }
    }
}

/// Waits for several tasks, for `limit` in all: Elixir's `Task.yield_many`. Returns one entry for each task, in their order;
/// tasks that still run are given back.
///
/// # Cancel safety
///
/// Dropping the future drops the handles: the tasks go on.
pub async fn yield_many<T: Send + 'static>(
    tasks: impl IntoIterator<Item = Task<T>>,
    limit: Duration,
) -> Vec<Yielded<T>> {
    let mut tasks: Vec<Task<T>> = tasks.into_iter().collect();
    let mut results: Vec<Option<Result<T, TaskError>>> =
        tasks.iter().map(|task| task.check_owner().err().map(Err)).collect();
    let Some(system) = tasks.first().map(|task| task.system().clone()) else { return Vec::new() };
    let all = async {
        let mut waiting = each_ended(&mut tasks);
        while let Some((place, result)) = waiting.next().await {
            results[place].get_or_insert(result);
        }
    };
    // What is there when the time is over counts; the rest is late.
    let _ = system.timeout(limit, all).await;
    let each = tasks.into_iter().zip(results);
    each.map(|(task, result)| result.map_or_else(|| Yielded::Running(task), Yielded::Done)).collect()
}

/// The ends of the tasks, each with the place of the task.
fn each_ended<T: Send + 'static>(
    tasks: &mut [Task<T>],
) -> FuturesUnordered<impl Future<Output = (usize, Result<T, TaskError>)> + Send> {
    let each = tasks.iter_mut().enumerate();
    each.map(|(place, task)| async move { (place, task.ended().await) }).collect()
}
