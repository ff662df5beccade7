use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use super::cell::Cell;
use super::context::ProcessContext;
use super::handle::Process;
use super::header::{AnyProcess, Fixed, Header};
use super::load::MailboxPolicy;
use super::mailbox::Mailbox;
use super::monitor;
use super::process_ref::ProcessRef;
use super::reference::MonitorRef;
use super::target::Target;
use super::ties::Party;
use super::{Pid, Threads, end, link};
use crate::event::Event;
use crate::exit::{ExitReason, IntoExit};
use crate::label::Label;
use crate::name::NameError;
use crate::registration::Registration;
use crate::runtime::Task;
use crate::system::System;

/// The options of [`spawn_with`](System::spawn_with) for a process that receives `M`: Erlang's `spawn_opt`. All are off
/// by default.
#[must_use]
pub struct SpawnOptions<M> {
    label: Option<Label>,
    name: Option<Arc<dyn Registration<M>>>,
    fixed: Fixed,
    stands_for: Option<Pid>,
    mailbox: Option<usize>,
    policy: Option<Arc<MailboxPolicy<M>>>,
    monitor: bool,
    threads: Option<Threads>,
}

impl<M> SpawnOptions<M> {
    /// No options.
    pub fn new() -> SpawnOptions<M> {
        SpawnOptions {
            label: None,
            name: None,
            fixed: Fixed {
                type_label: None,
                trap_exit: false,
                inline: true,
                link: false,
                on_thread: false,
                at_once: false,
            },
            mailbox: None,
            policy: None,
            monitor: false,
            stands_for: None,
            threads: None,
        }
    }

    /// Sets the label of the process, for introspection, events and error texts. It need not be unique.
    pub fn label(mut self, label: impl Into<Label>) -> SpawnOptions<M> {
        self.label = Some(label.into());
        self
    }

    /// Registers the process under a name of its type, before it runs.
    pub fn name(mut self, name: impl Registration<M> + 'static) -> SpawnOptions<M> {
        self.name = Some(Arc::new(name));
        self
    }

    /// Makes the process trap exit signals from the beginning.
    pub fn trap_exit(mut self, on: bool) -> SpawnOptions<M> {
        self.fixed.trap_exit = on;
        self
    }

    /// Sets whether a [`Call`](crate::Call) of the process may run it on the caller's thread, once it has been measured
    /// to be fast, and one that waits for its start or its end, once processes of its type have; and whether the executor's
    /// task of a process that wakes this one may poll it next, and the other way round. By default they may.
    ///
    /// Switch it off for a process whose code depends on the executor's task that runs it, as tokio's task-locals and
    /// task ids do, or that sometimes blocks its thread, above all to wait for a process that it has just sent to.
    pub fn inline(mut self, on: bool) -> SpawnOptions<M> {
        self.fixed.inline = on;
        self
    }

    /// Bounds the mailbox to `limit` messages, at least one, for backpressure. Signals are never refused and do not
    /// count.
    pub fn mailbox(mut self, limit: usize) -> SpawnOptions<M> {
        self.mailbox = Some(limit.max(1));
        self
    }

    /// Sets what the mailbox does under load: bounds for what clients ask and for what is broadcast, and what is dropped,
    /// merged or skipped. It takes the place of the bound of [`mailbox`](SpawnOptions::mailbox).
    pub fn policy(mut self, policy: MailboxPolicy<M>) -> SpawnOptions<M> {
        self.policy = Some(Arc::new(policy));
        self
    }

    /// Makes the process run on a thread of its own, which its code may block: short for `on(&Threads::own())`.
    ///
    /// Its calls never run inline. Code that is not `Send` needs [`Threads::spawn`].
    pub fn on_thread(self) -> SpawnOptions<M> {
        self.on(&Threads::own())
    }

    /// Makes the process run on one of these threads, and on no other, from its first poll to the drop of its state; see
    /// [`Threads`].
    pub fn on(mut self, threads: &Threads) -> SpawnOptions<M> {
        self.fixed.on_thread = true;
        self.threads = Some(threads.clone());
        self
    }

    /// Makes the process stand for a process of another node: in this system it has that pid instead of one of its own,
    /// so that ties to the pid are ties to this process. The system does not list it; [`Nodes`](crate::node::Nodes)
    /// finds it.
    ///
    /// This gives a process elsewhere a mailbox here: the local process encodes what it receives. See
    /// [`node`](crate::node).
    ///
    /// # Panics
    ///
    /// If `pid` belongs to this system.
    pub fn stands_for(mut self, pid: Pid) -> SpawnOptions<M> {
        assert!(!pid.is_here(), "{pid} runs here, and needs no stand-in");
        self.stands_for = Some(pid);
        self
    }

