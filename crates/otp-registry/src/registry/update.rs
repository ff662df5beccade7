use std::fmt;
use std::sync::Arc;

use otp_core::{Label, Pid, Process};

use super::dropping::drop_each;
use super::entry::Entry;
use super::handle::Registry;
use super::kinds::{Key, Unique};
use super::owner::Owner;
use super::record::Record;

impl<K, M, V> Registry<K, M, V, Unique>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
{
    /// Replaces the value of the process `by` under `key` by what `update` makes of it, and returns the new and the old
    /// entry. Code that looked the entry up before keeps the old value. Listeners are not told, as in Elixir.
    ///
    /// `update` runs under no lock. It is called again if the process, on another thread, has changed its entry meanwhile.
    ///
    /// # Errors
    ///
    /// [`UpdateError`] if this process has no entry under `key`; only the process itself can update its value.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::ProcessContext;
    /// use otp::registry::Registry;
    ///
    /// let seats: Registry<&str, (), u32> = Registry::new(&system);
    /// seats.start(&system).await.unwrap();
    /// let updates = seats.clone();
    /// let room = system.spawn(async move |ctx: ProcessContext<()>| {
    ///     updates.register(&ctx, "hall", 3).unwrap();
    ///     let (new, old) = updates.update_value(&ctx, &"hall", |seats| seats + 1).unwrap();
    ///     assert_eq!((*new.value(), *old.value()), (4, 3));
    ///     assert!(updates.update_value(&ctx, &"attic", |seats| seats + 1).is_err());
    /// });
    /// assert_eq!(room.exited().await, otp::ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    #[expect(clippy::type_complexity, reason = "two entries")]
    pub fn update_value(
        &self,
        by: &Process,
        key: &K,
        mut update: impl FnMut(&V) -> V,
    ) -> Result<(Entry<K, M, V>, Entry<K, M, V>), UpdateError<K>> {
        let not_registered =
            || UpdateError::NotRegistered { registry: self.label().clone(), key: key.clone(), pid: by.pid() };
        let owner = self.owner(by).ok_or_else(not_registered)?;
        let hash = self.table.hash(key);
        loop {
            let own = owner.lock().records.with_hash(hash);
            let old = own.into_iter().find(|own| own.key == *key).ok_or_else(not_registered)?;
            let value = update(&old.value);
            let new = Arc::new(Record { place: old.place, key: old.key.clone(), value, process: old.process.clone() });
            let mut holding = owner.lock();
            let replaced = holding.records.replace(&old, new.clone());
            if replaced.is_ok() {
                self.table.replace(&old, &new);
            }
            drop(holding);
            match replaced {
                Ok(_) => return Ok((Entry(new), Entry(old))),
                Err(refused) => drop_each([refused, new, old]),
            }
        }
    }
}

impl<K, M, V, T> Registry<K, M, V, T> {
    /// What a process of this system has here.
    pub(super) fn owner(&self, by: &Process) -> Option<Arc<Owner<K, M, V>>> {
        // A pid of another system may be that of another process here.
        if *by.system() == self.system { self.table.owner(by.pid()) } else { None }
    }
}

/// The error of updating a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpdateError<K> {
    /// The process has no entry under the key.
    NotRegistered {
        /// The registry.
        registry: Label,
        /// The key.
        key: K,
        /// The process.
        pid: Pid,
    },
}

impl<K: fmt::Debug> fmt::Display for UpdateError<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UpdateError::NotRegistered { registry, key, pid } = self;
        write!(f, "cannot update {key:?} in {registry}: {pid} is not registered under it")
    }
}

impl<K: fmt::Debug> std::error::Error for UpdateError<K> {}
