//! A system of processes on one runtime.

mod shutdown;
mod table;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::call::Exited;
use crate::event::{CrashReport, Event, EventBus, Events, HookGuard};
use crate::exit::{Crash, ExitReason, IntoExit, install_panic_hook};
use crate::info::ProcessInfo;
use crate::label::Label;
use crate::name::{Name, NameError, Names, WrongType};
use crate::process::{
    self, BUDGET, Header, MonitorRef, Pid, Process, ProcessContext, ProcessRef, SpawnOptions, Spawned,
};
use crate::runtime::{Director, Instant, Runtime, Sleep, Step};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::timer::TimerQueue;
pub use shutdown::{Ended, ShutdownReport};
use table::Table;

/// Processes, names and timers on one runtime. Cheap to clone.
///
/// Two systems in one program know nothing of each other: each has its own pids and names. A system does not own
/// its executor; when that goes away, every process ends with [`ExitReason::Killed`].
#[derive(Clone)]
pub struct System(Arc<Inner>);

struct Inner {
    runtime: Arc<dyn Runtime>,
    /// Known without asking the runtime: hardly any has one.
    director: Option<Arc<dyn Director>>,
    next_pid: AtomicU64,
    next_monitor: AtomicU64,
    table: Table,
    names: Names,
    timers: Arc<TimerQueue>,
    events: Arc<EventBus>,
}

impl System {
    /// A system on `runtime`.
    ///
    /// The first system of a program installs a panic hook, which notes where a panic happened and then calls the
    /// hook that was there before.
    pub fn new(runtime: impl Runtime) -> System {
        System::on(Arc::new(runtime))
    }

    /// As [`new`](System::new), for a runtime that is shared already.
    pub fn on(runtime: Arc<dyn Runtime>) -> System {
        install_panic_hook();
        let director = runtime.director();
        let events = Arc::new(EventBus::new(director.clone()));
        System(Arc::new(Inner {
            director,
            timers: Arc::new(TimerQueue::new(runtime.clone(), events.clone())),
            runtime,
            next_pid: AtomicU64::new(Pid::FIRST),
            next_monitor: AtomicU64::new(1),
            table: Table::default(),
            names: Names::default(),
            events,
        }))
    }

