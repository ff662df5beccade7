use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use otp_core::System;

/// Runs an operation again after it has failed, with a pause before each further attempt that grows from one to the next.
///
/// The pauses are times of the runtime's clock, and the jitter is drawn from its random numbers, so that a simulation
/// decides both. The schedule is that of the crate `backon`.
///
/// By default there are four attempts, with pauses of 100 ms, 200 ms and 400 ms between them, without jitter.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
/// use otp::task::Retry;
///
/// let mut attempts = 0;
/// let found = Retry::new()
///     .first_pause(Duration::from_millis(1))
///     .run(&system, || {
///         attempts += 1;
///         let attempt = attempts;
///         async move { if attempt < 3 { Err("not yet") } else { Ok(attempt) } }
///     })
///     .await;
/// assert_eq!(found, Ok(3));
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is run before `run`"]
pub struct Retry {
    schedule: ExponentialBuilder,
    attempts: usize,
}

impl Retry {
    /// Makes the default schedule.
    pub fn new() -> Retry {
        let schedule = ExponentialBuilder::new().with_min_delay(Duration::from_millis(100));
        Retry { schedule, attempts: 4 }
    }

    /// Sets how often the operation is run at the most, at least once.
    pub fn attempts(mut self, attempts: usize) -> Retry {
        self.attempts = attempts.max(1);
        self
    }

    /// Sets the pause after the first failure; by default 100 ms. Each further pause is twice as long as the one before.
    pub fn first_pause(mut self, pause: Duration) -> Retry {
        self.schedule = self.schedule.with_min_delay(pause);
        self
    }

    /// Sets the longest pause, without jitter; by default a minute.
    pub fn longest_pause(mut self, pause: Duration) -> Retry {
        self.schedule = self.schedule.with_max_delay(pause);
        self
    }

    /// Makes each pause longer by a random part of it, up to twice as long: those who fail at the same time do not come
    /// back at the same time.
    pub fn jitter(mut self) -> Retry {
        self.schedule = self.schedule.with_jitter();
        self
    }

    /// Gives up when the pauses would be longer than `limit` in all. By default there is no such limit.
    pub fn total_pause(mut self, limit: Duration) -> Retry {
        self.schedule = self.schedule.with_total_delay(Some(limit));
        self
    }

    /// Runs `operation` until it succeeds, or the attempts are used up.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the attempt that runs, and makes no other.
    pub async fn run<T, E, Fut>(&self, system: &System, operation: impl FnMut() -> Fut) -> Result<T, E>
    where
        Fut: Future<Output = Result<T, E>>,
    {
        self.run_when(system, operation, |_| true).await
    }

    /// Runs `operation` as [`run`](Retry::run) does, but gives up at once if `when` says that an error is for good.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    ///
    /// # Cancel safety
    ///
    /// As for [`run`](Retry::run).
    pub async fn run_when<T, E, Fut>(
        &self,
        system: &System,
        operation: impl FnMut() -> Fut,
        when: impl FnMut(&E) -> bool,
    ) -> Result<T, E>
    where
        Fut: Future<Output = Result<T, E>>,
    {
        let schedule = self.schedule.with_max_times(self.attempts - 1).with_jitter_seed(system.random());
        let clock = system.clone();
        operation.retry(schedule).sleep(move |pause| clock.sleep(pause)).when(when).await
    }
}

impl Default for Retry {
    fn default() -> Retry {
        Retry::new()
    }
}
