use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::show::shown;

/// Any value, as part of an exit reason: cheap to clone, printable, comparable.
///
/// ```
/// use otp_core::Term;
///
/// let term = Term::new(("disk", 17));
/// assert_eq!(term, Term::new(("disk", 17)));
/// assert_ne!(term, Term::new("disk"));
/// assert_eq!(term.downcast_ref::<(&str, i32)>(), Some(&("disk", 17)));
/// ```
#[derive(Clone)]
pub struct Term(Arc<dyn Value>);

impl Term {
    /// Wraps a value.
    pub fn new<T: fmt::Debug + PartialEq + Send + Sync + 'static>(value: T) -> Term {
        Term(Arc::new(value))
    }

    /// The value, if it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Term) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.equals(other.0.as_any())
    }
}

/// A panic in the value's own `Debug` is caught, and said in its place: a reason can always be shown.
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown(f, |f| fmt::Debug::fmt(&self.0, f))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

trait Value: fmt::Debug + Send + Sync {
    fn as_any(&self) -> &dyn Any;
    fn equals(&self, other: &dyn Any) -> bool;
}

impl<T: fmt::Debug + PartialEq + Send + Sync + 'static> Value for T {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Any) -> bool {
        other.downcast_ref::<T>().is_some_and(|other| self == other)
    }
}
