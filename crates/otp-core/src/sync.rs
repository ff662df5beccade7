//! What threads share: the standard library's types, or loom's where its models run the code.

pub(crate) use imp::{AtomicWaker, MutexGuard, OnceLock, UnsafeCell, atomic, thread_local};

use std::fmt;
use std::sync::PoisonError;

/// A mutex without poisoning: no user code runs under one of our locks, so none can be left half-way by a panic.
#[derive(Default)]
pub(crate) struct Mutex<T>(imp::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Mutex<T> {
        Mutex(imp::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mutex")
    }
}

#[cfg(not(otp_loom))]
mod imp {
    pub(crate) use futures::task::AtomicWaker;
    pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, atomic};
    pub(crate) use std::thread_local;

    /// As loom's: a cell whose accesses are marked, so that a model sees two that overlap.
    #[derive(Debug)]
    pub(crate) struct UnsafeCell<T>(std::cell::UnsafeCell<T>);

    impl<T> UnsafeCell<T> {
        pub(crate) fn new(value: T) -> UnsafeCell<T> {
            UnsafeCell(std::cell::UnsafeCell::new(value))
        }

        pub(crate) fn with_mut<R>(&self, access: impl FnOnce(*mut T) -> R) -> R {
            access(self.0.get())
        }
    }
}
