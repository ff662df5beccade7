use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::Mutex;

/// Values of other crates that belong to a system, one of each type.
#[derive(Default)]
pub(crate) struct Slots(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Slots {
    /// Returns the value of type `T`, and makes it at the first call.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let found = self.0.lock().get(&TypeId::of::<T>()).cloned();
        let value = found.unwrap_or_else(|| {
            // User code does not run under the lock; the lock only decides which of two values is kept.
            let fresh: Arc<dyn Any + Send + Sync> = Arc::new(T::default());
            let value = self.0.lock().entry(TypeId::of::<T>()).or_insert_with(|| fresh.clone()).clone();
            drop(fresh);
            value
        });
        value.downcast().expect("a slot holds a value of its type")
    }
}