    /// Links the process to its parent; has no effect from outside any process.
    pub fn link(mut self) -> SpawnOptions<M> {
        self.fixed.link = true;
        self
    }

    /// Makes the parent monitor the process; has no effect from outside any process.
    pub fn monitor(mut self) -> SpawnOptions<M> {
        self.monitor = true;
        self
    }

    /// Returns what people will call the process, if these options say so: its label, or its name.
    pub fn called(&self) -> Option<Label> {
        self.label.clone().or_else(|| Some(self.name.as_ref()?.label()))
    }

    /// Lets the process run once where it is started; see [`at_once`](crate::behaviour::at_once).
    pub(crate) fn at_once(mut self) -> SpawnOptions<M> {
        self.fixed.at_once = true;
        self
    }

    /// Marks the process as a behaviour, and sets its default label; see [`options`](crate::behaviour::options).
    pub(crate) fn type_label(mut self, label: fn() -> &'static str) -> SpawnOptions<M> {
        self.fixed.type_label = Some(label);
        self
    }
}

impl<M> Default for SpawnOptions<M> {
    fn default() -> SpawnOptions<M> {
        SpawnOptions::new()
    }
}

impl<M> Clone for SpawnOptions<M> {
    fn clone(&self) -> SpawnOptions<M> {
        SpawnOptions {
            label: self.label.clone(),
            name: self.name.clone(),
            policy: self.policy.clone(),
            threads: self.threads.clone(),
            ..*self
        }
    }
}

impl<M> fmt::Debug for SpawnOptions<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnOptions")
            .field("label", &self.label)
            .field("name", &self.name)
            .field("trap_exit", &self.fixed.trap_exit)
            .field("inline", &self.fixed.inline)
            .field("mailbox", &self.mailbox)
            .field("policy", &self.policy)
            .field("link", &self.fixed.link)
            .field("monitor", &self.monitor)
            .field("stands_for", &self.stands_for)
            .field("threads", &self.threads)
            .finish()
    }
}

/// A process that was started by [`spawn_with`](System::spawn_with), and its monitor.
#[derive(Debug)]
#[non_exhaustive]
pub struct Spawned<M> {
    /// The process.
    pub process: ProcessRef<M>,
    /// The monitor, if the options requested one.
    pub monitor: Option<MonitorRef>,
}

/// Starts processes: implemented by [`System`], [`Process`], and the contexts. The start functions of behaviours take
/// it.
pub trait Spawner {
    /// The system of the new process.
    fn system(&self) -> &System;

    /// The parent of the new process; `None` from outside any process.
    fn process(&self) -> Option<Process>;
}

impl Spawner for Process {
    fn system(&self) -> &System {
        Process::system(self)
    }

    fn process(&self) -> Option<Process> {
        Some(self.clone())
    }
}

/// The parent is the running process, if there is one.
impl Spawner for System {
    fn system(&self) -> &System {
        self
    }

    fn process(&self) -> Option<Process> {
        self.current()
    }
}

impl System {
    /// Starts a process. Its parent is the process that runs this code; outside any process, the new process is a root
    /// of the system, which [`shutdown`](System::shutdown) stops.
    ///
    /// The process runs `body` with its [`ProcessContext`]. It ends when the body returns (with the returned reason, if
    /// any), when the body panics, or when an exit signal arrives.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let quiet = system.spawn(async |_: ProcessContext<()>| {});
    /// assert_eq!(quiet.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn spawn<M, F, Fut>(&self, body: F) -> ProcessRef<M>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        unnamed(self, self.current().as_ref().map(Process::inner), SpawnOptions::new(), body).process
    }

    /// Starts a process with options, such as a name or a bounded mailbox.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the requested name is taken; no process is started in this case.
    pub fn spawn_with<M, F, Fut>(&self, options: SpawnOptions<M>, body: F) -> Result<Spawned<M>, NameError>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn(self, self.current().as_ref().map(Process::inner), options, body)
    }
}

