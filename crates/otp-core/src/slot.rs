use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::sync::Mutex;

/// What other crates keep of a system, one value of each type.
#[derive(Default)]
pub(crate) struct Slots(Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl Slots {
    /// The value of type `T`, which is made when it is asked for the first time.
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let found = self.0.lock().get(&TypeId::of::<T>()).cloned();
        let value = found.unwrap_or_else(|| {
            // Code of the user's does not run under the lock; which of two values it is, is decided under it.
            let fresh: Arc<dyn Any + Send + Sync> = Arc::new(T::default());
            let value = self.0.lock().entry(TypeId::of::<T>()).or_insert_with(|| fresh.clone()).clone();
            drop(fresh);
            value
        });
        value.downcast().expect("a slot holds a value of its type")
    }
}
