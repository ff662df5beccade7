use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use otp_core::{Label, Pid, System};
use otp_genserver::Envelope;

use super::kinds::{Key, Keys, Unique};
use super::name::RegistryName;
use super::table::Table;

/// Finds processes that receive `M` by keys of type `K`; each entry has a value of type `V`. Cheap to clone.
///
/// A registry has one process per key ([`Unique`]), or any number of entries per key
/// ([`Duplicate`](super::Duplicate)), which publishers dispatch to. Processes [register](Registry::register) themselves;
/// a process can also be started under a key ([`via`](Registry::via)) and called through it.
///
/// * *Process.* A registry is kept open by a process, which [`child`](Registry::child) puts under a supervisor and
///   [`start`](Registry::start) starts without one. Handles can be made before: nothing can be registered until the process
///   runs, and nothing is found.
/// * *Order.* The entries of a key, the keys of a process and all entries come in the order in which they were registered.
/// * *On exit.* The entries of a process are gone before any code is notified of its end.
/// * *On restart.* When the registry's process ends, its entries are gone, and the processes that have entries are sent
///   the exit signal `Shutdown` by it (`Killed` if it was killed); those that trap exits stay. A handle stays valid, and
///   leads to the restarted registry.
/// * *Concurrency.* A look-up takes no lock but the one of its part of a concurrent map, for some nanoseconds. No user code
///   runs under a lock: code of keys, closures, drops.
///
/// The registry follows [`Registry`](https://hexdocs.pm/elixir/Registry.html) of Elixir.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::ProcessContext;
/// use otp::registry::{Registry, RegistryName};
///
/// const SESSIONS: RegistryName<u64, String, &str> = RegistryName::new("sessions");
///
/// let sessions = Registry::named(&system, SESSIONS);
/// sessions.start(&system).await.unwrap();
///
/// let (ready, is_ready) = futures::channel::oneshot::channel();
/// let session = system.spawn(async move |ctx: ProcessContext<String>| {
///     let sessions = Registry::named(ctx.system(), SESSIONS);
///     sessions.register(&ctx, 7, "Ada").unwrap();
///     assert!(sessions.register(&ctx, 7, "Bob").is_err());
///     ready.send(()).unwrap();
///     std::future::pending::<()>().await
/// });
/// is_ready.await.unwrap();
/// let found = sessions.lookup(&7).unwrap();
/// assert_eq!((found.process(), *found.value()), (&session, "Ada"));
///
/// session.exit(otp::ExitReason::Kill);
/// session.exited().await;
/// assert!(sessions.lookup(&7).is_none());
/// # }).unwrap();
/// ```
#[must_use]
pub struct Registry<K, M, V = (), T = Unique> {
    pub(super) system: System,
    pub(super) table: Arc<Table<K, M, V>>,
    pub(super) kind: PhantomData<fn() -> T>,
}

/// A registry of servers of type `S`; see [`Registry::server`].
pub type ServerRegistry<K, S, V = (), T = Unique> = Registry<K, Envelope<S>, V, T>;

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Makes a registry without a name, which is reached by clones of the handle.
    pub fn new(system: &System) -> Registry<K, M, V, T> {
        Registry::of(system, Arc::new(Table::new(Label::from_static("registry"))))
    }

    /// Returns the registry with this name and these types in `system`, whether it is running or not.
    pub fn named(system: &System, name: RegistryName<K, M, V, T>) -> Registry<K, M, V, T> {
        let kind = TypeId::of::<Registry<K, M, V, T>>();
        let label = name.label().clone();
        let table = system.slot::<Named>().get(kind, label.clone(), || Arc::new(Table::<K, M, V>::new(label)));
        Registry::of(system, table.downcast().expect("a name has one type"))
    }

    fn of(system: &System, table: Arc<Table<K, M, V>>) -> Registry<K, M, V, T> {
        Registry { system: system.clone(), table, kind: PhantomData }
    }
}

impl<K, M, V, T> Registry<K, M, V, T> {
    /// Returns the pid of the process that keeps the registry open; `None` if it is not running.
    pub fn pid(&self) -> Option<Pid> {
        self.table.keeper()
    }

    /// The system that the registry belongs to.
    pub fn system(&self) -> &System {
        &self.system
    }

    /// The name of the registry, or `registry`.
    pub fn label(&self) -> &Label {
        &self.table.label
    }

    /// Returns the number of entries.
    pub fn count(&self) -> usize {
        self.table.count()
    }
}

impl<K, M, V, T> Clone for Registry<K, M, V, T> {
    fn clone(&self) -> Registry<K, M, V, T> {
        Registry { system: self.system.clone(), table: self.table.clone(), kind: PhantomData }
    }
}

impl<K, M, V, T> fmt::Debug for Registry<K, M, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({})", self.table.label)
    }
}

/// The tables of a system's registries, as long as somebody has them.
#[derive(Default)]
struct Named(Mutex<HashMap<(TypeId, Label), Weak<dyn Any + Send + Sync>>>);

impl Named {
    fn get<A: Any + Send + Sync>(
        &self,
        kind: TypeId,
        label: Label,
        make: impl FnOnce() -> Arc<A>,
    ) -> Arc<dyn Any + Send + Sync> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = known.get(&(kind, label.clone())).and_then(Weak::upgrade) {
            return table;
        }
        if known.len() == known.capacity() {
            // Before the map grows: names that are made at run time come and go.
            known.retain(|_, table| table.strong_count() > 0);
        }
        let table: Arc<dyn Any + Send + Sync> = make();
        known.insert((kind, label), Arc::downgrade(&table));
        table
    }
}
