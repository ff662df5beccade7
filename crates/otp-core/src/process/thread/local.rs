use std::any::type_name;
use std::fmt;
use std::mem;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::thread::panicking;

use fragile::Fragile;

/// A value that stays on the thread on which it was made: it may be part of what is `Send`, such as the state of a server,
/// although it is not `Send` itself.
///
/// For the state of a process on one of its [`Threads`](crate::Threads), which is made, used and dropped there.
///
/// ```
/// use std::cell::Cell;
/// use std::rc::Rc;
///
/// use otp::process::Local;
///
/// fn is_send<T: Send>(_: &T) {}
///
/// let count = Local::new(Rc::new(Cell::new(1)));
/// is_send(&count);
/// count.set(count.get() + 1);
/// assert_eq!(count.get(), 2);
/// assert!(count.is_here());
///
/// let elsewhere = std::thread::scope(|scope| scope.spawn(|| count.is_here()).join());
/// assert!(!elsewhere.unwrap());
/// ```
///
/// # Panics
///
/// Every access on another thread panics. So does the drop there of a value that needs one: the value is not dropped then,
/// and its memory is lost.
pub struct Local<T>(Option<Fragile<T>>);

impl<T> Local<T> {
    /// Binds a value to the calling thread.
    pub fn new(value: T) -> Local<T> {
        Local(Some(Fragile::new(value)))
    }

    /// Returns whether the calling thread is that of the value.
    pub fn is_here(&self) -> bool {
        self.0.as_ref().is_some_and(Fragile::is_valid)
    }

    /// Returns the value.
    #[track_caller]
    pub fn into_inner(mut self) -> T {
        match self.0.take().map(Fragile::try_into_inner) {
            Some(Ok(value)) => value,
            Some(Err(elsewhere)) => {
                self.0 = Some(elsewhere);
                misplaced::<T>()
            }
            None => unreachable!("it is taken out by this method alone"),
        }
    }
}

impl<T> Deref for Local<T> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        match self.0.as_ref().map(Fragile::try_get) {
            Some(Ok(value)) => value,
            _ => misplaced::<T>(),
        }
    }
}

impl<T> DerefMut for Local<T> {
    #[track_caller]
    fn deref_mut(&mut self) -> &mut T {
        match self.0.as_mut().map(Fragile::try_get_mut) {
            Some(Ok(value)) => value,
            _ => misplaced::<T>(),
        }
    }
}

/// Polled on its thread. A future that is not `Unpin` is pinned before: `Local::new(Box::pin(future))`.
impl<F: Future + Unpin> Future for Local<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut **self).poll(cx)
    }
}

impl<T> Drop for Local<T> {
    #[track_caller]
    fn drop(&mut self) {
        if mem::needs_drop::<T>() && self.0.is_some() && !self.is_here() {
            mem::forget(self.0.take());
            // A second panic would abort the program.
            if !panicking() {
                misplaced::<T>();
            }
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_ref().map(Fragile::try_get) {
            Some(Ok(value)) => f.debug_tuple("Local").field(value).finish(),
            _ => f.write_str("Local(on another thread)"),
        }
    }
}

#[cold]
#[track_caller]
fn misplaced<T>() -> ! {
    panic!(
        "a `Local<{}>` was used or dropped on another thread than that on which it was made; a process that has one runs \
         on a thread of its own: see `otp::process::Threads`",
        type_name::<T>()
    )
}
