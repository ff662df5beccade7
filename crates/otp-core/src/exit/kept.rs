use std::cell::RefCell;
use std::ops::Deref;

use super::contain;

/// A value of a user's, which a reason carries. Its own drop may panic: that is caught, so that a reason can be dropped
/// anywhere. The panic hook has told of it.
///
/// What it holds may be a reason, too, and so on for as many calls as handed a crash on: they are dropped one after the
/// other, and not inside each other.
pub(super) struct Kept<T: ?Sized + Send + 'static>(Option<Box<T>>);

thread_local! {
    /// What waits to be dropped, while the calling thread drops one.
    static WAITING: RefCell<Option<Vec<Box<dyn Send>>>> = const { RefCell::new(None) };
}

impl<T: ?Sized + Send + 'static> Kept<T> {
    pub(super) fn new(value: Box<T>) -> Kept<T> {
        Kept(Some(value))
    }
}

impl<T: ?Sized + Send + 'static> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().expect("it is only taken out to be dropped")
    }
}

impl<T: ?Sized + Send + 'static> Drop for Kept<T> {
    fn drop(&mut self) {
        let mut value = self.0.take();
        let is_first = WAITING.try_with(|waiting| match &mut *waiting.borrow_mut() {
            Some(others) => {
                others.extend(value.take().map(|value| Box::new(value) as Box<dyn Send>));
                false
            }
            none => {
                *none = Some(Vec::new());
                true
            }
        });
        drop(contain(|| drop(value)));
        if is_first == Ok(true) {
            let next = || WAITING.with_borrow_mut(|waiting| waiting.as_mut().and_then(Vec::pop));
            while let Some(other) = next() {
                drop(contain(|| drop(other)));
            }
            WAITING.set(None);
        }
    }
}
