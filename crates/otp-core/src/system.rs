//! The system: processes, names and timers on one runtime.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::event::{EventBus, Seats};
use crate::exit::install_panic_hook;
use crate::name::Names;
use crate::node::Connected;
use crate::process::{Guardian, Paces, Pid, Ref, Table};
use crate::runtime::{Director, Runtime};
use crate::slot::Slots;
use crate::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::timer::TimerQueues;

/// Starts, finds and signals processes: a system holds processes, names and timers on one runtime. Cheap to clone.
///
/// Two systems in one program are independent: each has its own pids and names. A system does not own its executor;
/// when the executor is dropped, every process ends with [`ExitReason::Killed`](crate::ExitReason::Killed).
#[derive(Clone)]
pub struct System(Arc<Inner>);

struct Inner {
    runtime: Arc<dyn Runtime>,
    /// Stored, so that the runtime need not be asked: hardly any runtime has one.
    director: Option<Arc<dyn Director>>,
    next_pid: AtomicU64,
    next_ref: AtomicU64,
    table: Table,
    names: Names,
    timers: TimerQueues,
    events: Arc<EventBus>,
    paces: Paces,
    guardian: Guardian,
    seats: Seats,
    slots: Slots,
    nodes: Connected,
    inline_calls: AtomicBool,
    hand_over: AtomicBool,
}

/// A system that this does not keep alive.
pub(crate) struct WeakSystem(Weak<Inner>);

impl WeakSystem {
    pub(crate) fn upgrade(&self) -> Option<System> {
        self.0.upgrade().map(System)
    }
}

impl System {
    /// Makes a system on `runtime`.
    ///
    /// The first system of a program installs a panic hook. The hook records where a panic happened and then calls the
    /// previous hook.
    pub fn new(runtime: impl Runtime) -> System {
        System::on(Arc::new(runtime))
    }

    /// Makes a system on a runtime that is shared already; see [`new`](System::new).
    pub fn on(runtime: Arc<dyn Runtime>) -> System {
        install_panic_hook();
        let director = runtime.director();
        let events = Arc::new(EventBus::new(director.clone()));
        System(Arc::new(Inner {
            director,
            timers: TimerQueues::new(&runtime, &events),
            runtime,
            next_pid: AtomicU64::new(Pid::FIRST),
            next_ref: AtomicU64::new(1),
            table: Table::default(),
            names: Names::default(),
            events,
            paces: Paces::default(),
            guardian: Guardian::default(),
            seats: Seats::default(),
            slots: Slots::default(),
            nodes: Connected::default(),
            inline_calls: AtomicBool::new(true),
            hand_over: AtomicBool::new(true),
        }))
    }

    /// The runtime that the system runs on.
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.0.runtime
    }

    /// Returns the value of type `T` that belongs to this system. `T::default` makes it at the first call; it is
    /// dropped with the system.
    ///
    /// A crate uses it to store data for each system, such as a registry, without a global. With a private type, no
    /// other crate finds the value. The value must not own the [`System`], or neither is ever dropped.
    ///
    /// If two threads make the first call at the same time, both call `T::default`, and both get the same one of the
    /// two values.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// #[derive(Default)]
    /// struct Requests(AtomicU64);
    ///
    /// system.slot::<Requests>().0.fetch_add(1, Ordering::Relaxed);
    /// assert_eq!(system.slot::<Requests>().0.load(Ordering::Relaxed), 1);
    /// # }).unwrap();
    /// ```
    pub fn slot<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        self.0.slots.get()
    }

    /// Sets whether calls in this system may run their callee on the caller's thread, once the callee has been measured
    /// to be fast; and starts and stops their process, once processes of its type have. By default they may; in a
    /// simulation the seed decides.
    ///
    /// [`SpawnOptions::inline`](crate::SpawnOptions::inline) sets this for one process, and
    /// [`Call::inline`](crate::Call::inline) for one call.
    pub fn inline_calls(&self, on: bool) {
        self.0.inline_calls.store(on, Ordering::Relaxed);
    }

    pub(crate) fn has_inline_calls(&self) -> bool {
        self.0.inline_calls.load(Ordering::Relaxed)
    }

    /// Sets whether a process of this system that was woken by another one may be polled next by the executor's task of that
    /// one, once both have been measured to be fast: direct hand-over. By default it may; in a simulation it never is.
    ///
    /// The process is polled when the poll is over that woke it. Switch it off in a system whose processes block their
    /// threads until other processes have done something that they have asked them for, by other means than the futures of
    /// this library. [`SpawnOptions::inline`](crate::SpawnOptions::inline) sets this for one process.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{Message, ProcessContext};
    ///
    /// system.hand_over(false);
    /// let second = system.spawn(async |mut ctx: ProcessContext<u32>| {
    ///     assert_eq!(ctx.receive().await, Message::User(1));
    /// });
    /// let exited = second.exited();
    /// // Its own task polls the second process.
    /// system.spawn(async move |_: ProcessContext<()>| second.send(1).await.unwrap());
    /// assert_eq!(exited.await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn hand_over(&self, on: bool) {
        self.0.hand_over.store(on, Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn hands_over(&self) -> bool {
        self.0.hand_over.load(Ordering::Relaxed)
    }

    /// Tells the system apart from others that there are at the same time.
    #[inline]
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    pub(crate) fn director(&self) -> Option<&Arc<dyn Director>> {
        self.0.director.as_ref()
    }

    pub(crate) fn next_pid(&self) -> Pid {
        Pid::local(self.0.next_pid.fetch_add(1, Ordering::Relaxed))
    }

    /// Makes a reference that is unique in this system; Erlang's `make_ref/0`.
    pub fn make_ref(&self) -> Ref {
        Ref::of_system(self.0.next_ref.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn table(&self) -> &Table {
        &self.0.table
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(crate) fn timers(&self) -> &TimerQueues {
        &self.0.timers
    }

    pub(crate) fn guardian(&self) -> &Guardian {
        &self.0.guardian
    }

    pub(crate) fn downgrade(&self) -> WeakSystem {
        WeakSystem(Arc::downgrade(&self.0))
    }

    pub(crate) fn paces(&self) -> &Paces {
        &self.0.paces
    }

    pub(crate) fn seats(&self) -> &Seats {
        &self.0.seats
    }

    pub(crate) fn nodes(&self) -> &Connected {
        &self.0.nodes
    }

    pub(crate) fn events(&self) -> &Arc<EventBus> {
        &self.0.events
    }
}

/// Two handles are equal if they refer to the same system.
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
