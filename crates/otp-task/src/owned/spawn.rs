use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use otp_core::{Address, Label, ProcessContext, Spawner};
use otp_genserver::{Context, GenServer};
use sync_wrapper::SyncWrapper;

use super::set::{Admission, Member, Waiting};
use super::tasks::Tasks;
use crate::notice::Notice;
use crate::options::{self, TaskOptions};
use crate::outcome::{TaskEnd, TaskId};
use crate::output::TaskOutput;

/// Starts tasks of a server or of another process, whose outcome comes back as a message of its own type: implemented by
/// [`Context`] and [`ProcessContext`].
///
/// The owner of such tasks does not wait for them: it handles other messages meanwhile. The tasks end with it. They are its
/// children, as introspection shows them ([`ProcessInfo::parent`](otp_core::ProcessInfo::parent)).
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::collections::HashMap;
///
/// use otp::gen_server::{Info, Init, Next, NoMessage};
/// use otp::prelude::*;
/// use otp::task::{SpawnTask, TaskEnd, TaskId, TaskOutcome};
///
/// /// Adds numbers up, in the background.
/// struct Adder {
///     waiting: HashMap<TaskId, ReplyTo<u64>>,
/// }
///
/// impl GenServer for Adder {
///     type Args = ();
///     type Call = (u64, ReplyTo<u64>);
///     type Cast = NoMessage;
///     type Info = TaskEnd<u64>;
///     type Continue = NoMessage;
///
///     async fn init(_: (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
///         ctx.tasks().set_limit(4);
///         Ok(Init::Ok(Adder { waiting: HashMap::new() }))
///     }
///
///     async fn handle_call(&mut self, (to, from): Self::Call, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
///         let id = ctx.spawn_task(async move { (1..=to).sum::<u64>() }, |end| end)?;
///         self.waiting.insert(id, from);
///         Ok(Next::Receive)
///     }
///
///     async fn handle_info(&mut self, info: Info<TaskEnd<u64>>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
///         let Info::Message(end) = info else { return Ok(Next::Receive) };
///         // Dropped without a value, the token tells the caller that there is no answer.
///         if let (Some(from), TaskOutcome::Value(sum)) = (self.waiting.remove(&end.id), end.outcome) {
///             from.reply(sum);
///         }
///         Ok(Next::Receive)
///     }
/// }
///
/// let adder = Adder::start(&system, ()).await.unwrap();
/// let hundred = adder.call(|from| (100, from)).send_request();
/// assert_eq!(adder.call(|from| (10, from)).await, Ok(55));
/// assert_eq!(hundred.await, Ok(5050));
/// # }).unwrap();
/// ```
pub trait SpawnTask: Spawner {
    /// The type of the owner's messages.
    type Message: Send + 'static;

    /// The address at which the owner gets messages of its type.
    fn own_address(&self) -> Address<Self::Message>;

    /// The tasks of the owner: their limits, which of them run, and how to cancel one.
    fn tasks(&self) -> Tasks {
        Tasks::of(&self.process().expect("a context belongs to a process"))
    }

    /// Starts a task whose outcome comes back as the message that `message` makes of it. The message comes exactly once,
    /// whichever way the task ends: with its value, by a crash, or cancelled.
    ///
    /// If as many tasks run as may ([`Tasks::set_limit`]), the task waits, if it may ([`Tasks::set_queue`]), or is refused.
    /// By default there is no limit. `message` runs in the process of the task, or in another one after its end.
    ///
    /// # Errors
    ///
    /// [`TaskRefused`] gives the future back.
    fn spawn_task<T, O, Fut>(
        &self,
        future: Fut,
        message: impl FnOnce(TaskEnd<T>) -> Self::Message + Send + 'static,
    ) -> Result<TaskId, TaskRefused<Fut>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        self.spawn_task_with(TaskOptions::new(), future, message)
    }

    /// Starts a task as [`spawn_task`](SpawnTask::spawn_task) does, with options, such as a label or a
    /// [time limit](TaskOptions::time_limit). It is linked to its owner only if the options say so.
    ///
    /// # Errors
    ///
    /// [`TaskRefused`] gives the future back.
    fn spawn_task_with<T, O, Fut>(
        &self,
        options: TaskOptions,
        future: Fut,
        message: impl FnOnce(TaskEnd<T>) -> Self::Message + Send + 'static,
    ) -> Result<TaskId, TaskRefused<Fut>>
    where
        T: Send + 'static,
        O: TaskOutput<T>,
        Fut: Future<Output = O> + Send + 'static,
    {
        let tasks = self.tasks();
        let set = tasks.set();
        let (id, label, cancelled) =
            (TaskId::new(self.system()), options.label.clone(), Arc::new(AtomicBool::new(false)));
        let admission = set.admit(id, &label, &cancelled);
        if let Admission::Refuse { limit, running, waiting } = admission {
            return Err(TaskRefused { label, limit, running, waiting, future: SyncWrapper::new(future) });
        }
        let notice = Notice::new(id, label.clone(), self.own_address(), message)
            .of_member(Member(set.clone()), cancelled.clone());
        let owner = set.owner.clone();
        let start = move || {
            let process = if options.link == Some(true) { options.process().link() } else { options.process() };
            let notice = notice.started();
            let body = async move |ctx| {
                let _ctx = ctx;
                notice.run(options.limit, future).await
            };
            options::spawn(&owner, process, body).pid()
        };
        match admission {
            Admission::Wait => {
                let (start, since) = (Box::new(start), self.system().now());
                set.wait(Waiting { id, label, since, cancelled, start });
            }
            _ => set.started(id, start()),
        }
        Ok(id)
    }
}

impl<S: GenServer> SpawnTask for Context<S> {
    type Message = S::Info;

    fn own_address(&self) -> Address<S::Info> {
        self.server().info_address(|info| info)
    }
}

impl<M: Send + 'static> SpawnTask for ProcessContext<M> {
    type Message = M;

    fn own_address(&self) -> Address<M> {
        self.this().into()
    }
}

/// The error of a task that its owner may not start now: as many run as may, and no more may wait. It gives the future
/// back.
#[derive(thiserror::Error)]
#[error("the task {label} was not started: {running} of {limit} tasks run, and {waiting} wait")]
#[non_exhaustive]
pub struct TaskRefused<F> {
    /// The label of the task.
    pub label: Label,
    /// How many tasks may run at a time.
    pub limit: usize,
    /// How many run.
    pub running: usize,
    /// How many wait.
    pub waiting: usize,
    future: SyncWrapper<F>,
}

impl<F> TaskRefused<F> {
    /// Gives the future back, which was not polled.
    pub fn into_future(self) -> F {
        self.future.into_inner()
    }
}

impl<F> fmt::Debug for TaskRefused<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRefused")
            .field("label", &self.label)
            .field("limit", &self.limit)
            .field("running", &self.running)
            .field("waiting", &self.waiting)
            .finish_non_exhaustive()
    }
}
