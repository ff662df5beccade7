use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::num::NonZeroU64;
use std::sync::Arc;

use papaya::{Compute, Equivalent, Operation};

use super::batch::Batch;
use super::quiet::Quiet;

/// Keys with something stored for each, in a concurrent map in which readers take no lock, and hold up nobody.
///
/// No code of users runs while the map waits for it: hashes are computed before, and are stored; comparisons run in the
/// caller, on rows that it has found. A panic in one leaves the map as it was.
pub(crate) struct Hashed<K, S> {
    map: papaya::HashMap<Keyed<K>, Slot<S>, Known>,
    hasher: ahash::RandomState,
}

/// A key with its hash. It is gone while it is dropped; the hash is never zero, and so that takes no memory.
struct Keyed<K>(Option<(NonZeroU64, K)>);

/// What is stored for a key, and the batch that it came with, if that had several rows.
struct Slot<S> {
    stored: Quiet<S>,
    batch: Option<Arc<Batch>>,
}

/// A key that is looked for.
struct Wanted<'a, Q: ?Sized> {
    hash: NonZeroU64,
    key: &'a Q,
}

/// What is to become of a key's row.
#[expect(unnameable_types, reason = "nobody else uses it")]
pub enum Change<S, T> {
    Put(S),
    Remove,
    Leave(T),
}

/// What has become of it.
pub(crate) enum Changed<'a, S, T> {
    Put(&'a S),
    Removed,
    Left(T),
}

impl<K, S> Hashed<K, S>
where
    K: Hash + Eq,
{
    pub(crate) fn new(seed: u64) -> Hashed<K, S> {
        // From the runtime's random numbers: in a simulation, the order of rows follows from the seed.
        let hasher = ahash::RandomState::with_seeds(seed, seed.rotate_left(17) ^ MIX[0], !seed ^ MIX[1], MIX[2]);
        Hashed { map: papaya::HashMap::with_hasher(Known), hasher }
    }

    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    /// Looks a key up. `found` runs on what is stored itself.
    #[inline]
    pub(crate) fn with<Q, T>(&self, key: &Q, found: impl FnOnce(&K, &S) -> T) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let wanted = Wanted { hash: self.hash(key), key };
        let map = self.map.pin();
        let (key, slot) = map.get_key_value(&wanted)?;
        slot.is_visible().then(|| found(key.get(), slot.stored.get()))
    }

    /// Stores something for a key in the place of what was stored before.
    pub(crate) fn insert(&self, key: K, stored: S) {
        let key = self.keyed(key);
        let map = self.map.pin();
        if let Some(slot) = map.get(&key) {
            slot.abort_draft();
        }
        if let Some(replaced) = map.insert(key, Slot { stored: Quiet::new(stored), batch: None }) {
            replaced.abort_draft();
        }
    }

    /// Stores something for a key for which nothing is stored; otherwise false.
    pub(crate) fn insert_new(&self, key: K, stored: S) -> bool {
        let key = self.keyed(key);
        let map = self.map.pin();
        if let Some(slot) = map.get(&key) {
            if slot.decide() {
                return false;
            }
            remove_slot(&map, &key, slot);
        }
        // A draft that is placed in this moment counts as a row: the map does not give the key back for another attempt.
        map.try_insert(key, Slot { stored: Quiet::new(stored), batch: None }).is_ok()
    }

    /// Changes what is stored for a key, in one step. `change` is called again if somebody else was faster.
    pub(crate) fn change<T, U>(
        &self,
        key: K,
        mut change: impl FnMut(Option<(&K, &S)>) -> Change<S, T>,
        done: impl FnOnce(Changed<'_, S, T>) -> U,
    ) -> U {
        let map = self.map.pin();
        let computed = map.compute(self.keyed(key), |found| {
            let found = found.filter(|(_, slot)| slot.decide());
            match change(found.map(|(key, slot)| (key.get(), slot.stored.get()))) {
                Change::Put(stored) => Operation::Insert(Slot { stored: Quiet::new(stored), batch: None }),
                Change::Remove if found.is_some() => Operation::Remove,
                Change::Remove => unreachable!("what is not there is not removed"),
                Change::Leave(with) => Operation::Abort(with),
            }
        });
        done(match computed {
            Compute::Inserted(_, slot) | Compute::Updated { new: (_, slot), .. } => Changed::Put(slot.stored.get()),
            Compute::Removed(..) => Changed::Removed,
            Compute::Aborted(with) => Changed::Left(with),
        })
    }

    /// Removes what is stored for a key if `wanted` says so; `removed` runs on it.
    pub(crate) fn remove_if<Q, T>(
        &self,
        key: &Q,
        mut wanted: impl FnMut(&K, &S) -> bool,
        removed: impl FnOnce(&K, &S) -> T,
    ) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let sought = Wanted { hash: self.hash(key), key };
        let map = self.map.pin();
        let found = map.remove_if(&sought, |key, slot| slot.is_visible() && wanted(key.get(), slot.stored.get()));
        found.ok().flatten().map(|(key, slot)| removed(key.get(), slot.stored.get()))
    }

    /// Calls `each` with everything that is stored. Who writes meanwhile is not held up; nothing comes twice.
    pub(crate) fn each(&self, mut each: impl FnMut(&K, &S)) {
        for (key, slot) in &self.map.pin() {
            if slot.is_visible() {
                each(key.get(), slot.stored.get());
            }
        }
    }

    /// Removes everything that `wanted` says; returns how many.
    pub(crate) fn remove_where(&self, mut wanted: impl FnMut(&K, &S) -> bool) -> usize {
        let map = self.map.pin();
        let mut removed = 0;
        for (key, slot) in &map {
            if slot.is_visible() && wanted(key.get(), slot.stored.get()) && remove_slot(&map, key, slot) {
                removed += 1;
            }
        }
        removed
    }

    pub(crate) fn clear(&self) {
        self.map.pin().clear();
    }

    #[inline]
    fn hash<Q: Hash + ?Sized>(&self, key: &Q) -> NonZeroU64 {
        NonZeroU64::new(self.hasher.hash_one(key)).unwrap_or(NonZeroU64::MIN)
    }

    fn keyed(&self, key: K) -> Keyed<K> {
        Keyed(Some((self.hash(&key), key)))
    }
}

