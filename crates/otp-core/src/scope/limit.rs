use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use crate::runtime::Sleep;
use crate::switch::let_others_first;
use crate::system::System;

/// The error when a time limit has passed; the code under it was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not finished within {limit:?}")]
#[non_exhaustive]
pub struct Elapsed {
    /// The limit.
    pub limit: Duration,
}

impl System {
    /// Runs `future` with a timeout of `limit`. The future is polled before the clock is read: a future that is ready
    /// at once never times out, not even with a limit of zero.
    ///
    /// This is the time limit for any code. A call has its own ([`Call::timeout`](crate::Call::timeout)), and so has a
    /// receive. A [`CancelScope`](crate::scope::CancelScope) has a deadline that can be moved, and that also cancels
    /// the tasks in it.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::time::Duration;
    ///
    /// let limit = Duration::from_millis(1);
    /// assert_eq!(system.timeout(limit, async { 7 }).await, Ok(7));
    /// let elapsed = system.timeout(limit, std::future::pending::<()>()).await.unwrap_err();
    /// assert_eq!(elapsed.to_string(), "not finished within 1ms");
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`Elapsed`] when the limit has passed; the future is dropped in this case.
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        let_others_first(self).await;
        self.limited(limit, future).await
    }

    /// [`timeout`](System::timeout), where others were let run already.
    pub(crate) async fn limited<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        let sleep = Sleep::until(self.runtime().clone(), self.now() + limit);
        match select(pin!(future), sleep).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(Elapsed { limit }),
        }
    }
}
