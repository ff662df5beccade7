//! Synchronisation types: those of the standard library, or loom's when loom's models run the code.
//!
//! The models are built with `--cfg otp_loom`, our own name: executors, which the tests of other crates need, use
//! `--cfg loom` themselves.

pub(crate) use imp::{
    AtomicWaker, LocalKey, MutexGuard, OnceLock, RwLockReadGuard, RwLockWriteGuard, Tracked, UnsafeCell, atomic,
    thread_local,
};

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::PoisonError;
use std::task::Waker;

/// A mutex without poisoning: no user code runs under our locks, so no panic can leave the protected data half-changed.
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

/// A reader-writer lock without poisoning, for the same reason.
#[derive(Default)]
pub(crate) struct RwLock<T>(imp::RwLock<T>);

impl<T> RwLock<T> {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes a waker. A waker may be user code: a panic in it must not harm the process that wakes, nor others that wait.
/// The panic hook has reported the panic.
pub(crate) fn wake(waker: Waker) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        // Dropping the panic's payload may panic, too.
        let dropped = catch_unwind(AssertUnwindSafe(|| drop(panic)));
        dropped.unwrap_or_else(std::mem::forget);
    }
}

#[cfg(not(otp_loom))]
mod imp {
    pub(crate) use futures::task::AtomicWaker;
    pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
    pub(crate) use std::thread::LocalKey;
    pub(crate) use std::thread_local;

    /// Like loom's cell: accesses are marked, so that a model detects two that overlap.
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

    /// Part of a value that is freed by hand: a model detects use after free, and leaks.
    pub(crate) struct Tracked;

    impl Tracked {
        pub(crate) fn new() -> Tracked {
            Tracked
        }

        pub(crate) fn touch(&self) {}
    }
}

#[cfg(otp_loom)]
mod imp {
    use std::task::Waker;

    use loom::alloc::Track;
    pub(crate) use loom::cell::UnsafeCell;
    pub(crate) use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, atomic};
    pub(crate) use loom::thread::LocalKey;

    use atomic::{AtomicBool, Ordering};

    /// Loom's threads share one thread of the system, so that only loom's thread locals are per thread.
    macro_rules! local {
        ($($(#[$meta:meta])* static $name:ident: $type:ty = const $init:block;)*) => {
            loom::thread_local! { $($(#[$meta])* static $name: $type = $init;)* }
        };
    }
    pub(crate) use local as thread_local;

    /// A simple replacement for the lock-free original.
    pub(crate) struct AtomicWaker(Mutex<Option<Waker>>);

    impl AtomicWaker {
        pub(crate) fn new() -> AtomicWaker {
            AtomicWaker(Mutex::new(None))
        }

        pub(crate) fn register(&self, waker: &Waker) {
            let stale = self.0.lock().unwrap().replace(waker.clone());
            drop(stale);
        }

        pub(crate) fn take(&self) -> Option<Waker> {
            self.0.lock().unwrap().take()
        }
    }

    /// The standard library stores the value; a flag decides who sees it, as in the original.
    pub(crate) struct OnceLock<T> {
        value: std::sync::OnceLock<T>,
        is_set: AtomicBool,
    }

    impl<T> Default for OnceLock<T> {
        fn default() -> OnceLock<T> {
            OnceLock { value: std::sync::OnceLock::new(), is_set: AtomicBool::new(false) }
        }
    }

    impl<T> OnceLock<T> {
        pub(crate) fn get(&self) -> Option<&T> {
            if self.is_set.load(Ordering::Acquire) { self.value.get() } else { None }
        }

        /// Called by one thread at a time, as our code calls the original.
        pub(crate) fn get_or_init(&self, init: impl FnOnce() -> T) -> &T {
            if self.get().is_none() {
                assert!(self.value.set(init()).is_ok(), "two threads initialize it");
                self.is_set.store(true, Ordering::Release);
            }
            self.get().expect("it is set")
        }
    }

    /// A read represents each use of the value, a write represents freeing it: loom detects when the two overlap.
    pub(crate) struct Tracked {
        memory: UnsafeCell<()>,
        _allocation: Track<()>,
    }

    impl Tracked {
        pub(crate) fn new() -> Tracked {
            Tracked { memory: UnsafeCell::new(()), _allocation: Track::new(()) }
        }

        pub(crate) fn touch(&self) {
            self.memory.with(|_| ());
        }
    }

    impl Drop for Tracked {
        fn drop(&mut self) {
            self.memory.with_mut(|_| ());
        }
    }
}
