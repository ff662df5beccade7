use std::fmt;
use std::hash::Hash;

/// The keys of a [`Registry`](super::Registry): implemented by every type that has what is needed.
///
/// No lock is held while code of a key runs: it may panic, block, or call the registry.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a registry",
    note = "a key is `Hash`, `Eq`, `Clone`, `Debug`, `Send` and `Sync`, and borrows nothing"
)]
pub trait Key: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static {}

impl<K: Clone + fmt::Debug + Eq + Hash + Send + Sync + 'static> Key for K {}

/// How many entries a key of a [`Registry`](super::Registry) has: [`Unique`] or [`Duplicate`].
pub trait Keys: sealed::Sealed + Send + Sync + 'static {
    /// True if a key has one entry at most.
    const UNIQUE: bool;
}

/// A key has one entry at most, and leads to that process.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Unique {}

/// A key has any number of entries, also several of one process.
///
/// What needs unique keys does not exist for such a registry:
///
/// ```compile_fail,E0599
/// # use otp::registry::{Duplicate, Registry};
/// fn start_under(topics: &Registry<&'static str, u8, (), Duplicate>) {
///     let _ = topics.via("rust");
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "that it has no value is its meaning")]
pub enum Duplicate {}

impl Keys for Unique {
    const UNIQUE: bool = true;
}

impl Keys for Duplicate {
    const UNIQUE: bool = false;
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
    impl Sealed for super::Unique {}
    impl Sealed for super::Duplicate {}
}
