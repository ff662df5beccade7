use std::fmt;
use std::sync::Arc;

use super::local::Local;
use super::pool::Pool;
use super::start::start;
use crate::exit::IntoExit;
use crate::name::NameError;
use crate::process::{Header, Process, ProcessContext, SpawnOptions, Spawned, Spawner};
use crate::runtime::Task;
use crate::system::System;

/// Decides on which thread a process runs that may block it: on one of its own, or on one of a few.
///
/// Such a process is like any other to those who know it: messages, calls, links, monitors, names, supervisors and
/// [`sys`](crate::behaviour) find no difference. All of its code runs on one thread, from its first poll to the drop of its
/// state; it may block that thread, and its state need not be `Send`: see [`spawn`](Threads::spawn). It is for drivers,
/// for libraries that block, and for long computations.
///
/// * A message to it, when it waits, wakes up its thread; calls never run it inline.
/// * What a signal ends is the wait of a process. A process that waits for mail ends at once. One whose code runs ends
///   when that code returns, or waits for a future of this library, also by `block_on`. Until then it is alive for
///   everybody, and its supervisor waits for it. If that takes longer than a second, a
///   [`ThreadEvent::EndDelayed`](crate::ThreadEvent::EndDelayed) reports it.
/// * The thread belongs to the executor of the system: timers, sockets and tasks work on it. When the executor is dropped,
///   which does not wait for the thread, the process ends as soon as its code returns.
/// * In a simulation, which has one thread, it is a process among the others, in the order that the seed decides; code
///   that blocks the thread blocks the simulation.
///
/// A thread is made for a process when there is none for it, and ends with the last process on it.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// use otp::process::{RunsOn, SpawnOptions, Threads};
/// use otp::{Call, Message, ProcessContext, ReplyTo};
///
/// // An `Rc` is not `Send`, and never leaves the thread on which it was made.
/// let journal = Threads::own().spawn(&system, SpawnOptions::new().label("journal"), async |mut ctx: ProcessContext<_>| {
///     let lines = Rc::new(RefCell::new(Vec::new()));
///     while let Message::User((line, from)) = ctx.receive().await {
///         lines.borrow_mut().push(line);
///         ReplyTo::reply(from, lines.borrow().len());
///     }
/// });
/// let journal = journal.unwrap().process;
///
/// assert_eq!(Call::new(&journal, |from| ("begin", from)).await, Ok(1));
/// assert_eq!(system.info(journal.pid()).unwrap().on, RunsOn::Thread);
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Threads(Arc<Kind>);

enum Kind {
    Own,
    Shared(Pool),
}

impl Threads {
    /// A thread for each process, of its own, with the label of the process as its name.
    pub fn own() -> Threads {
        Threads(Arc::new(Kind::Own))
    }

    /// At most `limit` threads for each runtime, at least one, which the processes share. A process gets the thread with the
    /// fewest processes, and keeps it.
    ///
    /// The processes on one thread run one after the other: while one blocks the thread, the others wait, and a process
    /// that blocks until another one on its thread has answered waits for ever.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::collections::HashSet;
    /// use std::thread;
    ///
    /// use otp::process::{SpawnOptions, Threads};
    /// use otp::{Call, Message, ProcessContext, ReplyTo};
    ///
    /// let threads = Threads::bounded(2);
    /// let workers: Vec<_> = (0..6)
    ///     .map(|_| {
    ///         let options = SpawnOptions::new().on(&threads);
    ///         let work = async |mut ctx: ProcessContext<ReplyTo<thread::ThreadId>>| {
    ///             while let Message::User(from) = ctx.receive().await {
    ///                 from.reply(thread::current().id());
    ///             }
    ///         };
    ///         system.spawn_with(options, work).unwrap().process
    ///     })
    ///     .collect();
    ///
    /// let mut used = HashSet::new();
    /// for worker in &workers {
    ///     used.insert(Call::new(worker, |from| from).await.unwrap());
    /// }
    /// assert_eq!(used.len(), 2);
    /// # }).unwrap();
    /// ```
    pub fn bounded(limit: usize) -> Threads {
        Threads(Arc::new(Kind::Shared(Pool::new(limit.max(1)))))
    }

    /// Starts a process on one of the threads, whose code need not be `Send`: `body` is called on the thread, and what it
    /// makes stays there. Like [`System::spawn_with`] in all else. The parent is the process `on`, or none.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the requested name is taken; no process is started in this case.
    pub fn spawn<M, F, Fut>(
        &self,
        on: &impl Spawner,
        options: SpawnOptions<M>,
        body: F,
    ) -> Result<Spawned<M>, NameError>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + 'static,
    {
        let (options, body) = (options.on(self), move |ctx| Local::new(Box::pin(body(ctx))));
        match on.process() {
            Some(parent) => Process::spawn_with(&parent, options, body),
            None => on.system().spawn_with(options, body),
        }
    }

    /// Gives the task of a process to a thread.
    pub(crate) fn place(&self, system: &System, process: &Header, task: Task) {
        if process.is_directed() {
            // A simulation has one thread, and the seed decides between processes.
            return system.runtime().spawn(task);
        }
        match &*self.0 {
            Kind::Own => {
                let label = system.label_of(process).map_or_else(|| process.pid.to_string(), |label| label.to_string());
                start(&**system.runtime(), &label, task);
            }
            Kind::Shared(pool) => pool.place(system.runtime(), task),
        }
    }
}

impl fmt::Debug for Threads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::Own => f.write_str("Threads(own)"),
            Kind::Shared(pool) => write!(f, "Threads(at most {})", pool.limit()),
        }
    }
}