/// Several rows at once.
impl<K, S> Hashed<K, S>
where
    K: Hash + Eq + Clone,
    S: Clone,
{
    /// Stores all of it, unless something is stored for one of the keys: then nothing, and false.
    pub(crate) fn insert_all_new(&self, all: HashMap<K, S>) -> bool {
        let map = self.map.pin();
        // All batches place their rows in the same order, and so two of them mostly meet at the first key that both have.
        let mut all: Vec<_> = all.into_iter().map(|(key, stored)| (self.hash(&key), key, stored)).collect();
        all.sort_by_key(|(hash, ..)| *hash);
        loop {
            let mut drafts = Drafts { map: &map, batch: Arc::new(Batch::new()), placed: Vec::with_capacity(all.len()) };
            for (hash, key, stored) in &all {
                if drafts.batch.is_aborted() {
                    break;
                }
                if !drafts.place(Keyed(Some((*hash, key.clone()))), stored) {
                    return false;
                }
            }
            if drafts.batch.publish() {
                return true;
            }
            drop(drafts);
            // Somebody else wrote under one of the keys.
            std::thread::yield_now();
        }
    }
}

type Pinned<'a, K, S> = papaya::HashMapRef<'a, Keyed<K>, Slot<S>, Known, papaya::LocalGuard<'a>>;

/// The rows of a batch that are placed so far. They are withdrawn when it is dropped, unless they are visible; that runs no
/// code of users, for the drop may be due to a panic of theirs.
struct Drafts<'a, 'm, K: Hash + Eq, S> {
    map: &'a Pinned<'m, K, S>,
    batch: Arc<Batch>,
    placed: Vec<Placed<K>>,
}

/// The key of a draft, by its place in memory, where it stays as long as the map is pinned.
struct Placed<K> {
    hash: NonZeroU64,
    place: *const Keyed<K>,
}

impl<K: Hash + Eq, S: Clone> Drafts<'_, '_, K, S> {
    /// Places a draft; false if something is stored for the key.
    fn place(&mut self, key: Keyed<K>, stored: &S) -> bool {
        let hash = key.parts().0;
        let computed = self.map.compute(key, |found| match found {
            Some((_, slot)) if slot.await_decision() => Operation::Abort(()),
            _ => Operation::Insert(Slot { stored: Quiet::new(stored.clone()), batch: Some(self.batch.clone()) }),
        });
        match computed {
            Compute::Inserted(key, _) | Compute::Updated { new: (key, _), .. } => {
                self.placed.push(Placed { hash, place: key });
                true
            }
            Compute::Removed(..) | Compute::Aborted(()) => false,
        }
    }
}

