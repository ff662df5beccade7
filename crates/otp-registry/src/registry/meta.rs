use std::any::{Any, type_name};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::Label;

use super::handle::Registry;

impl<K, M, V, T> Registry<K, M, V, T> {
    /// Stores a value that belongs to the registry, not to one of its processes, in the place of an earlier one. It is
    /// dropped when the registry ends.
    ///
    /// # Errors
    ///
    /// [`NotRunning`] gives the value back.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::registry::{MetaError, Registry};
    ///
    /// let rooms: Registry<&str, ()> = Registry::new(&system);
    /// rooms.start(&system).await.unwrap();
    /// rooms.put_meta("limit", 10_u32).unwrap();
    /// assert_eq!(rooms.meta::<u32>("limit").as_deref(), Ok(&10));
    /// assert!(matches!(rooms.meta::<u32>("colour"), Err(MetaError::NotFound { .. })));
    /// # }).unwrap();
    /// ```
    pub fn put_meta<A: Any + Send + Sync>(&self, key: impl Into<Label>, value: A) -> Result<(), NotRunning<A>> {
        let (key, value) = (key.into(), Stored { type_name: type_name::<A>(), value: Arc::new(value) });
        let mut meta = self.table.meta.lock();
        // Under the lock: what ends the registry takes all of it after it has shut it.
        if self.table.generation().is_none() {
            drop(meta);
            let value = value.value.downcast().ok().and_then(Arc::into_inner).expect("it was not stored");
            return Err(NotRunning { registry: self.label().clone(), value });
        }
        let old = meta.insert(key, value);
        drop(meta);
        drop(old);
        Ok(())
    }

    /// Returns the value that was stored under `key`.
    ///
    /// # Errors
    ///
    /// [`MetaError`] if there is none, or it has another type.
    pub fn meta<A: Any + Send + Sync>(&self, key: &str) -> Result<Arc<A>, MetaError> {
        let stored = self.table.meta.lock().get(key).cloned();
        let not_found = || MetaError::NotFound { registry: self.label().clone(), key: Label::from(key.to_owned()) };
        let Stored { type_name: has, value } = stored.ok_or_else(not_found)?;
        value.downcast().map_err(|_| MetaError::WrongType {
            registry: self.label().clone(),
            key: Label::from(key.to_owned()),
            has,
            expected: type_name::<A>(),
        })
    }

    /// Removes the value that was stored under `key`; returns whether there was one.
    pub fn delete_meta(&self, key: &str) -> bool {
        let old = self.table.meta.lock().remove(key);
        old.is_some()
    }
}

/// The error of storing a value in a registry that is not running; gives the value back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{registry} stores nothing: the registry is not running")]
#[non_exhaustive]
pub struct NotRunning<A> {
    /// The registry.
    pub registry: Label,
    /// The value.
    pub value: A,
}

/// The error of reading what a registry stores.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MetaError {
    /// Nothing was stored under the key.
    #[error("{registry} stores nothing under {key:?}")]
    NotFound {
        /// The registry.
        registry: Label,
        /// The key.
        key: Label,
    },
    /// The value has another type.
    #[error("{registry} stores {has} under {key:?}, not {expected}")]
    WrongType {
        /// The registry.
        registry: Label,
        /// The key.
        key: Label,
        /// The type of the value.
        has: &'static str,
        /// The type that was asked for.
        expected: &'static str,
    },
}

/// What a registry stores beside its entries.
#[derive(Default)]
pub(super) struct Meta(Mutex<BTreeMap<Label, Stored>>);

#[derive(Clone)]
pub(super) struct Stored {
    type_name: &'static str,
    value: Arc<dyn Any + Send + Sync>,
}

impl Meta {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Label, Stored>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all of it out.
    pub(super) fn take(&self) -> impl Iterator<Item = Stored> + use<> {
        std::mem::take(&mut *self.lock()).into_values()
    }
}
