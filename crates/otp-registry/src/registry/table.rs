use std::borrow::Borrow;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use dashmap::{DashMap, Entry};
use otp_core::{Label, Pid, Process};

use super::awaited::Awaited;
use super::bunch::Bunch;
use super::hash::NumberHash;
use super::listen::Listeners;
use super::meta::Meta;
use super::own::Own;
use super::owner::{Leaving, Owner, State};
use super::record::{Place, Shared};
use crate::figures::{Figures, RegistryFigures};

/// What a registry stores. It outlives the process that keeps it open: the handles have it.
pub(super) struct Table<K, M, V> {
    pub(super) label: Label,
    hasher: RandomState,
    /// By the hash of the key.
    entries: DashMap<u64, Bunch<K, M, V>, NumberHash>,
    owners: DashMap<Pid, Arc<Owner<K, M, V>>, NumberHash>,
    count: AtomicUsize,
    next: AtomicU64,
    /// Odd while the registry is open. Changed only with `keeper` locked.
    generation: AtomicU64,
    /// The process that keeps the registry open, until all that it had is gone.
    keeper: Mutex<Option<Pid>>,
    pub(super) awaited: Awaited,
    pub(super) listeners: Listeners<K, M, V>,
    pub(super) meta: Meta,
}

/// Why an entry was not added.
pub(super) enum Refusal {
    /// There is an entry with this key, of this process.
    Taken(Pid),
    /// The process has ended.
    NoProc,
    /// No process keeps the registry open.
    NotRunning,
}

impl<K, M, V> Figures<RegistryFigures> for Table<K, M, V>
where
    K: Send + Sync,
    M: Send,
    V: Send + Sync,
{
    fn figures(&self, pid: Pid) -> RegistryFigures {
        RegistryFigures { pid, label: self.label.clone(), entries: self.count() }
    }
}

impl<K, M, V> Table<K, M, V> {
    pub(super) fn new(label: Label) -> Table<K, M, V> {
        Table {
            label,
            hasher: RandomState::new(),
            entries: DashMap::default(),
            owners: DashMap::default(),
            count: AtomicUsize::new(0),
            next: AtomicU64::new(0),
            generation: AtomicU64::new(0),
            keeper: Mutex::new(None),
            awaited: Awaited::default(),
            listeners: Listeners::default(),
            meta: Meta::default(),
        }
    }

    pub(super) fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> u64 {
        self.hasher.hash_one(key)
    }

