use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::event::task_crashed;
use crate::exit::contain;
use crate::process::AnyProcess;

/// The unit of work that a [`Runtime`](super::Runtime) runs: a future without output that panics neither when it is
/// polled nor when it is dropped. (Some executors abort the program when dropping a task panics.)
///
/// Dropping a task that has not finished ends what it runs: a process exits with [`Killed`](crate::ExitReason::Killed),
/// and its links and monitors are notified.
///
/// The type is concrete so that an executor does not box a box. Most tasks contain only a pointer to the one allocation
/// of a process, with its header, its mailbox and its future.
#[must_use = "a task does nothing until a runtime polls it; dropping it ends what it stands for"]
pub struct Task {
    kind: Kind,
}

enum Kind {
    Process(Arc<dyn Run>),
    Future(Pin<Box<dyn Future<Output = ()> + Send>>),
    Done,
}

/// The process, as an executor's task holds and polls it.
pub(crate) trait Run: Send + Sync {
    /// Polls the process; gives the task's pointer back unless the process has ended.
    fn poll_shell(self: Arc<Self>, cx: &mut Context<'_>) -> Option<Arc<dyn Run>>;

    /// Called when the executor dropped the task.
    fn abandon(self: Arc<Self>);

    /// The process.
    fn process(self: Arc<Self>) -> Arc<dyn AnyProcess>;
}

impl Task {
    /// Makes a task that runs `future`. A panic in the future, or in its drop, is caught, logged as a crash, and ends
    /// the task.
    pub fn new(future: impl Future<Output = ()> + Send + 'static) -> Task {
        Task { kind: Kind::Future(Box::pin(future)) }
    }

    pub(crate) fn of(shell: Arc<dyn Run>) -> Task {
        Task { kind: Kind::Process(shell) }
    }

    pub(crate) fn shell(&self) -> Option<&Arc<dyn Run>> {
        match &self.kind {
            Kind::Process(shell) => Some(shell),
            Kind::Future(_) | Kind::Done => None,
        }
    }
}

impl Future for Task {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match std::mem::replace(&mut self.kind, Kind::Done) {
            Kind::Process(shell) => match shell.poll_shell(cx) {
                Some(shell) => self.kind = Kind::Process(shell),
                None => return Poll::Ready(()),
            },
            Kind::Future(mut future) => match reported(|| future.as_mut().poll(cx)) {
                Some(Poll::Pending) => self.kind = Kind::Future(future),
                Some(Poll::Ready(())) | None => {
                    reported(|| drop(future));
                    return Poll::Ready(());
                }
            },
            Kind::Done => return Poll::Ready(()),
        }
        Poll::Pending
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.kind, Kind::Done) {
            Kind::Process(shell) => shell.abandon(),
            // Some executors do not survive a panic here.
            Kind::Future(future) => drop(reported(|| drop(future))),
            Kind::Done => {}
        }
    }
}

/// Runs code of the future; a panic in it is reported.
fn reported<T>(code: impl FnOnce() -> T) -> Option<T> {
    contain(code).map_err(|crash| task_crashed("a task", crash)).ok()
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Process(_) => "Task(process)",
            Kind::Future(_) => "Task(future)",
            Kind::Done => "Task(done)",
        })
    }
}

/// Work that may block its thread, for [`Runtime::spawn_blocking`](super::Runtime::spawn_blocking).
///
/// A job panics neither when it is run nor when it is dropped.
pub struct Job {
    /// `None` after the run.
    work: Option<Box<dyn FnOnce() + Send>>,
}

impl Job {
    /// Makes a job that calls `work`.
    pub fn new(work: impl FnOnce() + Send + 'static) -> Job {
        Job { work: Some(Box::new(work)) }
    }

    /// Runs the job on the calling thread. A panic in it is caught and logged as a crash.
    pub fn run(mut self) {
        let Some(work) = self.work.take() else { return };
        if let Err(crash) = contain(work) {
            task_crashed("a blocking job", crash);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let work = self.work.take();
        if let Err(crash) = contain(|| drop(work)) {
            task_crashed("a blocking job, dropped", crash);
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Job")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            std::panic::resume_unwind(Box::new("a panic in drop"));
        }
    }

    fn poll(task: &mut Task) -> Poll<()> {
        Pin::new(task).poll(&mut Context::from_waker(std::task::Waker::noop()))
    }

    #[test]
    fn task_whose_state_panics_when_dropped_ends_quietly() {
        let bomb = Bomb;
        let mut task = Task::new(std::future::poll_fn(move |_| {
            let _ = &bomb;
            Poll::Ready(())
        }));
        assert!(poll(&mut task).is_ready());
    }

    #[test]
    fn unfinished_task_whose_state_panics_is_dropped_quietly() {
        let bomb = Bomb;
        let mut task = Task::new(async move {
            let _bomb = bomb;
            std::future::pending().await
        });
        assert!(poll(&mut task).is_pending());
        drop(task);
    }

    #[test]
    fn job_whose_state_panics_is_dropped_quietly() {
        let bomb = Bomb;
        drop(Job::new(move || drop(bomb)));
    }
}