impl Process {
    /// Starts a process as a child of this one, without a link or monitor.
    pub fn spawn<M, F, Fut>(&self, body: F) -> ProcessRef<M>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        unnamed(self.system(), Some(self.inner()), SpawnOptions::new(), body).process
    }

    /// Starts a process and links it to this one, before it runs.
    pub fn spawn_link<M, F, Fut>(&self, body: F) -> ProcessRef<M>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        unnamed(self.system(), Some(self.inner()), SpawnOptions::new().link(), body).process
    }

    /// Starts a process and monitors it, before it runs.
    pub fn spawn_monitor<M, F, Fut>(&self, body: F) -> (ProcessRef<M>, MonitorRef)
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        let spawned = unnamed(self.system(), Some(self.inner()), SpawnOptions::new().monitor(), body);
        (spawned.process, spawned.monitor.expect("a monitor was asked for"))
    }

    /// Starts a process as a child of this one, with options.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the requested name is taken; no process is started in this case.
    pub fn spawn_with<M, F, Fut>(&self, options: SpawnOptions<M>, body: F) -> Result<Spawned<M>, NameError>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn(self.system(), Some(self.inner()), options, body)
    }
}

/// Starts a process whose options contain no name.
pub(crate) fn unnamed<M, F, Fut>(
    system: &System,
    parent: Option<&Arc<dyn AnyProcess>>,
    options: SpawnOptions<M>,
    body: F,
) -> Spawned<M>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    spawn(system, parent, SpawnOptions { name: None, ..options }, body).expect("only a name can be refused")
}

/// Starts a process. Its link, monitor and name are set before it runs.
pub(crate) fn spawn<M, F, Fut>(
    system: &System,
    parent: Option<&Arc<dyn AnyProcess>>,
    options: SpawnOptions<M>,
    body: F,
) -> Result<Spawned<M>, NameError>
where
    M: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output: IntoExit> + Send + 'static,
{
    let parent_pid = parent.map_or(Pid::SYSTEM, |parent| parent.header().pid);
    let pid = options.stands_for.unwrap_or_else(|| system.next_pid());
    let header = Header::new(system.clone(), pid, parent_pid, options.fixed);
    let mailbox = match options.policy {
        None => Mailbox::new(options.mailbox),
        Some(policy) => Mailbox::with_policy(policy),
    };
    let cell = Cell::new(header, mailbox, body);

    if let Some(label) = options.label
        && let Some(alive) = cell.header.relations.lock().alive()
    {
        alive.rare().label = Some(label);
    }
    system.table().insert(cell.clone());
    let this = ProcessRef::new(cell.clone());
    // Not before: whoever marks all processes finds it in the table, or it finds the spectators.
    if system.seats().are_taken() {
        cell.header.begin_watched();
    }
    if let Some(name) = options.name {
        let registered = catch_unwind(AssertUnwindSafe(|| register(&*name, &this, cell.clone())));
        if !matches!(registered, Ok(Ok(()))) {
            // The process could be found for a moment: code that has begun to watch it is notified.
            let (unread, arrivals) = cell.mailbox.close();
            let label = cell.header.relations.lock().label();
            let first = arrivals.last(unread.len());
            end::publish(&cell.header, label, ExitReason::NoProc, Some(first));
            end::drop_each(&cell.header, unread);
        }
        registered.unwrap_or_else(|panic| resume_unwind(panic))?;
    }
    if let Some(parent) = parent
        && options.fixed.link
        && !link::link(&*cell, &**parent)
    {
        let process: Arc<dyn Party> = cell.clone();
        link::signal(&process, parent_pid, ExitReason::NoProc);
    }
    let monitor = parent.filter(|_| options.monitor).map(|parent| {
        let monitor = MonitorRef::new(system.make_ref());
        monitor::attach(&**parent, &*cell, monitor, Target::Pid(pid));
        monitor
    });
    system.events().emit(|| Event::Spawned { pid, label: system.label_of(&cell.header), parent: parent_pid });
    if options.fixed.at_once && cell.run_first() {
        return Ok(Spawned { process: this, monitor });
    }
    let task = Task::of(cell);
    match options.threads {
        None => system.runtime().spawn(task),
        Some(threads) => threads.place(system, this.header(), task),
    }
    Ok(Spawned { process: this, monitor })
}

/// Registers a process. If it has no label, the registration sets one.
fn register<M: Send + 'static>(
    registration: &dyn Registration<M>,
    process: &ProcessRef<M>,
    owner: Arc<dyn AnyProcess>,
) -> Result<(), NameError> {
    registration.claim(process, &Process::new(owner))?;
    let relations = &process.header().relations;
    if relations.lock().label().is_none() {
        let label = registration.label();
        if let Some(alive) = relations.lock().alive() {
            alive.rare().label = Some(label);
        }
    }
    Ok(())
}
