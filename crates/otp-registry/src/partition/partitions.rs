use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use otp_core::{Address, Label, Pid, System};
use otp_supervisor::{Reachable, Started, SupervisorRef};

use super::key::partition_of;
use super::route::{Partition, ToPartition};

/// The partitions of a [`PartitionSupervisor`](super::PartitionSupervisor): finds the one for a key. Cheap to clone.
///
/// It stays valid when a partition is restarted, and, if the supervisor is a child made by
/// [`PartitionSupervisor::child`](super::PartitionSupervisor::child), when that is restarted.
#[must_use = "it is the way to the partitions"]
pub struct Partitions<T: Reachable>(pub(super) Arc<Inner<T>>);

pub(super) struct Inner<T: Reachable> {
    system: System,
    pub(super) all: Vec<Arc<Partition<T::Message>>>,
    /// Where each of them is reached.
    addresses: Vec<Address<T::Message>>,
    /// The supervisor that was started last.
    supervisor: RwLock<Option<SupervisorRef>>,
    label: Label,
}

impl<T: Reachable> Partitions<T> {
    pub(super) fn new(system: &System, label: Label, count: usize) -> Partitions<T> {
        let partition = |n| Arc::new(Partition::new(system, Label::from(format!("{label}[{n}]"))));
        let all: Vec<_> = (0..count).map(partition).collect();
        Partitions(Arc::new(Inner {
            system: system.clone(),
            addresses: all.iter().cloned().map(|partition| Address::via(ToPartition(partition))).collect(),
            all,
            supervisor: RwLock::new(None),
            label,
        }))
    }

    /// Returns a reference to the partition for a key: a [`ServerRef`](otp_genserver::ServerRef) for servers, an
    /// [`Address`] for other processes. It finds the partition's process each time it is used, also after a restart.
    ///
    /// An integer, or a type that hashes as one integer, such as a wrapper around an id, goes to the partition of its
    /// remainder. Any other key goes by its hash, which is the same in each run of the program.
    ///
    /// # Panics
    ///
    /// If the hash of the key panics.
    pub fn of<K: Hash + ?Sized>(&self, key: &K) -> T::Ref {
        self.at(self.index(key))
    }

    /// Returns the number of the partition for a key; see [`of`](Partitions::of).
    pub fn index<K: Hash + ?Sized>(&self, key: &K) -> usize {
        partition_of(key, self.count())
    }

    /// Returns references to all partitions, in the order of their numbers.
    pub fn all(&self) -> impl ExactSizeIterator<Item = T::Ref> {
        (0..self.count()).map(|index| self.at(index))
    }

    /// The number of partitions.
    pub fn count(&self) -> usize {
        self.0.all.len()
    }

    /// The supervisor of the partitions, whose ids are `0`, `1`, …: the one that was started last; `None` before the first
    /// start.
    pub fn supervisor(&self) -> Option<SupervisorRef> {
        self.0.supervisor.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The pid of the supervisor; `None` before the first start.
    pub fn pid(&self) -> Option<Pid> {
        self.supervisor()?.pid()
    }

    /// The system that the partitions belong to.
    pub fn system(&self) -> &System {
        &self.0.system
    }

    pub(super) fn supervised_by(&self, supervisor: SupervisorRef) {
        let mut place = self.0.supervisor.write().unwrap_or_else(PoisonError::into_inner);
        let old = place.replace(supervisor);
        drop(place);
        drop(old);
    }

    fn at(&self, index: usize) -> T::Ref {
        T::at(self.0.addresses[index].clone())
    }
}

impl<T: Reachable> Started for Partitions<T> {
    fn pid(&self) -> Option<Pid> {
        Partitions::pid(self)
    }
}

impl<T: Reachable> Clone for Partitions<T> {
    fn clone(&self) -> Partitions<T> {
        Partitions(self.0.clone())
    }
}

impl<T: Reachable> fmt::Debug for Partitions<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partitions({}, {})", self.0.label, self.count())
    }
}
