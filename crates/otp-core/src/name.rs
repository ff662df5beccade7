//! Names: a process can be found under one, and whoever uses the name finds its successor after a restart.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::call::Callee;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::process::{AnyProcess, Belonging, Belongings, End, Pid, ProcessRef, Target};
use crate::sync::Mutex;
use crate::system::System;

/// A name for a process that receives `M`.
///
/// It is only a text with a type; [`System::whereis`](crate::System::whereis) finds who holds it now, so a name
/// survives the restarts of its holder. Names belong to one [`System`](crate::System). As in OTP, a process has at
/// most one.
///
/// ```
/// use otp::Name;
///
/// const LOGGER: Name<String> = Name::new("logger");
/// assert_eq!(LOGGER.as_str(), "logger");
/// ```
pub struct Name<M> {
    label: Label,
    message: PhantomData<fn(M)>,
}

impl<M> Name<M> {
    /// A name from a literal.
    pub const fn new(name: &'static str) -> Name<M> {
        Name { label: Label::from_static(name), message: PhantomData }
    }

    /// A name made at run time.
    pub fn dynamic(name: impl AsRef<str>) -> Name<M> {
        Name { label: Label::dynamic(name.as_ref()), message: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.label.as_str()
    }

    pub(crate) fn label(&self) -> &Label {
        &self.label
    }
}

impl<M> Clone for Name<M> {
    fn clone(&self) -> Name<M> {
        Name { label: self.label.clone(), message: PhantomData }
    }
}

impl<M> From<&Name<M>> for Target {
    fn from(name: &Name<M>) -> Target {
        Target::Name(name.label.clone())
    }
}

impl<M> From<Name<M>> for Label {
    fn from(name: Name<M>) -> Label {
        name.label
    }
}

impl<M> fmt::Display for Name<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.label, f)
    }
}

impl<M> fmt::Debug for Name<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.label)
    }
}

/// Why a name could not be registered or unregistered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// Another process, or the same one, holds the name.
    #[error("cannot register {name:?}: {holder} holds it")]
    Taken {
        /// The name.
        name: Label,
        /// Who holds it.
        holder: Pid,
    },
    /// The process has a name already.
    #[error("cannot register {pid} as {name:?}: it is registered as {has:?}")]
    AlreadyNamed {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
        /// The name that it has.
        has: Label,
    },
    /// The process does not exist, or no longer.
    #[error("cannot register {pid} as {name:?}: no such process")]
    NoProc {
        /// The name.
        name: Label,
        /// The process.
        pid: Pid,
    },
    /// Nobody holds the name.
    #[error("cannot unregister {name:?}: nobody holds it")]
    NotRegistered {
        /// The name.
        name: Label,
    },
}

/// A process does not receive the messages that were meant for it: two names with one text, for one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} receives {receives}, not {expected}", self.who())]
#[non_exhaustive]
pub struct WrongType {
    /// The name that led to the process, or what people call it.
    pub label: Option<Label>,
    /// The process.
    pub pid: Pid,
    /// The type of the messages that it receives.
    pub receives: &'static str,
    /// The type of the messages that were to be sent.
    pub expected: &'static str,
}

impl WrongType {
    pub(crate) fn who(&self) -> Callee {
        Callee { label: self.label.clone(), pid: Some(self.pid) }
    }
}

/// Why there is no reference to the process of a pid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LookupError {
    /// There is no such process, or no longer.
    #[error("there is no process {0}")]
    NoProc(Pid),
    /// It runs elsewhere, and its node cannot be reached.
    #[error("the node of {0} cannot be reached")]
    NoConnection(Pid),
    /// It receives messages of another type.
    #[error(transparent)]
    WrongType(#[from] WrongType),
}

impl LookupError {
    /// Why a process is not found.
    pub(crate) fn because(reason: ExitReason, pid: Pid) -> LookupError {
        match reason {
            ExitReason::NoConnection => LookupError::NoConnection(pid),
            _ => LookupError::NoProc(pid),
        }
    }
}

impl System {
    /// Gives a name to a process. Of one whose pid is known, [`ProcessRef::of`] makes the reference.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name is taken, also by the same process, if the process has a name already, or if it has
    /// ended.
    pub fn register<M: Send + 'static>(&self, name: &Name<M>, process: &ProcessRef<M>) -> Result<(), NameError> {
        let (name, pid) = (name.label().clone(), process.pid());
        // A pid of another system may be somebody else's here.
        match self.table().find(pid).filter(|_| process.system() == self) {
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
}

/// The name of a process, as what it owns.
pub(crate) struct Registered(Label);

impl Registered {
    pub(crate) fn name(&self) -> &Label {
        &self.0
    }
}

impl Belonging for Registered {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        drop(end.system.names().free(&self.0, end.pid));
    }
}

/// The names of a system.
#[derive(Default)]
pub(crate) struct Names {
    holders: Mutex<HashMap<Label, Arc<dyn AnyProcess>>>,
}

impl Names {
    pub(crate) fn register(&self, name: Label, process: &Arc<dyn AnyProcess>) -> Result<(), NameError> {
        let pid = process.header().pid;
        // The process's lock comes first, always: its end takes the two in this order too.
        let mut relations = process.header().relations.lock();
        let Some(alive) = relations.alive() else { return Err(NameError::NoProc { name, pid }) };
        match self.holders.lock().entry(name.clone()) {
            Entry::Occupied(entry) => Err(NameError::Taken { name, holder: entry.get().header().pid }),
            Entry::Vacant(entry) => match alive.name() {
                Some(has) => Err(NameError::AlreadyNamed { name, pid, has: has.clone() }),
                None => {
                    alive.keep(Box::new(Registered(name)));
                    entry.insert(process.clone());
                    Ok(())
                }
            },
        }
    }

    pub(crate) fn unregister(&self, name: &Label) -> Result<(), NameError> {
        let not_registered = || NameError::NotRegistered { name: name.clone() };
        let process = self.find(name).ok_or_else(not_registered)?;
        let mut relations = process.header().relations.lock();
        let alive = relations.alive().ok_or_else(not_registered)?;
        if alive.name() != Some(name) {
            return Err(not_registered());
        }
        let registered = alive.belongings().and_then(Belongings::take::<Registered>);
        let holder = self.free(name, process.header().pid);
        drop(relations);
        drop((registered, holder));
        Ok(())
    }

    /// Frees a name, if `pid` holds it, and hands the holder out: it is not to be dropped under a lock.
    pub(crate) fn free(&self, name: &Label, pid: Pid) -> Option<Arc<dyn AnyProcess>> {
        let mut holders = self.holders.lock();
        let holds = holders.get(name).is_some_and(|holder| holder.header().pid == pid);
        if holds { holders.remove(name) } else { None }
    }

    pub(crate) fn find(&self, name: &Label) -> Option<Arc<dyn AnyProcess>> {
        self.holders.lock().get(name).cloned()
    }

    pub(crate) fn whereis<M: Send + 'static>(&self, name: &Name<M>) -> Result<Option<ProcessRef<M>>, WrongType> {
        let Some(process) = self.find(name.label()) else { return Ok(None) };
        ProcessRef::typed(process, || Some(name.label().clone())).map(Some)
    }

    /// All names with their holders, sorted.
    pub(crate) fn all(&self) -> Vec<(Label, Pid)> {
        let mut all: Vec<_> =
            self.holders.lock().iter().map(|(name, holder)| (name.clone(), holder.header().pid)).collect();
        all.sort();
        all
    }
}
