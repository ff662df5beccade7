//! Gives a value away so that it is known whether it was taken.

use std::sync::{Arc, Mutex, PoisonError};

/// A value on its way to a process that may not be there to take it. Whoever takes it first has it; every clone
/// stands for the same value.
///
/// A message that a process never got to is lost with it, and its sender cannot tell this from one that was being
/// handled. With a handover it can: a value that nobody took is still there.
#[derive(Debug)]
pub struct Handover<T>(Arc<Mutex<Option<T>>>);

impl<T> Handover<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(Mutex::new(Some(value))))
    }

    pub(crate) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

impl<T> Clone for Handover<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
