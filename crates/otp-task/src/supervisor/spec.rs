use std::fmt;
use std::future::ready;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::{ExitReason, IntoExit, Label, Pid, Process};
use otp_supervisor::{ChildSpec, Restart, Shutdown};

use crate::options::{self, TaskOptions};

/// Defines a task that a task supervisor runs for nobody in particular, and restarts if its restart type says so.
///
/// By default it is temporary: it is not restarted. It has five seconds to shut down.
#[derive(Clone)]
#[must_use]
pub struct TaskSpec {
    options: TaskOptions,
    restart: Restart,
    make: Arc<dyn Fn() -> BoxFuture<'static, ExitReason> + Send + Sync>,
}

impl TaskSpec {
    /// Makes the spec of a task that runs the future that `make` returns; a restart calls `make` again. `make` runs in the
    /// task's own process.
    pub fn new<F, Fut>(make: F) -> TaskSpec
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let make = Arc::new(move || make().map(IntoExit::into_exit).boxed());
        TaskSpec { options: TaskOptions::new(), restart: Restart::Temporary, make }
    }

    /// Sets the label of the task, for logs and introspection, which is also its id; by default `task`.
    pub fn label(mut self, label: impl Into<Label>) -> TaskSpec {
        self.options = self.options.label(label);
        self
    }

    /// Sets when the task is restarted; by default, never.
    pub fn restart(mut self, restart: Restart) -> TaskSpec {
        self.restart = restart;
        self
    }

    /// Sets how the task is stopped; by default it has five seconds.
    pub fn shutdown(mut self, shutdown: Shutdown) -> TaskSpec {
        self.options = self.options.shutdown(shutdown);
        self
    }

    /// Makes the task trap exits from the beginning.
    pub fn trap_exit(mut self, on: bool) -> TaskSpec {
        self.options = self.options.trap_exit(on);
        self
    }

    pub(super) fn into_child(self) -> ChildSpec<Pid> {
        let TaskSpec { options, restart, make } = self;
        let (label, shutdown) = (options.label.clone(), options.shutdown);
        let start = move |supervisor: Process| {
            let body = async move |ctx| {
                let _ctx = ctx;
                make().await
            };
            ready(options::spawn(&supervisor, options.process().link(), body).pid())
        };
        ChildSpec::worker(label, start).restart(restart).shutdown(shutdown)
    }
}

impl fmt::Debug for TaskSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSpec")
            .field("options", &self.options)
            .field("restart", &self.restart)
            .finish_non_exhaustive()
    }
}
