use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::error::CallError;
use super::future::Call;

/// A call whose reply is converted; see [`Call::map`].
#[must_use = "a call is sent when it is awaited"]
pub struct Map<M: Send + 'static, R: Send + 'static, F> {
    call: Call<M, R>,
    /// `None` once it has run.
    map: Option<F>,
}

impl<M: Send + 'static, R: Send + 'static> Call<M, R> {
    /// Converts the reply, in the caller, when it arrives. Errors of the call are not changed.
    ///
    /// For all of the call's outcome, map the future: `futures::FutureExt::map`, by its path, since this method hides it.
    ///
    /// # Panics
    ///
    /// The future panics if it is polled after it is ready.
    ///
    /// # Cancel safety
    ///
    /// As for [`Call`].
    pub fn map<T, F: FnOnce(R) -> T>(self, map: F) -> Map<M, R, F> {
        Map { call: self, map: Some(map) }
    }
}

/// The closure is never pinned.
impl<M: Send + 'static, R: Send + 'static, F> Unpin for Map<M, R, F> {}

impl<M: Send + 'static, R: Send + 'static, T, F: FnOnce(R) -> T> Future for Map<M, R, F> {
    type Output = Result<T, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reply = ready!(Pin::new(&mut this.call).poll(cx));
        let map = this.map.take().expect("a call is polled no more once it is ready");
        Poll::Ready(reply.map(map))
    }
}

impl<M: Send + 'static, R: Send + 'static, F> fmt::Debug for Map<M, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.call, f)
    }
}
