use otp_core::ExitReason;

/// Defines what the future of a task may return: its value, or a `Result` of its value and an exit reason.
///
/// An `Err` with an [`ExitReason`] ends the task with that reason, as it does in the body of a process. All other values,
/// including a `Result` with another error, are the task's value: errors of the application are data.
///
/// If the future returns a `Result` with an exit reason, say which one is meant, by the type of the task:
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::ExitReason;
/// use otp::task::{Task, TaskError};
///
/// let task: Task<u32> = Task::spawn(&system, async { Err(ExitReason::Shutdown) });
/// let Err(TaskError::Exited { reason, .. }) = task.await else { panic!("it has a value") };
/// assert_eq!(reason, ExitReason::Shutdown);
/// # }).unwrap();
/// ```
#[diagnostic::on_unimplemented(
    message = "the future of a task that computes `{T}` cannot return `{Self}`",
    note = "it returns the value, or a `Result` of the value and an `ExitReason`"
)]
pub trait TaskOutput<T> {
    /// Returns the value, or the reason with which the task ends.
    ///
    /// # Errors
    ///
    /// The exit reason of a task that has no value.
    fn into_result(self) -> Result<T, ExitReason>;
}

impl<T> TaskOutput<T> for T {
    fn into_result(self) -> Result<T, ExitReason> {
        Ok(self)
    }
}

impl<T> TaskOutput<T> for Result<T, ExitReason> {
    fn into_result(self) -> Result<T, ExitReason> {
        self
    }
}
