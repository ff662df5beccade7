use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use otp_core::{Address, Pid, Target, TrySendError};

use super::dropping::apart;
use super::entry::Entry;
use super::handle::Registry;
use super::kinds::{Key, Keys};
use super::table::Table;

/// What a listener of a registry is sent; Elixir's `{register, …}` and `{unregister, …}`.
#[non_exhaustive]
pub enum Change<K, M, V = ()> {
    /// A process has registered itself, or was started under a key.
    Registered(Entry<K, M, V>),
    /// A process has unregistered a key, also one that it did not have; or was started under it, and its `init` failed
    /// or answered ignore.
    Unregistered {
        /// The key.
        key: K,
        /// The process.
        pid: Pid,
    },
}

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Has a listener sent the [`Change`]s of this registry from now on, also after a restart of the registry, until
    /// [`Listening::stop`]. [`Address::map_message`] makes them messages of the listener's own type.
    ///
    /// As in Elixir, the end of a process and the update of a value are no changes: a listener monitors the processes, if
    /// it has to know. The changes that one process makes arrive in order. They are sent without waiting: a change is lost
    /// if the listener's mailbox is bounded and full, or if nobody has the listener's name. A listener that is one process
    /// is forgotten after its end.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{Message, ProcessContext};
    /// use otp::registry::{Change, Registry};
    ///
    /// let rooms: Registry<&str, ()> = Registry::new(&system);
    /// rooms.start(&system).await.unwrap();
    /// let door = system.spawn(async |mut ctx: ProcessContext<Change<&str, ()>>| {
    ///     let Message::User(Change::Registered(entry)) = ctx.receive().await else { panic!("an entry first") };
    ///     assert_eq!(*entry.key(), "hall");
    ///     let Message::User(Change::Unregistered { key: "hall", .. }) = ctx.receive().await else { panic!() };
    /// });
    /// rooms.listen(&door);
    /// system.spawn(async move |ctx: ProcessContext<()>| {
    ///     rooms.register(&ctx, "hall", ()).unwrap();
    ///     rooms.unregister(&ctx, &"hall");
    /// });
    /// assert_eq!(door.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn listen(&self, listener: impl Into<Address<Change<K, M, V>>>) -> Listening {
        let number = self.table.listeners.add(listener.into());
        let table: Weak<Table<K, M, V>> = Arc::downgrade(&self.table);
        Listening(Box::new(move || {
            if let Some(table) = table.upgrade() {
                table.listeners.remove(number);
            }
        }))
    }
}

/// Ends what [`Registry::listen`] began. Dropping this changes nothing: the listener goes on.
pub struct Listening(Box<dyn FnOnce() + Send + Sync>);

impl Listening {
    /// Sends the listener no more changes.
    pub fn stop(self) {
        (self.0)();
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

/// The listeners of a registry. A change costs one look at a number if there are none.
pub(super) struct Listeners<K, M, V> {
    count: AtomicUsize,
    all: Mutex<All<K, M, V>>,
}

struct All<K, M, V> {
    listeners: Vec<Numbered<K, M, V>>,
    next: u64,
}

type Numbered<K, M, V> = (u64, Address<Change<K, M, V>>);

impl<K, M, V> Default for Listeners<K, M, V> {
    fn default() -> Listeners<K, M, V> {
        Listeners { count: AtomicUsize::new(0), all: Mutex::new(All { listeners: Vec::new(), next: 0 }) }
    }
}

impl<K, M, V> Listeners<K, M, V>
where
    K: Clone + Send + Sync + 'static,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn add(&self, listener: Address<Change<K, M, V>>) -> u64 {
        let mut all = self.lock();
        let number = all.next;
        all.next += 1;
        all.listeners.push((number, listener));
        self.count.store(all.listeners.len(), Ordering::SeqCst);
        number
    }

    fn remove(&self, number: u64) {
        let mut all = self.lock();
        let Some(at) = all.listeners.iter().position(|(other, _)| *other == number) else { return };
        let listener = all.listeners.remove(at);
        self.count.store(all.listeners.len(), Ordering::SeqCst);
        drop(all);
        // Not under the lock: a mapped address has a closure of the user's.
        drop(listener);
    }

    #[inline]
    pub(super) fn are_there(&self) -> bool {
        self.count.load(Ordering::SeqCst) > 0
    }

    #[inline]
    pub(super) fn tell(&self, change: impl Fn() -> Change<K, M, V>) {
        if self.are_there() {
            self.tell_each(&change);
        }
    }

    #[cold]
    fn tell_each(&self, change: &dyn Fn() -> Change<K, M, V>) {
        let listeners = self.lock().listeners.clone();
        for (number, listener) in listeners {
            // What goes wrong in a listener's route or mapping is not the fault of the process that registers.
            apart(|| {
                let sent = listener.try_send(change());
                if matches!(sent, Err(TrySendError::NoProc { .. })) && matches!(listener.target(), Target::Pid(_)) {
                    self.remove(number);
                }
            });
            // Nor is what its mapping does when it is dropped; it may have been removed meanwhile.
            apart(|| drop(listener));
        }
    }

    fn lock(&self) -> MutexGuard<'_, All<K, M, V>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone, M, V> Clone for Change<K, M, V> {
    fn clone(&self) -> Change<K, M, V> {
        match self {
            Change::Registered(entry) => Change::Registered(entry.clone()),
            Change::Unregistered { key, pid } => Change::Unregistered { key: key.clone(), pid: *pid },
        }
    }
}

impl<K: fmt::Debug, M, V> fmt::Debug for Change<K, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Registered(entry) => f.debug_tuple("Registered").field(entry).finish(),
            Change::Unregistered { key, pid } => {
                f.debug_struct("Unregistered").field("key", key).field("pid", pid).finish()
            }
        }
    }
}
