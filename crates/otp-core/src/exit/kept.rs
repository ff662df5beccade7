use std::cell::RefCell;
use std::ops::Deref;

use super::contain;

/// A user value inside a reason. A panic in its drop is caught, so that a reason can be dropped anywhere. The panic
/// hook has reported the panic.
///
/// The value may be a reason, too, and so on for each call that passed a crash on: they are dropped one after the
/// other, not recursively.
pub(super) struct Kept<T: ?Sized + Send + 'static>(Option<Box<T>>);

thread_local! {
    /// The values to drop, while the calling thread drops one.
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
