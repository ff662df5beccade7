use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp_behaviour::{contain, report_crash};
use otp_core::scope::Elapsed;
use otp_core::{Address, ExitReason, Label, Process, ProcessContext, SpawnOptions, System, TrySendError};
use otp_genserver::NoMessage;

use crate::options;
use crate::outcome::{TaskEnd, TaskId, TaskOutcome};
use crate::output::TaskOutput;
use crate::owned::Member;

/// Sends a message about the end of a task when it is dropped, as a part of the state of the task. Whichever way a process
/// ends, its state is dropped.
pub(crate) struct Notice<T, M, F>
where
    T: Send + 'static,
    M: Send + 'static,
    F: FnOnce(TaskEnd<T>) -> M + Send + 'static,
{
    pub(crate) id: TaskId,
    pub(crate) label: Label,
    to: Address<M>,
    /// `None` once called.
    make: Option<F>,
    /// `None` unless the task came to an end by itself.
    outcome: Option<TaskOutcome<T>>,
    started: bool,
    cancelled: Arc<AtomicBool>,
    /// The tasks of its owner, if it is one of these.
    member: Option<Member>,
}

impl<T, M, F> Notice<T, M, F>
where
    T: Send + 'static,
    M: Send + 'static,
    F: FnOnce(TaskEnd<T>) -> M + Send + 'static,
{
    pub(crate) fn new(id: TaskId, label: Label, to: Address<M>, make: F) -> Notice<T, M, F> {
        let (outcome, started) = (None, false);
        Notice { id, label, to, make: Some(make), outcome, started, cancelled: Arc::default(), member: None }
    }

    /// The notice of one of the tasks of an owner, which may cancel it.
    pub(crate) fn of_member(mut self, member: Member, cancelled: Arc<AtomicBool>) -> Notice<T, M, F> {
        self.member = Some(member);
        self.cancelled = cancelled;
        self
    }

    /// The notice as part of a process.
    pub(crate) fn started(mut self) -> Notice<T, M, F> {
        self.started = true;
        self
    }

    /// Runs a task to its end; returns the reason with which it ends. If it panics, the drop sends the message.
    pub(crate) async fn run<O: TaskOutput<T>>(
        mut self,
        limit: Option<Duration>,
        future: impl Future<Output = O>,
    ) -> ExitReason {
        let system = self.to.system().clone();
        let (outcome, reason) = match options::compute(system, limit, future).await {
            Ok(value) => (TaskOutcome::Value(value), ExitReason::Normal),
            Err(reason) => match elapsed(&reason) {
                Some(limit) => (TaskOutcome::TimedOut(limit), reason),
                None => (TaskOutcome::Exited(reason.clone()), reason),
            },
        };
        self.outcome = Some(outcome);
        reason
    }

    /// Sends the message, now or as soon as there is room for it.
    fn send(&self, make: F, outcome: TaskOutcome<T>) {
        let end = TaskEnd { id: self.id, label: self.label.clone(), outcome };
        let sent = contain(|| match self.to.try_send(make(end)) {
            Err(TrySendError::Full { message, .. }) => {
                let to = self.to.clone();
                courier(self.to.system(), async move {
                    // The receiver may have ended meanwhile.
                    let _ = to.send(message).await;
                });
            }
            // Nobody is told of the end of a task once the receiver has ended.
            sent => drop(sent),
        });
        if let (Err(crash), Some(process)) = (sent, Process::current()) {
            report_crash(&process, &crash);
        }
    }
}

impl<T, M, F> Drop for Notice<T, M, F>
where
    T: Send + 'static,
    M: Send + 'static,
    F: FnOnce(TaskEnd<T>) -> M + Send + 'static,
{
    fn drop(&mut self) {
        let Some(make) = self.make.take() else { return };
        let owner_ended = self.member.take().is_some_and(|member| member.leave(self.id));
        if owner_ended {
            return;
        }
        let cancelled = !self.started || self.cancelled.load(Ordering::Acquire);
        match self.outcome.take() {
            Some(outcome) => self.send(make, outcome),
            None if cancelled => self.send(make, TaskOutcome::Cancelled),
            None => match Process::current() {
                // Its reason is known when it has ended.
                Some(task) => {
                    let exited = task.system().exited(task.pid());
                    let (id, label, to) = (self.id, self.label.clone(), self.to.clone());
                    courier(task.system(), async move {
                        let outcome = TaskOutcome::Exited(exited.await);
                        let _ = to.send(make(TaskEnd { id, label, outcome })).await;
                    });
                }
                None => self.send(make, TaskOutcome::Exited(ExitReason::Killed)),
            },
        }
    }
}

/// The time limit of a task that ended because of it.
fn elapsed(reason: &ExitReason) -> Option<Duration> {
    match reason {
        ExitReason::Other(term) => term.downcast_ref::<Elapsed>().map(|elapsed| elapsed.limit),
        _ => None,
    }
}

/// Starts a process that waits in the place of one that cannot.
pub(crate) fn courier(system: &System, errand: impl Future<Output = ()> + Send + 'static) {
    let options = SpawnOptions::new().label("task courier");
    let body = async move |ctx: ProcessContext<NoMessage>| {
        let _ctx = ctx;
        errand.await;
    };
    drop(system.spawn_with(options, body));
}