impl<K: Hash + Eq, S> Drop for Drafts<'_, '_, K, S> {
    fn drop(&mut self) {
        if self.batch.abort() {
            for draft in &self.placed {
                // One that somebody else has replaced is not found, or is looked at again: the map asks about what took its
                // place in this moment, too.
                let _ = self.map.remove_if(draft, |_, slot| slot.is_of(&self.batch));
            }
        }
    }
}

impl<K> Hash for Placed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash.get());
    }
}

impl<K> Equivalent<Keyed<K>> for Placed<K> {
    fn equivalent(&self, keyed: &Keyed<K>) -> bool {
        std::ptr::eq(self.place, keyed)
    }
}

/// Removes one slot, if it is still there.
fn remove_slot<K, S, G>(
    map: &papaya::HashMapRef<'_, Keyed<K>, Slot<S>, Known, G>,
    key: &Keyed<K>,
    slot: &Slot<S>,
) -> bool
where
    K: Hash + Eq,
    G: papaya::Guard,
{
    matches!(map.remove_if(key, |_, now| std::ptr::eq(now, slot)), Ok(Some(_)))
}

impl<S> Slot<S> {
    #[inline]
    fn is_visible(&self) -> bool {
        self.batch.as_ref().is_none_or(|batch| batch.is_visible())
    }

    /// Whether it came with this batch.
    fn is_of(&self, batch: &Arc<Batch>) -> bool {
        self.batch.as_ref().is_some_and(|own| Arc::ptr_eq(own, batch))
    }

    /// Whether it is visible, which a draft will not be any more.
    fn decide(&self) -> bool {
        self.batch.as_ref().is_none_or(|batch| !batch.abort())
    }

    /// As [`decide`](Slot::decide), after a draft had some time: two batches that abort each other would get nowhere.
    fn await_decision(&self) -> bool {
        const PATIENCE: usize = 32;
        let is_draft = || self.batch.as_ref().is_some_and(|batch| batch.is_draft());
        (0..PATIENCE).take_while(|_| is_draft()).for_each(|_| std::thread::yield_now());
        self.decide()
    }

    /// Aborts the batch of a draft; false if it is visible.
    fn abort_draft(&self) -> bool {
        !self.decide()
    }
}

impl<K> Keyed<K> {
    #[inline]
    fn parts(&self) -> &(NonZeroU64, K) {
        self.0.as_ref().expect("it is there until it is dropped")
    }

    #[inline]
    fn get(&self) -> &K {
        &self.parts().1
    }
}

impl<K> Drop for Keyed<K> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<K>() {
            let key = self.0.take();
            super::quiet::quietly(|| drop(key));
        }
    }
}

impl<K> Hash for Keyed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.parts().0.get());
    }
}

impl<K: Eq> PartialEq for Keyed<K> {
    fn eq(&self, other: &Keyed<K>) -> bool {
        let ((hash, key), (other_hash, other_key)) = (self.parts(), other.parts());
        hash == other_hash && key == other_key
    }
}

impl<K: Eq> Eq for Keyed<K> {}

impl<Q: ?Sized> Hash for Wanted<'_, Q> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash.get());
    }
}

impl<K: Borrow<Q>, Q: Eq + ?Sized> Equivalent<Keyed<K>> for Wanted<'_, Q> {
    #[inline]
    fn equivalent(&self, keyed: &Keyed<K>) -> bool {
        let (hash, key) = keyed.parts();
        self.hash == *hash && self.key == key.borrow()
    }
}

/// The hash is known already.
#[derive(Clone, Copy)]
struct Known;

struct KnownHash(u64);

impl BuildHasher for Known {
    type Hasher = KnownHash;

    fn build_hasher(&self) -> KnownHash {
        KnownHash(0)
    }
}

impl Hasher for KnownHash {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("a hash is a number")
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Digits of pi.
const MIX: [u64; 3] = [0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7344, 0xA409_3822_299F_31D0];
