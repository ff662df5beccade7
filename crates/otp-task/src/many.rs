use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use otp_behaviour::let_others_first;

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
    let results = gather(&mut tasks, limit, true).await;
    let late = results.iter().position(Option::is_none);
    // A failure comes before what is late: it may be why others were not waited for.
    let values = results.into_iter().flatten().collect::<Result<Vec<T>, TaskError>>()?;
    match late.and_then(|place| tasks.get(place)) {
        Some(task) => Err(task.timed_out(limit)),
        None => Ok(values),
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
    let results = gather(&mut tasks, limit, false).await;
    let each = tasks.into_iter().zip(results);
    each.map(|(task, result)| match (task.check_owner(), result) {
        (Err(error), _) => Yielded::Done(Err(error)),
        (Ok(()), Some(result)) => Yielded::Done(result),
        (Ok(()), None) => Yielded::Running(task),
    })
    .collect()
}

/// The results of the tasks that end within `limit`, each in its task's place; not those that come after the first failure,
/// if that is to stop it.
async fn gather<T: Send + 'static>(
    tasks: &mut [Task<T>],
    limit: Duration,
    stops: bool,
) -> Vec<Option<Result<T, TaskError>>> {
    let mut results: Vec<Option<Result<T, TaskError>>> = tasks.iter().map(|_| None).collect();
    let Some(system) = tasks.first().map(|task| task.system().clone()) else { return results };
    if limit.is_zero() {
        let_others_first(&system).await;
        return tasks.iter_mut().map(Task::look).collect();
    }
    let all = async {
        let each = tasks.iter_mut().enumerate();
        let mut waiting: FuturesUnordered<_> =
            each.map(|(place, task)| async move { (place, task.ended().await) }).collect();
        while let Some((place, result)) = waiting.next().await {
            let is_last = stops && result.is_err();
            results[place] = Some(result);
            if is_last {
                break;
            }
        }
    };
    // What is there when the time is over counts; the rest is late.
    let _ = system.timeout(limit, all).await;
    results
}