    pub(super) fn place(&self, hash: u64) -> Place {
        Place { hash, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// The process that keeps the registry open.
    pub(super) fn keeper(&self) -> Option<Pid> {
        *self.keeper.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens the registry.
    ///
    /// # Errors
    ///
    /// The process that keeps it open already.
    pub(super) fn open(&self, pid: Pid) -> Result<(), Pid> {
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = *keeper {
            return Err(keeper);
        }
        *keeper = Some(pid);
        self.generation.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// From now on nothing is added.
    pub(super) fn shut(&self) {
        self.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// From now on it can be opened again.
    pub(super) fn unlock(&self) {
        *self.keeper.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The number of the time for which the registry is open; `None` if it is not.
    pub(super) fn generation(&self) -> Option<u64> {
        Some(self.generation.load(Ordering::SeqCst)).filter(|generation| generation % 2 == 1)
    }

    pub(super) fn owner(&self, pid: Pid) -> Option<Arc<Owner<K, M, V>>> {
        self.owners.get(&pid).map(|owner| owner.clone())
    }

    /// All owners, in the order of their pids.
    pub(super) fn owners(&self) -> Vec<Arc<Owner<K, M, V>>> {
        let mut owners: Vec<_> = self.owners.iter().map(|owner| owner.clone()).collect();
        owners.sort_unstable_by_key(|owner| owner.pid);
        owners
    }

    pub(super) fn forget(&self, owner: &Arc<Owner<K, M, V>>) {
        let forgotten = self.owners.remove_if(&owner.pid, |_, known| Arc::ptr_eq(known, owner));
        drop(forgotten);
    }

    /// The entries whose keys have this hash.
    pub(super) fn with_hash(&self, hash: u64) -> Vec<Shared<K, M, V>> {
        self.entries.get(&hash).map(|bunch| bunch.all()).unwrap_or_default()
    }

    /// All entries, in the order in which they were registered.
    pub(super) fn all(&self) -> Vec<Shared<K, M, V>> {
        let mut all = Vec::with_capacity(self.count());
        self.entries.iter().for_each(|bunch| all.extend(bunch.all()));
        all.sort_unstable_by_key(|record| record.place.number);
        all
    }

    /// The first entry with this key.
    #[inline]
    pub(super) fn find<Q>(&self, key: &Q) -> Option<Shared<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.find_hashed(self.hash(key), key)
    }

    /// The first entry with this key, whose hash is known.
    #[inline]
    pub(super) fn find_hashed<Q>(&self, hash: u64, key: &Q) -> Option<Shared<K, M, V>>
    where
        K: Borrow<Q>,
        Q: Eq + ?Sized,
    {
        let bunch = self.entries.get(&hash)?;
        let Bunch::One(one) = &*bunch else {
            let some = bunch.all();
            drop(bunch);
            return some.into_iter().find(|record| record.key.borrow() == key);
        };
        let one = one.clone();
        drop(bunch);
        // Not under the lock: it is code of users.
        (one.key.borrow() == key).then_some(one)
    }

    /// Removes entries that their owner has no longer, and gives them out, to be dropped.
    pub(super) fn remove_all(&self, own: Own<K, M, V>) -> Vec<Shared<K, M, V>> {
        let records = own.into_all();
        records.iter().for_each(|record| self.remove(record));
        records
    }

    /// Removes an entry that its owner has no longer.
    pub(super) fn remove(&self, record: &Shared<K, M, V>) {
        // What is taken out here is not the last reference: the caller has one.
        if let Entry::Occupied(mut bunch) = self.entries.entry(record.place.hash)
            && bunch.get_mut().remove(record.place).is_some()
        {
            if bunch.get().is_empty() {
                bunch.remove();
            }
            self.count.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Puts `new` in the place of `old`, if that is there.
    pub(super) fn replace(&self, old: &Shared<K, M, V>, new: &Shared<K, M, V>) {
        if let Some(mut bunch) = self.entries.get_mut(&old.place.hash) {
            let replaced = bunch.replace(old, new.clone());
            drop(bunch);
            drop(replaced);
        }
    }
}

impl<K, M, V> Table<K, M, V>
where
    K: Eq + Send + Sync + 'static,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    /// Adds an entry of the process `by`. With `unique` it is the only one with its key.
    pub(super) fn add(self: &Arc<Self>, by: &Process, record: &Shared<K, M, V>, unique: bool) -> Result<(), Refusal> {
        let hash = record.place.hash;
        // Entries with the same hash and other keys, as far as they were there a moment ago.
        let mut seen = Vec::new();
        loop {
            let generation = self.generation().ok_or(Refusal::NotRunning)?;
            let owner = self.owner_of(by);
            let mut holding = owner.lock();
            match holding.state {
                State::Open => {}
                State::Ended => return Err(Refusal::NoProc),
                State::Closed => continue,
            }
            // Whoever closes the registry changes this first, and then comes to this owner.
            if self.generation() != Some(generation) {
                continue;
            }
            match self.entries.entry(hash) {
                Entry::Vacant(vacant) => drop(vacant.insert(Bunch::One(record.clone()))),
                Entry::Occupied(mut bunch) if !unique || bunch.get().is(&seen) => bunch.get_mut().add(record.clone()),
                Entry::Occupied(bunch) => {
                    let now = bunch.get().all();
                    drop(bunch);
                    drop(holding);
                    seen = now;
                    if let Some(holder) = seen.iter().find(|other| other.key == record.key) {
                        return Err(Refusal::Taken(holder.pid()));
                    }
                    continue;
                }
            }
            self.count.fetch_add(1, Ordering::Relaxed);
            holding.records.add(record.clone());
            return Ok(());
        }
    }

    /// The owner that stands for a process, which is told of its end.
    fn owner_of(self: &Arc<Self>, by: &Process) -> Arc<Owner<K, M, V>> {
        let pid = by.pid();
        let known = self.owner(pid);
        let owner =
            known.unwrap_or_else(|| self.owners.entry(pid).or_insert_with(|| Arc::new(Owner::new(pid))).clone());
        if !owner.is_attached() {
            // Not under the lock: if the process has ended, the belonging is told at once.
            owner.attach(by.keep(Leaving { table: Arc::downgrade(self), owner: owner.clone() }));
        }
        owner
    }
}
