//! What registries and scopes of groups there are, and how much is in them: for people and tools.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use otp_core::{Label, Pid, System};

/// The figures of a registry; returned by [`registries`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistryFigures {
    /// The process that keeps the registry open.
    pub pid: Pid,
    /// The name of the registry.
    pub label: Label,
    /// How many entries it has.
    pub entries: usize,
}

/// The figures of a scope of groups; returned by [`scopes`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeFigures {
    /// The process of the scope.
    pub pid: Pid,
    /// The name or the label of the scope.
    pub label: Label,
    /// How many groups have members.
    pub groups: usize,
    /// How many processes are members of a group.
    pub members: usize,
}

/// Returns the figures of all registries of a system that are open, without asking their processes: in the order in which
/// these were started.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::registry::{Registry, RegistryName, registries};
///
/// const SESSIONS: RegistryName<u64, ()> = RegistryName::new("sessions");
///
/// let _server = Registry::named(&system, SESSIONS).start(&system).await.unwrap();
/// let all = registries(&system);
/// assert_eq!((all[0].label.as_str(), all[0].entries), ("sessions", 0));
/// # }).unwrap();
/// ```
pub fn registries(system: &System) -> Vec<RegistryFigures> {
    Open::all(system)
}

/// Returns the figures of all scopes of groups of a system, without asking their processes: in the order in which these were
/// started.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::registry::{Groups, scopes};
///
/// let _rooms: Groups<String, u32> = Groups::start(&system).label("rooms").await.unwrap();
/// let all = scopes(&system);
/// assert_eq!((all[0].label.as_str(), all[0].groups, all[0].members), ("rooms", 0, 0));
/// # }).unwrap();
/// ```
pub fn scopes(system: &System) -> Vec<ScopeFigures> {
    Open::all(system)
}

/// What has figures of this kind, in a system: by the processes that keep it open.
pub(crate) struct Open<F>(Mutex<BTreeMap<Pid, Weak<dyn Figures<F>>>>);

/// A table, without the types of what is in it.
pub(crate) trait Figures<F>: Send + Sync {
    fn figures(&self, pid: Pid) -> F;
}

impl<F> Default for Open<F> {
    fn default() -> Open<F> {
        Open(Mutex::default())
    }
}

impl<F: 'static> Open<F> {
    pub(crate) fn add(system: &System, pid: Pid, table: &Arc<impl Figures<F> + 'static>) {
        let table: Weak<dyn Figures<F>> = Arc::downgrade(&(table.clone() as Arc<dyn Figures<F>>));
        system.slot::<Open<F>>().lock().insert(pid, table);
    }

    pub(crate) fn forget(system: &System, pid: Pid) {
        let forgotten = system.slot::<Open<F>>().lock().remove(&pid);
        drop(forgotten);
    }

    fn all(system: &System) -> Vec<F> {
        let open = system.slot::<Open<F>>();
        let all: Vec<_> = open.lock().iter().filter_map(|(pid, table)| Some((*pid, table.upgrade()?))).collect();
        all.iter().map(|(pid, table)| table.figures(*pid)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Pid, Weak<dyn Figures<F>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
