use alloc::boxed::Box;
use alloc::vec::Vec;

use super::Term;

/// A list that does not end in `[]`, such as `[alias|Ref]`.
///
/// It has at least one element, and a tail that is no list. [`Term::list`](crate::Term::list) makes one where the tail
/// is none.
#[derive(Clone, Debug)]
pub struct ImproperList<T = Term> {
    elements: Vec<T>,
    tail: Box<T>,
}

impl<T> ImproperList<T> {
    pub(crate) fn of(elements: Vec<T>, tail: T) -> ImproperList<T> {
        ImproperList { elements, tail: Box::new(tail) }
    }

    /// The elements before the tail.
    pub fn elements(&self) -> &[T] {
        &self.elements
    }

    /// The tail, which is no list.
    pub fn tail(&self) -> &T {
        &self.tail
    }

    /// The elements and the tail.
    pub fn into_parts(self) -> (Vec<T>, T) {
        (self.elements, *self.tail)
    }
}
