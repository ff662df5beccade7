use std::error::Error;
use std::fmt;
use std::sync::Arc;

use otp_core::{Label, LookupError, Pid, Process, ProcessContext, ProcessRef, WrongType};
use otp_genserver::{Context, Envelope, GenServer};

use super::entry::Entry;
use super::handle::Registry;
use super::kinds::{Key, Keys};
use super::listen::Change;
use super::record::{Record, Shared};
use super::table::Refusal;

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Registers the process `by` under `key`, with a value. A process may have any number of keys.
    ///
    /// The entry is there when this returns, until the process unregisters it or ends, or the registry ends. `by` is a
    /// context, of a process or a server, or a [`Process`].
    ///
    /// # Errors
    ///
    /// [`RegisterError`] gives key and value back: if the keys are unique and a process has the key already, also `by`
    /// itself; if the registry is not running; if `by` has ended, or does not receive `M`.
    pub fn register(&self, by: &impl Registrant<M>, key: K, value: V) -> Result<(), RegisterError<K, V>> {
        let process = by.process();
        if *process.system() != self.system {
            return Err(self.refused(Refusal::NoProc, process.pid(), key, value));
        }
        match by.reference() {
            Ok(reference) => self.add(process, reference, self.table.hash(&key), key, value),
            Err(LookupError::WrongType(wrong)) => {
                Err(RegisterError::WrongType { registry: self.label().clone(), key, value, wrong })
            }
            Err(_) => Err(self.refused(Refusal::NoProc, process.pid(), key, value)),
        }
    }

    /// Registers a process of this system, which `owner` is, too.
    pub(super) fn add(
        &self,
        owner: &Process,
        process: ProcessRef<M>,
        hash: u64,
        key: K,
        value: V,
    ) -> Result<(), RegisterError<K, V>> {
        let place = self.table.place(hash);
        let record: Shared<K, M, V> = Arc::new(Record { place, key, value, process });
        if let Err(refusal) = self.table.add(owner, &record, T::UNIQUE) {
            // It has been in no place where another thread could have found it.
            let Record { key, value, .. } = Arc::into_inner(record).expect("it was not added");
            return Err(self.refused(refusal, owner.pid(), key, value));
        }
        self.table.awaited.wake(place.hash);
        self.table.listeners.tell(|| Change::Registered(Entry(record.clone())));
        Ok(())
    }

    fn refused(&self, refusal: Refusal, pid: Pid, key: K, value: V) -> RegisterError<K, V> {
        let registry = self.label().clone();
        match refusal {
            Refusal::Taken(holder) => RegisterError::Taken { registry, key, value, holder },
            Refusal::NoProc => RegisterError::NoProc { registry, key, value, pid },
            Refusal::NotRunning => RegisterError::NotRunning { registry, key, value },
        }
    }
}

/// What can be registered in a registry of processes that receive `M`: the running process.
///
/// Implemented by the contexts of processes and servers, and by [`Process`], whose type is checked at run time. The context
/// of another behaviour can implement it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not receive `{M}`, as the processes of this registry do",
    label = "not a context of that type",
    note = "a process is registered by its `ProcessContext<M>`, a server of type `S` in a `ServerRegistry<K, S>` by its \
            `Context<S>`"
)]
pub trait Registrant<M: Send + 'static> {
    /// The process.
    fn process(&self) -> &Process;

    /// The process, as what its messages are sent to.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if it has ended, or does not receive `M`.
    fn reference(&self) -> Result<ProcessRef<M>, LookupError> {
        ProcessRef::of(self.process().system(), self.process().pid())
    }
}

impl<M: Send + 'static> Registrant<M> for ProcessContext<M> {
    fn process(&self) -> &Process {
        self
    }

    fn reference(&self) -> Result<ProcessRef<M>, LookupError> {
        Ok(self.this())
    }
}

impl<S: GenServer> Registrant<Envelope<S>> for Context<S> {
    fn process(&self) -> &Process {
        self
    }
}

impl<M: Send + 'static> Registrant<M> for Process {
    fn process(&self) -> &Process {
        self
    }
}

/// The error of registering a process; gives key and value back.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegisterError<K, V> {
    /// Another process, or the same one, has the key, and keys are unique.
    Taken {
        /// The registry.
        registry: Label,
        /// The key.
        key: K,
        /// The value.
        value: V,
        /// The process that has the key.
        holder: Pid,
    },
    /// The process has ended, or belongs to another system.
    NoProc {
        /// The registry.
        registry: Label,
        /// The key.
        key: K,
        /// The value.
        value: V,
        /// The process.
        pid: Pid,
    },
    /// The process does not receive what is sent to the processes of this registry.
    WrongType {
        /// The registry.
        registry: Label,
        /// The key.
        key: K,
        /// The value.
        value: V,
        /// The process, and the two types.
        wrong: WrongType,
    },
    /// The registry is not running: it has not been started, or has ended.
    NotRunning {
        /// The registry.
        registry: Label,
        /// The key.
        key: K,
        /// The value.
        value: V,
    },
}

impl<K, V> RegisterError<K, V> {
    /// Returns the key and the value.
    pub fn into_parts(self) -> (K, V) {
        match self {
            RegisterError::Taken { key, value, .. }
            | RegisterError::NoProc { key, value, .. }
            | RegisterError::WrongType { key, value, .. }
            | RegisterError::NotRunning { key, value, .. } => (key, value),
        }
    }
}

impl<K: fmt::Debug, V> fmt::Display for RegisterError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RegisterError::Taken { registry, key, holder, .. } => {
                write!(f, "cannot register {key:?} in {registry}: {holder} has it")
            }
            RegisterError::NoProc { registry, key, pid, .. } => {
                write!(f, "cannot register {pid} under {key:?} in {registry}: no such process")
            }
            RegisterError::WrongType { registry, key, wrong, .. } => {
                write!(f, "cannot register {} under {key:?} in {registry}: ", wrong.who())?;
                write!(f, "it receives {}, not {}", wrong.receives, wrong.expected)
            }
            RegisterError::NotRunning { registry, key, .. } => {
                write!(f, "cannot register {key:?} in {registry}: the registry is not running")
            }
        }
    }
}

/// Without the value, which need not be `Debug`.
impl<K: fmt::Debug, V> fmt::Debug for RegisterError<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, registry, key) = match self {
            RegisterError::Taken { registry, key, .. } => ("Taken", registry, key),
            RegisterError::NoProc { registry, key, .. } => ("NoProc", registry, key),
            RegisterError::WrongType { registry, key, .. } => ("WrongType", registry, key),
            RegisterError::NotRunning { registry, key, .. } => ("NotRunning", registry, key),
        };
        f.debug_struct(name).field("registry", registry).field("key", key).finish_non_exhaustive()
    }
}

impl<K: fmt::Debug, V> Error for RegisterError<K, V> {}
