use std::fmt;
use std::sync::{Arc, Weak};
use std::task::Waker;

use otp_core::{
    Address, Belonging, End, Label, NameError, Process, ProcessRef, Registration, Route, System, Watch, WrongType,
};
use otp_genserver::{Envelope, GenServer, ServerRef};

use super::handle::Registry;
use super::kinds::{Key, Unique};
use super::listen::Change;
use super::register::RegisterError;
use super::table::Table;

impl<K, M, V> Registry<K, M, V, Unique>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    /// Returns a key under which a process can be started, with the default value; Elixir's `{:via, Registry, …}`. It is a
    /// [`Registration`] for `name` of a process, a server or a supervisor, and a [`Route`].
    ///
    /// ```
    /// # use otp::prelude::*;
    /// # use otp::registry::ServerRegistry;
    /// struct Room(u32);
    ///
    /// #[gen_server]
    /// impl Room {
    ///     #[init]
    ///     fn init(seats: u32) -> Self {
    ///         Room(seats)
    ///     }
    ///     #[call]
    ///     fn seats(&self) -> u32 {
    ///         self.0
    ///     }
    /// }
    ///
    /// # fn main() {
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// let rooms: ServerRegistry<&str, Room> = ServerRegistry::new(&system);
    /// rooms.start(&system).await.unwrap();
    ///
    /// Room::start(&system, 300).name(rooms.via("hall")).await.unwrap();
    /// assert_eq!(rooms.server("hall").seats().await, Ok(300));
    /// assert!(matches!(rooms.server("attic").seats().await, Err(CallError::NoProc(_))));
    /// assert!(matches!(
    ///     Room::start(&system, 4).name(rooms.via("hall")).await,
    ///     Err(StartError::AlreadyStarted { .. })
    /// ));
    /// # }).unwrap();
    /// # }
    /// ```
    pub fn via(&self, key: K) -> Via<K, M, V>
    where
        V: Default,
    {
        Via { to: self.to(key), value: Arc::new(V::default) }
    }

    /// Returns a key under which a process can be started, with a value: a clone of it at each start.
    pub fn via_with(&self, key: K, value: V) -> Via<K, M, V>
    where
        V: Clone,
    {
        Via { to: self.to(key), value: Arc::new(move || value.clone()) }
    }

    /// Returns a key as a route, for [`Address::via`].
    pub fn to(&self, key: K) -> ToKey<K, M, V> {
        ToKey { registry: self.clone(), hash: self.table.hash(&key), key }
    }

    /// Returns the address of the process that has `key`, each time a message is sent.
    pub fn address(&self, key: K) -> Address<M> {
        Address::via(self.to(key))
    }
}

impl<K, S, V> Registry<K, Envelope<S>, V, Unique>
where
    K: Key,
    S: GenServer,
    V: Send + Sync + 'static,
{
    /// Returns a reference to the server that has `key`, each time it is used: also after a restart. Calls can ride through
    /// restarts, and [`ServerRef::await_holder`] waits for the server.
    pub fn server(&self, key: K) -> ServerRef<S> {
        ServerRef::from(self.address(key))
    }
}

/// A key of a registry as a route: finds the process that has the key; made by [`Registry::to`].
#[must_use]
pub struct ToKey<K, M, V = ()> {
    registry: Registry<K, M, V>,
    hash: u64,
    key: K,
}

/// A key of a registry, under which a process can be started; made by [`Registry::via`].
#[must_use]
pub struct Via<K, M, V = ()> {
    to: ToKey<K, M, V>,
    value: Arc<dyn Fn() -> V + Send + Sync>,
}

impl<K, M, V> Route<M> for ToKey<K, M, V>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        Ok(self.registry.table.find_hashed(self.hash, &self.key).map(|record| record.process.clone()))
    }

    fn system(&self) -> &System {
        &self.registry.system
    }

    fn label(&self) -> Label {
        Label::from(format!("{:?} in {}", self.key, self.registry.label()))
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        let (table, hash) = (self.registry.table.clone(), self.hash);
        let number = table.awaited.add(hash, waker.clone());
        Some(Watch::new(move || table.awaited.remove(hash, number)))
    }
}

impl<K, M, V> Route<M> for Via<K, M, V>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        self.to.find()
    }

    fn system(&self) -> &System {
        self.to.system()
    }

    fn label(&self) -> Label {
        Route::label(&self.to)
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        self.to.watch(waker)
    }
}

impl<K, M, V> Registration<M> for Via<K, M, V>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn label(&self) -> Label {
        Route::label(&self.to)
    }

    fn claim(&self, process: &ProcessRef<M>, owner: &Process) -> Result<(), NameError> {
        let (registry, pid) = (&self.to.registry, process.pid());
        let name = || Route::label(&self.to);
        if process.system() != registry.system() {
            return Err(NameError::NoProc { name: name(), pid });
        }
        let added = registry.add(owner, process.clone(), self.to.hash, self.to.key.clone(), (self.value)());
        added.map_err(|error| match error {
            RegisterError::Taken { holder, .. } => NameError::Taken { name: name(), holder },
            RegisterError::NotRunning { registry, .. } => NameError::NotRunning { name: name(), registry },
            RegisterError::NoProc { .. } | RegisterError::WrongType { .. } => NameError::NoProc { name: name(), pid },
        })?;
        if registry.table.listeners.are_there() {
            owner.keep(Starting { table: Arc::downgrade(&registry.table), key: self.to.key.clone() });
        }
        Ok(())
    }
}

/// Tells listeners that a process which was started under a key, and has not started, has it no longer.
struct Starting<K, M, V> {
    table: Weak<Table<K, M, V>>,
    key: K,
}

impl<K, M, V> Belonging for Starting<K, M, V>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        if end.not_started
            && let Some(table) = self.table.upgrade()
        {
            table.listeners.tell(|| Change::Unregistered { key: self.key.clone(), pid: end.pid });
        }
    }
}

impl<K: Clone, M, V> Clone for ToKey<K, M, V> {
    fn clone(&self) -> ToKey<K, M, V> {
        ToKey { registry: self.registry.clone(), hash: self.hash, key: self.key.clone() }
    }
}

impl<K: Clone, M, V> Clone for Via<K, M, V> {
    fn clone(&self) -> Via<K, M, V> {
        Via { to: self.to.clone(), value: self.value.clone() }
    }
}

impl<K: fmt::Debug, M, V> fmt::Debug for ToKey<K, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in {}", self.key, self.registry.table.label)
    }
}

impl<K: fmt::Debug, M, V> fmt::Debug for Via<K, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Via({:?})", self.to)
    }
}
