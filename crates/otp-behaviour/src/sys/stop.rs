use otp_core::{System, Target};

use crate::stop::Stop;

/// Asks a process to stop, in order with its messages, and waits until it has ended; OTP's `sys:terminate/2` and
/// `gen_server:stop/1`. See [`Stop`].
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::sys;
/// use otp::{ExitReason, ProcessContext};
///
/// let process = system.spawn(async |mut ctx: ProcessContext<()>| loop {
///     ctx.receive().await;
/// });
/// let exited = process.exited();
/// sys::stop(&system, process.pid()).reason(ExitReason::Shutdown).await.unwrap();
/// assert_eq!(exited.await, ExitReason::Shutdown);
/// # }).unwrap();
/// ```
pub fn stop(system: &System, process: impl Into<Target>) -> Stop {
    Stop::at(system, process.into())
}
