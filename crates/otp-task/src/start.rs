use otp_core::{IntoExit, Pid, Spawner};

use crate::options::{self, TaskOptions};
use crate::task::Task;

impl Task<()> {
    /// Starts a task whose value nobody wants, without a link: Elixir's `Task.start`. Its crash is logged, and reaches
    /// nobody else.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ExitReason;
    /// use otp::task::Task;
    ///
    /// let pid = Task::start(&system, async {});
    /// assert_eq!(system.exited(pid).await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn start<Fut>(on: &impl Spawner, future: Fut) -> Pid
    where
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        TaskOptions::new().link(false).start(on, future)
    }

    /// Starts a task whose value nobody wants, and links it to the process that starts it: Elixir's `Task.start_link`.
    pub fn start_link<Fut>(on: &impl Spawner, future: Fut) -> Pid
    where
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        TaskOptions::new().start(on, future)
    }
}

impl TaskOptions {
    /// Starts a task with these options whose value nobody wants; see [`Task::start_link`] and, without a link,
    /// [`Task::start`].
    pub fn start<Fut>(self, on: &impl Spawner, future: Fut) -> Pid
    where
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let (system, limit) = (on.system().clone(), self.limit);
        let process = if self.is_linked() { self.process().link() } else { self.process() };
        let body = async move |ctx| {
            let _ctx = ctx;
            let output = options::compute(system, limit, async { Ok(future.await.into_exit()) });
            output.await.unwrap_or_else(|reason| reason)
        };
        options::spawn(on, process, body).pid()
    }
}
