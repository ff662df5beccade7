use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::Mutex;
use crate::system::System;

/// What other crates keep of a system, one value of each type.
#[derive(Default)]
pub(crate) struct Slots(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl System {
    /// The value of type `T` that belongs to this system: made by `T::default` when it is asked for the first time, and
    /// dropped with the system.
    ///
    /// It is where a crate keeps what it has for each system, such as its registry, without a global: it uses a private
    /// type of its own, so that nobody else finds it. The value must not own the [`System`], or neither is ever dropped.
    ///
    /// Two threads that ask for it first both call `T::default`, and get the same one of the two values.
    ///
    /// ```
    /// # otp_tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// #[derive(Default)]
    /// struct Requests(AtomicU64);
    ///
    /// system.slot::<Requests>().0.fetch_add(1, Ordering::Relaxed);
    /// assert_eq!(system.slot::<Requests>().0.load(Ordering::Relaxed), 1);
    /// # }).unwrap();
    /// ```
    pub fn slot<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let Slots(slots) = self.slots();
        let found = slots.lock().get(&TypeId::of::<T>()).cloned();
        let value = found.unwrap_or_else(|| {
            // Code of the user's does not run under the lock; which of two values it is, is decided under it.
            let fresh: Arc<dyn Any + Send + Sync> = Arc::new(T::default());
            let value = slots.lock().entry(TypeId::of::<T>()).or_insert_with(|| fresh.clone()).clone();
            drop(fresh);
            value
        });
        value.downcast().expect("a slot holds a value of its type")
    }
}
