use std::fmt;
use std::time::Duration;

use otp_core::{Label, Spawner};

use super::item::Settings;
use super::poll::InFlight;
use crate::output::TaskOutput;
use crate::supervisor::TaskSupervisorRef;

/// Runs `work` for each item, a few items at a time, each in a task of its own; the stream yields the results: Elixir's
/// `Task.async_stream`.
///
/// Nothing runs before the stream is polled. Items are taken from `items` only when there is room for them, so that a slow
/// consumer slows the work down (backpressure): at most [`max_concurrency`](TaskStream::max_concurrency) items run or wait
/// to be delivered. Results come in the order of the items, unless [`ordered`](TaskStream::ordered) is switched off.
///
/// The result of an item is its value, or a [`TaskError`](crate::TaskError): the reason with which its task ended, or that
/// its time was over.
///
/// The process that makes the stream owns the tasks. They are linked to it: if it does not trap exits, an item that
/// crashes ends it. If it traps exits, the reason is the item's result, and no message comes. See
/// [`link`](TaskStream::link) and [`under`](TaskStream::under) for items whose crash is only a result.
///
/// Dropping the stream ends the items that run. So does the end of the owner; only items that are not linked and have a
/// supervisor go on when their owner is ended by a signal.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use futures::StreamExt;
///
/// let squares = otp::task::stream(&system, 1..=4, async |n| n * n).max_concurrency(2);
/// let squares: Vec<u32> = squares.map(Result::unwrap).collect().await;
/// assert_eq!(squares, [1, 4, 9, 16]);
/// # }).unwrap();
/// ```
pub fn stream<I, F, Fut, O, T>(owner: &impl Spawner, items: I, work: F) -> TaskStream<I::IntoIter, F, T>
where
    I: IntoIterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = O> + Send + 'static,
    O: TaskOutput<T>,
    T: Send + 'static,
{
    TaskStream {
        items: Some(items.into_iter()),
        work,
        limit: TaskStream::<I::IntoIter, F, T>::MAX_CONCURRENCY,
        on_timeout: OnTimeout::Stop,
        settings: Settings::of(owner),
        running: InFlight::ordered(),
    }
}

/// Runs a function for many items, a few at a time, and yields the results; made by [`stream()`]. Set its options before it
/// is polled.
#[must_use = "a stream does nothing before it is polled"]
pub struct TaskStream<I, F, T> {
    /// `None` once there are no more.
    pub(super) items: Option<I>,
    pub(super) work: F,
    pub(super) limit: usize,
    pub(super) on_timeout: OnTimeout,
    pub(super) settings: Settings,
    pub(super) running: InFlight<T>,
}

/// What happens when an item of a [`stream`](stream()) takes longer than its time limit. In both cases the item is killed,
/// and [`TaskError::Timeout`](crate::TaskError::Timeout) is its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnTimeout {
    /// The stream ends after this result, and all other items are killed.
    #[default]
    Stop,
    /// The stream goes on with the other items.
    Kill,
}

impl<I, F, T> TaskStream<I, F, T> {
    /// How many items are in work at a time, unless [`max_concurrency`](TaskStream::max_concurrency) says otherwise.
    pub const MAX_CONCURRENCY: usize = 8;

    /// Sets how many items are in work at a time, at least one; by default [`MAX_CONCURRENCY`](TaskStream::MAX_CONCURRENCY).
    /// In an ordered stream, a result that waits for an earlier one counts, too.
    pub fn max_concurrency(mut self, limit: usize) -> TaskStream<I, F, T> {
        self.limit = limit.max(1);
        self
    }

    /// Sets whether results come in the order of the items, which is the default, or as they are ready.
    pub fn ordered(mut self, ordered: bool) -> TaskStream<I, F, T> {
        self.running = if ordered { InFlight::ordered() } else { InFlight::unordered() };
        self
    }

    /// Sets the time limit of each item, from its start on; by default five seconds.
    pub fn timeout(mut self, limit: Duration) -> TaskStream<I, F, T> {
        self.settings.limit = Some(limit);
        self
    }

    /// Removes the time limit of items.
    pub fn no_timeout(mut self) -> TaskStream<I, F, T> {
        self.settings.limit = None;
        self
    }

    /// Sets what happens when the time of an item is over; by default the stream ends.
    pub fn on_timeout(mut self, on_timeout: OnTimeout) -> TaskStream<I, F, T> {
        self.on_timeout = on_timeout;
        self
    }

    /// Sets whether the tasks are linked to the owner; by default they are.
    pub fn link(mut self, link: bool) -> TaskStream<I, F, T> {
        self.settings.link = link;
        self
    }

    /// Runs the items under a task supervisor. An item that the supervisor does not start has the result
    /// [`TaskError::NotStarted`](crate::TaskError::NotStarted).
    pub fn under(mut self, supervisor: &TaskSupervisorRef) -> TaskStream<I, F, T> {
        self.settings.supervisor = Some(supervisor.clone());
        self
    }

    /// Sets the label of the tasks; by default `task`.
    pub fn label(mut self, label: impl Into<Label>) -> TaskStream<I, F, T> {
        self.settings.options = self.settings.options.label(label);
        self
    }
}

impl<I, F, T> fmt::Debug for TaskStream<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskStream")
            .field("max_concurrency", &self.limit)
            .field("in_work", &self.running.len())
            .finish_non_exhaustive()
    }
}