    /// The runtime that the system runs on.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.0.runtime
    }

    /// The time now on the runtime's clock.
    #[inline]
    pub fn now(&self) -> Instant {
        self.0.runtime.now()
    }

    /// The wall clock of the runtime, which may be set forward and back: for dates. Durations are measured with
    /// [`now`](System::now).
    pub fn system_time(&self) -> SystemTime {
        self.0.runtime.system_time()
    }

    /// A random number from the runtime.
    pub fn random(&self) -> u64 {
        self.0.runtime.random()
    }

    /// Waits for `duration`. On tokio it is rounded up to a millisecond.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }

    /// Waits until `deadline`.
    pub fn sleep_until(&self, deadline: Instant) -> Sleep {
        Sleep::until(self.0.runtime.clone(), deadline)
    }

    /// Starts a process. Its parent is the process that runs this code, if one does; otherwise it is a root of the
    /// system, which [`shutdown`](System::shutdown) stops.
    ///
    /// The process runs `body` with its [`ProcessContext`]. It ends when the body returns (with the reason that the body
    /// returns, if any), panics, or an exit signal arrives.
    ///
    /// ```
    /// # otp_tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp_core::{ProcessContext, ExitReason};
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
        process::unnamed(self, self.current().as_ref().map(Process::inner), SpawnOptions::new(), body).process
    }

    /// Starts a process with options.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name that the options ask for is taken; nothing was started then.
    pub fn spawn_with<M, F, Fut>(&self, options: SpawnOptions, body: F) -> Result<Spawned<M>, NameError>
    where
        M: Send + 'static,
        F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        process::spawn(self, self.current().as_ref().map(Process::inner), options, body)
    }

    /// Sends an exit signal to a process; OTP's `exit/2`. Returns at once, also if there is no such process.
    ///
    /// * `Kill` ends the process, whatever it does; others see that it was `Killed`.
    /// * Any other reason becomes a message if the process traps exits, and otherwise ends it; `Normal` is then
    ///   ignored, unless a process sends it to itself.
    ///
    /// A process ends at the next place where it waits, receives or sends: nothing can stop code between two awaits.
    /// Messages that wait in its mailbox do not hold the signal up. If it comes to its end first, the reason is that
    /// of the signal all the same; a crash on the way is reported.
    pub fn exit(&self, pid: Pid, reason: ExitReason) {
        if let Some(process) = self.table().find(pid) {
            process::signal(&process, Process::current_pid(self).unwrap_or(Pid::SYSTEM), reason);
        }
    }

    /// Waits for the end of a process and tells its reason; `NoProc` if there is none (any more).
    pub fn exited(&self, pid: Pid) -> Exited {
        match self.table().find(pid) {
            Some(process) => Exited::of(process.header()),
            None => Exited::already(&ExitReason::NoProc),
        }
    }

    /// True until the process has ended: its state is dropped, its name is free.
    pub fn is_alive(&self, pid: Pid) -> bool {
        self.table().find(pid).is_some_and(|process| process.header().relations.lock().alive().is_some())
    }

    /// Gives a name to a process.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name is taken, also by the same process, if the process has a name already, or if it has
    /// ended.
    pub fn register<M: Send + 'static>(&self, name: &Name<M>, process: &ProcessRef<M>) -> Result<(), NameError> {
        let (name, pid) = (name.label().clone(), process.pid());
        // A pid of another system may be somebody else's here.
        if process.system() == self { self.register_pid(name, pid) } else { Err(NameError::NoProc { name, pid }) }
    }

    /// As [`register`](System::register), for a process of which only the pid is known. Whoever looks the name up
    /// finds it if it receives messages of the type that the name says.
    ///
    /// # Errors
    ///
    /// [`NameError`], as there.
    pub fn register_pid(&self, name: impl Into<Label>, pid: Pid) -> Result<(), NameError> {
        let name = name.into();
        match self.table().find(pid) {
            Some(process) => self.names().register(name, &process),
            None => Err(NameError::NoProc { name, pid }),
        }
    }

    /// Takes a name from whoever holds it.
    ///
    /// # Errors
    ///
    /// [`NameError::NotRegistered`] if nobody does.
    pub fn unregister<M>(&self, name: &Name<M>) -> Result<(), NameError> {
        self.names().unregister(name.label())
    }

    /// Who holds a name; never a process that has ended.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder does not receive `M`.
    pub fn whereis<M: Send + 'static>(&self, name: &Name<M>) -> Result<Option<ProcessRef<M>>, WrongType> {
        self.names().whereis(name)
    }

    /// All names with their holders, sorted by name.
    pub fn registered(&self) -> Vec<(Label, Pid)> {
        self.names().all()
    }

    /// All processes that have not ended, oldest first.
    pub fn processes(&self) -> Vec<Pid> {
        self.table().pids()
    }

    /// How many processes have not ended.
    pub fn process_count(&self) -> usize {
        self.table().len()
    }

    /// How many timers that send messages are running.
    pub fn timer_count(&self) -> usize {
        self.timers().len()
    }

    /// What is known of a process now; `None` if it has ended.
    pub fn info(&self, pid: Pid) -> Option<ProcessInfo> {
        ProcessInfo::of(self, pid)
    }

    /// Calls `hook` for each event from now on, at the place where it happens and before anything follows from it.
    ///
    /// The hook runs in the middle of the library, on whichever thread that is: it must not block. Without any hook
    /// or subscriber, crashes go to `tracing`.
    pub fn on_event(&self, hook: impl Fn(&Event) + Send + Sync + 'static) -> HookGuard {
        self.0.events.add(Arc::new(hook))
    }

    /// The stream of events from now on.
    pub fn subscribe(&self) -> Events {
        Events::of(&self.0.events)
    }

    /// Reports an event; for behaviours, such as a supervisor that restarts a child.
    #[doc(hidden)]
    pub fn report(&self, event: impl FnOnce() -> Event) {
        self.0.events.emit(event);
    }

    /// Reports a crash of code that the running process ran for somebody else, and that did not end it; for behaviours.
    #[doc(hidden)]
    pub fn report_crash(&self, crash: &Crash) {
        let current = self.current();
        self.events().crashed(CrashReport {
            pid: current.as_ref().map(Process::pid),
            label: current.and_then(|process| self.label_of(process.inner().header())),
            reason: ExitReason::Error(crash.clone()),
        });
    }

    /// The process of this system whose code is running.
    pub(crate) fn current(&self) -> Option<Process> {
        Process::current().filter(|process| process.system() == self)
    }

    pub(crate) fn director(&self) -> Option<&Arc<dyn Director>> {
        self.0.director.as_ref()
    }

    /// Tells the director, if there is one.
    pub(crate) fn note<'a>(&self, step: impl FnOnce() -> Step<'a>) {
        if let Some(director) = &self.0.director {
            director.note(&step());
        }
    }

    /// Whether a call may run its callee on the thread of the caller.
    pub(crate) fn runs_inline(&self, callee: Pid) -> bool {
        self.0.director.as_ref().is_none_or(|director| director.runs_inline(callee))
    }

    /// How many messages a process may receive or send before it lets others run.
    pub(crate) fn budget(&self) -> u16 {
        self.0.director.as_ref().map_or(BUDGET, |director| director.budget())
    }

    pub(crate) fn next_pid(&self) -> Pid {
        Pid::local(self.0.next_pid.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn next_monitor(&self) -> MonitorRef {
        MonitorRef(self.0.next_monitor.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn table(&self) -> &Table {
        &self.0.table
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(crate) fn timers(&self) -> &Arc<TimerQueue> {
        &self.0.timers
    }

    pub(crate) fn events(&self) -> &EventBus {
        &self.0.events
    }

    /// What people call a process: its label, else its name, else the name of its type.
    pub(crate) fn label_of(&self, header: &Header) -> Option<Label> {
        let own = header.relations.lock().label();
        own.or_else(|| header.type_label())
    }

    /// What a process says that it is doing.
    pub(crate) fn doing(&self, header: &Header) -> Label {
        let mut relations = header.relations.lock();
        let status = relations.alive().and_then(|alive| alive.existing_rare()?.status.clone());
        status.unwrap_or_else(|| Label::from_static(header.doing().as_str()))
    }
}

/// Two handles are equal if they mean the same system.
impl PartialEq for System {
    fn eq(&self, other: &System) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for System {}

impl fmt::Debug for System {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "System({}, {} processes)", self.0.runtime.name(), self.process_count())
    }
}
