use std::future::ready;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::oneshot;
use otp_behaviour::StartError;
use otp_core::{ExitReason, Process, ProcessRef, Status};
use otp_genserver::NoMessage;
use otp_supervisor::{ChildSpec, Dynamic, Restart, StartChildError, SupervisorRef};

use crate::error::NotStarted;
use crate::options::{self, TaskOptions};
use crate::output::TaskOutput;
use crate::task::{Task, tell};

/// A task that is on its way to its supervisor, which is to start it. Dropping this takes the task back, if the supervisor
/// has not come to it.
pub(crate) struct Starting<T, Fut> {
    owner: Option<Process>,
    options: TaskOptions,
    job: Arc<Job<Fut>>,
    /// What becomes of a task that has been started meanwhile when this is dropped.
    orphan: Orphan,
    value: PhantomData<fn() -> T>,
}

/// What becomes of a task that nobody waits for any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Orphan {
    GoesOn,
    /// It ends, unless that is because its owner is ended.
    OutlivesOwner,
    Ends,
}

impl Orphan {
    /// Whether the task of this owner is to be ended now.
    pub(crate) fn ends(self, owner: Option<&Process>) -> bool {
        match self {
            Orphan::GoesOn => false,
            Orphan::OutlivesOwner => !owner.is_some_and(is_ending),
            Orphan::Ends => true,
        }
    }
}

fn is_ending(owner: &Process) -> bool {
    owner.system().info(owner.pid()).is_none_or(|info| info.status == Status::Exiting)
}

struct Job<Fut>(Mutex<State<Fut>>);

enum State<Fut> {
    Waiting(Fut),
    Started(ProcessRef<NoMessage>),
    /// The handle has been made, or the task was taken back.
    Over,
}

impl<Fut> Job<Fut> {
    fn replace(&self, state: State<Fut>) -> State<Fut> {
        std::mem::replace(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner), state)
    }
}

impl<T, O, Fut> Starting<T, Fut>
where
    T: Send + 'static,
    O: TaskOutput<T>,
    Fut: Future<Output = O> + Send + 'static,
{
    pub(crate) fn new(owner: Option<Process>, options: TaskOptions, future: Fut) -> Starting<T, Fut> {
        let job = Arc::new(Job(Mutex::new(State::Waiting(future))));
        Starting { owner, options, job, orphan: Orphan::GoesOn, value: PhantomData }
    }

    /// Sets what becomes of a task that was started and whose start is no longer waited for.
    pub(crate) fn orphan(mut self, orphan: Orphan) -> Starting<T, Fut> {
        self.orphan = orphan;
        self
    }

    pub(crate) async fn under(self, supervisor: &SupervisorRef<Dynamic>) -> Result<Task<T>, NotStarted<Fut>> {
        let (sender, value) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let (job, options, owner) = (self.job.clone(), self.options.clone(), self.owner.clone());
        let start = move |supervisor: Process| {
            // Started once: a task that has an owner is temporary.
            let sender = sender.lock().unwrap_or_else(PoisonError::into_inner).take();
            let waiting = job.replace(State::Over);
            let (Some(sender), State::Waiting(future)) = (sender, waiting) else {
                return ready(Err(StartError::Ignore(options.label)));
            };
            let process = start(&supervisor, owner, &options, future, sender);
            job.replace(State::Started(process.clone()));
            ready(Ok(process))
        };
        let spec = ChildSpec::worker(self.options.label.clone(), start).restart(Restart::Temporary);
        let started = supervisor.start_child(spec.shutdown(self.options.shutdown)).await;
        let label = self.options.label.clone();
        match (started, self.job.replace(State::Over)) {
            (Ok(Some(process)), _) | (Err(_), State::Started(process)) => {
                Ok(Task::of(process, label, self.owner.clone(), self.options.is_linked(), value))
            }
            (Err(error), State::Waiting(future)) => Err(NotStarted::new(label, error, Some(future))),
            (Err(error), State::Over) => Err(NotStarted::new(label, error, None)),
            // Only a task that was taken back ignores its start.
            (Ok(None), _) => {
                let error = StartError::Ignore(label.clone());
                Err(NotStarted::new(label.clone(), StartChildError::Failed { id: label, error }, None))
            }
        }
    }
}

/// Starts the task, in the process of its supervisor. It does not run before it is linked to its owner, or the owner could
/// miss its reason.
fn start<T, O, Fut>(
    supervisor: &Process,
    owner: Option<Process>,
    options: &TaskOptions,
    future: Fut,
    value: oneshot::Sender<T>,
) -> ProcessRef<NoMessage>
where
    T: Send + 'static,
    O: TaskOutput<T>,
    Fut: Future<Output = O> + Send + 'static,
{
    let (go, may_go) = oneshot::channel::<()>();
    let (system, limit) = (supervisor.system().clone(), options.limit);
    let body = async move |ctx| {
        let _ctx = ctx;
        // Fails only if the supervisor has panicked.
        let _ = may_go.await;
        tell(options::compute(system, limit, future).await, value)
    };
    let process = options::spawn(supervisor, options.process().link(), body);
    if let Some(owner) = owner.filter(|_| options.is_linked()) {
        // Fails only if the task has been killed meanwhile.
        let _ = owner.link(process.pid());
        if !owner.system().is_alive(owner.pid()) {
            process.exit(ExitReason::NoProc);
        }
    }
    // Fails only if the task has been killed meanwhile.
    let _ = go.send(());
    process
}

impl<T, Fut> Drop for Starting<T, Fut> {
    fn drop(&mut self) {
        if let State::Started(process) = self.job.replace(State::Over)
            && self.orphan.ends(self.owner.as_ref())
        {
            if let Some(owner) = &self.owner {
                owner.unlink(process.pid());
            }
            process.exit(ExitReason::Kill);
        }
    }
}
