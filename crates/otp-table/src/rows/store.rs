use std::fmt;

use super::hashed::Change;

/// What the rows of a table are stored in, its first type parameter. [`Set`](crate::Set),
/// [`OrderedSet`](crate::OrderedSet), [`Bag`](crate::Bag) and [`DuplicateBag`](crate::DuplicateBag) name it.
pub trait Rows: Store {}

impl<S: Store> Rows for S {}

/// Rows of which a key has one at most: those of a [`Set`](crate::Set) and an [`OrderedSet`](crate::OrderedSet).
pub trait Single: Rows + OneEach {}

impl<S: OneEach> Single for S {}

/// Rows whose keys can be looked up by a `Q`: by what the key borrows as, with the same hash and equality in a
/// [`Set`](crate::Set), with the same order in an [`OrderedSet`](crate::OrderedSet).
#[diagnostic::on_unimplemented(
    message = "the keys of this table cannot be looked up by `{Q}`",
    note = "the key of a set borrows as `Q: Hash + Eq`, the key of an ordered set as `Q: Ord`"
)]
pub trait FoundBy<Q: ?Sized>: Single + Find<Q> {}

impl<S: Find<Q>, Q: ?Sized> FoundBy<Q> for S {}

/// A row of a table, by its parts.
pub(crate) type Pair<S> = (<S as Store>::Key, <S as Store>::Value);

/// The kind of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "ETS has four, and programs match on them")]
pub enum Kind {
    /// A row for each key.
    Set,
    /// A row for each key, in the order of the keys.
    OrderedSet,
    /// Any number of rows for each key, equal ones once.
    Bag,
    /// Any number of rows for each key, also equal ones.
    DuplicateBag,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Set => "set",
            Kind::OrderedSet => "ordered set",
            Kind::Bag => "bag",
            Kind::DuplicateBag => "duplicate bag",
        })
    }
}

/// What all kinds of rows have in common. Nobody else can implement it: it cannot be named.
#[expect(unnameable_types, reason = "nobody else is to implement it")]
pub trait Store: Send + Sync + Sized + 'static {
    /// The keys.
    type Key: Send + Sync + 'static;
    /// What a row has beside its key.
    type Value: Send + Sync + 'static;
    /// The kind.
    const KIND: Kind;

    /// Makes a store without rows. `seed` is a random number.
    fn empty(seed: u64) -> Self;

    /// The number of rows.
    fn len(&self) -> usize;

    /// Whether there is a row with this key.
    fn has(&self, key: &Self::Key) -> bool;

    /// Visits all rows.
    fn each(&self, each: &mut dyn FnMut(&Self::Key, &Self::Value));

    /// Visits all keys, each once.
    fn each_key(&self, each: &mut dyn FnMut(&Self::Key)) {
        self.each(&mut |key, _| each(key));
    }

    /// Removes all rows that `wanted` accepts; returns their number.
    fn remove_where(&self, wanted: &mut dyn FnMut(&Self::Key, &Self::Value) -> bool) -> usize;

    /// Removes all rows.
    fn clear(&self);
}

/// Rows of which a key has one at most.
#[expect(unnameable_types, reason = "nobody else is to implement it")]
pub trait OneEach: Store {
    /// Inserts a row, in the place of one with this key.
    fn insert(&self, key: Self::Key, value: Self::Value);

    /// Inserts a row, unless there is one with this key: then false.
    fn insert_new(&self, key: Self::Key, value: Self::Value) -> bool;

    /// Inserts rows.
    fn insert_all(&self, rows: Vec<(Self::Key, Self::Value)>) {
        rows.into_iter().for_each(|(key, value)| self.insert(key, value));
    }

    /// Changes the row of a key in one step, by a function that is called again if somebody else was faster; `Some` if it
    /// left the row as it was.
    fn change<T>(
        &self,
        key: Self::Key,
        change: impl FnMut(Option<&Self::Value>) -> Change<Self::Value, T>,
    ) -> Option<T>;
}

/// Rows whose keys are found by `Q`.
#[expect(unnameable_types, reason = "nobody else is to implement it")]
pub trait Find<Q: ?Sized>: OneEach {
    /// Looks a row up.
    fn with<T>(&self, key: &Q, found: impl FnOnce(&Self::Key, &Self::Value) -> T) -> Option<T>;

    /// Removes a row if `wanted` accepts it; `removed` runs on it.
    fn remove_if<T>(
        &self,
        key: &Q,
        wanted: impl FnMut(&Self::Value) -> bool,
        removed: impl FnOnce(&Self::Value) -> T,
    ) -> Option<T>;
}
