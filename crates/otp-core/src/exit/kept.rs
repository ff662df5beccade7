use std::ops::Deref;

use super::contain;

/// A value of a user's, whose own drop may panic: that is caught, so that a reason can be dropped anywhere. The panic
/// hook has told of it.
pub(super) struct Kept<T: ?Sized>(Option<Box<T>>);

impl<T: ?Sized> Kept<T> {
    pub(super) fn new(value: Box<T>) -> Kept<T> {
        Kept(Some(value))
    }
}

impl<T: ?Sized> Deref for Kept<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_deref().expect("it is only taken out to be dropped")
    }
}

impl<T: ?Sized> Drop for Kept<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        drop(contain(|| drop(value)));
    }
}
