use std::borrow::Borrow;
use std::cmp::Ordering;
use std::ops::Bound;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rpds::RedBlackTreeMapSync;

use super::quiet::Quiet;

/// Rows in the order of their keys: an immutable tree, which a writer replaces by one that shares nearly all of it.
///
/// A reader sees the tree of one moment, whatever is written meanwhile, and so several rows are written in one step. Writers
/// do not wait for each other either: who was too late begins again with the new tree.
pub(crate) struct Tree<K, V>(ArcSwap<Version<K, V>>);

/// The rows at one moment.
pub(crate) type Version<K, V> = RedBlackTreeMapSync<Row<K, V>, ()>;

/// A row, which is shared by all trees that have it. The next row of a key shares the key.
pub(crate) struct Row<K, V> {
    key: Arc<Quiet<K>>,
    value: Arc<Quiet<V>>,
}

impl<K: Ord, V> Tree<K, V> {
    pub(crate) fn new() -> Tree<K, V> {
        Tree(ArcSwap::from_pointee(Version::new_sync()))
    }

    /// The rows of this moment.
    pub(crate) fn now(&self) -> Arc<Version<K, V>> {
        self.0.load_full()
    }

    /// Looks a key up. `found` runs on the row itself.
    #[inline]
    pub(crate) fn with<Q, T>(&self, key: &Q, found: impl FnOnce(&K, &V) -> T) -> Option<T>
    where
        K: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let version = self.0.load();
        find(&version, key).map(|row| found(row.key(), row.value()))
    }

    /// Makes a new version of the rows: `change` makes it of the present one, and is called again if somebody else was
    /// faster. With `None` nothing changes.
    pub(crate) fn change<T>(&self, mut change: impl FnMut(&mut Version<K, V>) -> Result<T, T>) -> T {
        loop {
            let before = self.0.load_full();
            let mut next = (*before).clone();
            let done = match change(&mut next) {
                Ok(done) => done,
                Err(unchanged) => return unchanged,
            };
            let found = self.0.compare_and_swap(&before, Arc::new(next));
            if Arc::ptr_eq(&found, &before) {
                return done;
            }
        }
    }
}

/// Finds the row with this key.
pub(crate) fn find<'a, K, V, Q>(version: &'a Version<K, V>, key: &Q) -> Option<&'a Row<K, V>>
where
    K: Ord + Borrow<Q>,
    Q: Ord + ?Sized,
{
    version.get_key_value(&Sought(key) as &dyn HasKey<Q>).map(|(row, ())| row)
}

/// The first row behind this key.
pub(crate) fn after<'a, K, V, Q>(version: &'a Version<K, V>, key: &Q) -> Option<&'a Row<K, V>>
where
    K: Ord + Borrow<Q>,
    Q: Ord + ?Sized,
{
    let sought = Sought(key);
    let behind: (Bound<&dyn HasKey<Q>>, _) = (Bound::Excluded(&sought), Bound::Unbounded);
    version.range::<dyn HasKey<Q> + '_, _>(behind).next().map(|(row, ())| row)
}

/// The last row before this key.
pub(crate) fn before<'a, K, V, Q>(version: &'a Version<K, V>, key: &Q) -> Option<&'a Row<K, V>>
where
    K: Ord + Borrow<Q>,
    Q: Ord + ?Sized,
{
    let sought = Sought(key);
    let before: (_, Bound<&dyn HasKey<Q>>) = (Bound::Unbounded, Bound::Excluded(&sought));
    version.range::<dyn HasKey<Q> + '_, _>(before).next_back().map(|(row, ())| row)
}

/// Removes the row with this key; false if there is none.
pub(crate) fn remove<K, V, Q>(version: &mut Version<K, V>, key: &Q) -> bool
where
    K: Ord + Borrow<Q>,
    Q: Ord + ?Sized,
{
    version.remove_mut(&Sought(key) as &dyn HasKey<Q>)
}

impl<K, V> Row<K, V> {
    pub(crate) fn new(key: K, value: V) -> Row<K, V> {
        Row { key: Arc::new(Quiet::new(key)), value: Arc::new(Quiet::new(value)) }
    }

    pub(crate) fn with_key(key: &Arc<Quiet<K>>, value: V) -> Row<K, V> {
        Row { key: key.clone(), value: Arc::new(Quiet::new(value)) }
    }

    #[inline]
    pub(crate) fn key(&self) -> &K {
        self.key.get()
    }

    #[inline]
    pub(crate) fn value(&self) -> &V {
        self.value.get()
    }

    pub(crate) fn is(&self, other: &Row<K, V>) -> bool {
        Arc::ptr_eq(&self.value, &other.value)
    }
}

impl<K, V> Clone for Row<K, V> {
    fn clone(&self) -> Row<K, V> {
        Row { key: self.key.clone(), value: self.value.clone() }
    }
}

impl<K: Ord, V> PartialEq for Row<K, V> {
    fn eq(&self, other: &Row<K, V>) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<K: Ord, V> Eq for Row<K, V> {}

impl<K: Ord, V> PartialOrd for Row<K, V> {
    fn partial_cmp(&self, other: &Row<K, V>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K: Ord, V> Ord for Row<K, V> {
    fn cmp(&self, other: &Row<K, V>) -> Ordering {
        self.key().cmp(other.key())
    }
}

/// A row, or a key that is looked for: the tree compares both as this.
trait HasKey<Q: ?Sized> {
    fn key(&self) -> &Q;
}

struct Sought<'a, Q: ?Sized>(&'a Q);

impl<Q: ?Sized> HasKey<Q> for Sought<'_, Q> {
    fn key(&self) -> &Q {
        self.0
    }
}

impl<K: Borrow<Q>, V, Q: ?Sized> HasKey<Q> for Row<K, V> {
    fn key(&self) -> &Q {
        Row::key(self).borrow()
    }
}

impl<'a, K: Borrow<Q> + 'a, V: 'a, Q: ?Sized + 'a> Borrow<dyn HasKey<Q> + 'a> for Row<K, V> {
    fn borrow(&self) -> &(dyn HasKey<Q> + 'a) {
        self
    }
}

impl<Q: Ord + ?Sized> PartialEq for dyn HasKey<Q> + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<Q: Ord + ?Sized> Eq for dyn HasKey<Q> + '_ {}

impl<Q: Ord + ?Sized> PartialOrd for dyn HasKey<Q> + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<Q: Ord + ?Sized> Ord for dyn HasKey<Q> + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}
