use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::boxed::BoxCall;
use super::error::CallError;
use super::future::Call;

/// A call that flattens its own `Result` and that of its reply; see [`Call::flat`].
#[must_use = "a call is sent when it is awaited"]
pub struct Flat<C>(C);

impl<M, T, E> Call<M, Result<T, E>>
where
    M: Send + 'static,
    T: Send + 'static,
    E: From<CallError> + Send + 'static,
{
    /// Flattens the `Result` of the call and a reply that is itself a `Result`: a [`CallError`] becomes an `E`.
    ///
    /// A server's error type says so with one variant, `#[error(transparent)] Call(#[from] CallError)`. Where it does not,
    /// `??` takes both apart: the first for the call, the second for the reply.
    ///
    /// ```
    /// # use otp::prelude::*;
    /// #[derive(Debug, PartialEq, thiserror::Error)]
    /// enum PayError {
    ///     #[error("{0} are missing")]
    ///     TooPoor(u64),
    ///     #[error(transparent)]
    ///     Call(#[from] CallError),
    /// }
    /// # struct Account(u64);
    /// # #[gen_server]
    /// # impl Account {
    /// #     #[init]
    /// #     fn init(start: u64) -> Self { Account(start) }
    /// #     #[call]
    /// #     fn pay(&mut self, n: u64) -> Result<u64, PayError> {
    /// #         self.0 = self.0.checked_sub(n).ok_or_else(|| PayError::TooPoor(n - self.0))?;
    /// #         Ok(self.0)
    /// #     }
    /// # }
    ///
    /// async fn pay(account: &ServerRef<Account>, n: u64) -> Result<u64, PayError> {
    ///     account.pay(n).flat().await
    /// }
    /// # fn main() {
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// let account = Account::start(&system, 10).await.unwrap();
    /// assert_eq!(pay(&account, 7).await, Ok(3));
    /// assert_eq!(pay(&account, 7).await, Err(PayError::TooPoor(4)));
    /// account.stop().await.unwrap();
    /// assert!(matches!(pay(&account, 7).await, Err(PayError::Call(CallError::NoProc(_)))));
    /// # }).unwrap();
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// As for [`Call`].
    pub fn flat(self) -> Flat<Call<M, Result<T, E>>> {
        Flat(self)
    }
}

impl<T, E: From<CallError>> BoxCall<Result<T, E>> {
    /// Flattens the `Result` of the call and a reply that is itself a `Result`; see [`Call::flat`].
    pub fn flat(self) -> Flat<BoxCall<Result<T, E>>> {
        Flat(self)
    }
}

impl<C, T, E> Future for Flat<C>
where
    C: Future<Output = Result<Result<T, E>, CallError>> + Unpin,
    E: From<CallError>,
{
    type Output = Result<T, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.get_mut().0).poll(cx).map(|reply| reply?)
    }
}

impl<C: fmt::Debug> fmt::Debug for Flat<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
