use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::boxed::BoxCall;
use super::error::CallError;
use super::future::Call;

/// A call whose reply is converted; see [`Call::map`].
#[must_use = "a call is sent when it is awaited"]
pub struct Map<C, F> {
    call: C,
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
    pub fn map<T, F: FnOnce(R) -> T>(self, map: F) -> Map<Call<M, R>, F> {
        Map { call: self, map: Some(map) }
    }
}

impl<R> BoxCall<R> {
    /// Converts the reply, in the caller, when it arrives; see [`Call::map`].
    pub fn map<T, F: FnOnce(R) -> T>(self, map: F) -> Map<BoxCall<R>, F> {
        Map { call: self, map: Some(map) }
    }
}

/// The closure is never pinned.
impl<C: Unpin, F> Unpin for Map<C, F> {}

impl<C, R, T, F> Future for Map<C, F>
where
    C: Future<Output = Result<R, CallError>> + Unpin,
    F: FnOnce(R) -> T,
{
    type Output = Result<T, CallError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let reply = ready!(Pin::new(&mut this.call).poll(cx));
        let map = this.map.take().expect("a finished call is not polled again");
        Poll::Ready(reply.map(map))
    }
}

impl<C: fmt::Debug, F> fmt::Debug for Map<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.call, f)
    }
}
