use std::pin::pin;
use std::time::Duration;

use futures::future::{Either, select};

use super::CancelScope;
use crate::system::System;

/// The time limit has passed; the code under it was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not finished within {limit:?}")]
pub struct Elapsed {
    /// The limit.
    pub limit: Duration,
}

impl System {
    /// Runs `future` for at most `limit`; drops it then and returns `None`.
    pub async fn move_on_after<F: Future>(&self, limit: Duration, future: F) -> Option<F::Output> {
        let scope = CancelScope::new(self);
        scope.set_deadline(Some(limit));
        scope.run(future).await.ok()
    }

    /// Runs `future` for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] when the limit has passed; the future is dropped then.
    pub async fn fail_after<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        self.move_on_after(limit, future).await.ok_or(Elapsed { limit })
    }

    /// Runs `future` for at most `limit`, under the name that Rust programs use. The future is polled before the clock
    /// is looked at: one that is ready at once is never late, not even with a limit of zero.
    ///
    /// # Errors
    ///
    /// [`Elapsed`] when the limit has passed; the future is dropped then.
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        match select(pin!(future), self.sleep(limit)).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(_) => Err(Elapsed { limit }),
        }
    }
}
