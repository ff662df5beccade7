use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

/// Waits with a timeout of five seconds on the system's clock, unless another one is set. Does nothing until it is
/// awaited; when the time is up, awaiting it panics.
#[must_use = "nothing is waited for before this is awaited"]
pub struct Within<'a, T> {
    limit: Duration,
    wait: Box<dyn FnOnce(Duration) -> BoxFuture<'a, T> + Send + 'a>,
}

impl<'a, T> Within<'a, T> {
    pub(crate) fn new<F>(wait: impl FnOnce(Duration) -> F + Send + 'a) -> Within<'a, T>
    where
        F: Future<Output = T> + Send + 'a,
    {
        Within { limit: Duration::from_secs(5), wait: Box::new(|limit| wait(limit).boxed()) }
    }

    /// Sets the timeout.
    pub fn within(self, limit: Duration) -> Within<'a, T> {
        Within { limit, ..self }
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U + Send + 'a) -> Within<'a, U>
    where
        T: 'a,
    {
        let Within { limit, wait } = self;
        Within { limit, wait: Box::new(|limit| wait(limit).map(change).boxed()) }
    }
}

impl<'a, T> IntoFuture for Within<'a, T> {
    type Output = T;
    type IntoFuture = BoxFuture<'a, T>;

    fn into_future(self) -> BoxFuture<'a, T> {
        (self.wait)(self.limit)
    }
}

impl<T> fmt::Debug for Within<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Within({:?})", self.limit)
    }
}
