use super::boxed::BoxCall;
use super::error::CallError;
use super::future::Call;
use crate::runtime::block_on;

impl<M: Send + 'static, R: Send + 'static> Call<M, R> {
    /// Calls from code that is not async: blocks the thread until the reply has arrived, or the call has failed.
    ///
    /// It is for threads of your own, and for blocking jobs, such as those of `System::spawn_blocking`. In async code,
    /// `.await` the call: a blocked thread cannot run other processes, and if the callee, or the timer of the time limit,
    /// needs that very thread, as on a runtime of one thread, the call never returns. In the simulator, which has only one
    /// thread, it never does.
    ///
    /// ```
    /// # use otp::prelude::*;
    /// # struct Counter(u64);
    /// # #[gen_server]
    /// # impl Counter {
    /// #     #[init]
    /// #     fn init(start: u64) -> Self { Counter(start) }
    /// #     #[call]
    /// #     fn add(&mut self, n: u64) -> u64 { self.0 += n; self.0 }
    /// # }
    /// # fn main() {
    /// # otp::tokio::run(async |system| {
    /// let counter = Counter::start(&system, 40).await.unwrap();
    /// let sum = system.spawn_blocking(move || counter.add(2).blocking()).await.unwrap();
    /// assert_eq!(sum, Ok(42));
    /// # });
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn blocking(self) -> Result<R, CallError> {
        block_on(self)
    }
}

impl<R> BoxCall<R> {
    /// Calls from code that is not async; see [`Call::blocking`].
    ///
    /// # Errors
    ///
    /// See [`CallError`].
    pub fn blocking(self) -> Result<R, CallError> {
        block_on(self)
    }
}
