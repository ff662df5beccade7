use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::kept::Kept;
use super::show::shown;

/// Any value, as part of an exit reason: cheap to clone, printable, comparable. A panic in the value's own `Drop` is
/// caught; the panic hook tells of it.
///
/// ```
/// use otp::process::Term;
///
/// let term = Term::new(("disk", 17));
/// assert_eq!(term, Term::new(("disk", 17)));
/// assert_ne!(term, Term::new("disk"));
/// assert_eq!(term.downcast_ref::<(&str, i32)>(), Some(&("disk", 17)));
/// ```
#[derive(Clone)]
pub struct Term(Arc<Kept<dyn Value>>);

impl Term {
    /// Wraps a value.
    pub fn new<T: fmt::Debug + PartialEq + Send + Sync + 'static>(value: T) -> Term {
        Term::from_value(Plain(value))
    }

    /// Wraps a value that says itself what it can do.
    pub fn from_value(value: impl Value) -> Term {
        Term(Arc::new(Kept::new(Box::new(value))))
    }

    /// See [`Value::extension`].
    pub fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.extension()
    }

    /// The value, if it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Term) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.equals(&**other.0)
    }
}

/// A panic in the value's own `Debug` is caught, and said in its place: a reason can always be shown.
impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        shown(f, |f| fmt::Debug::fmt(&**self.0, f))
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The value in a [`Term`]: what a crate implements whose values can do more than be shown and compared.
///
/// ```
/// use std::any::Any;
/// use otp::process::{Term, Value};
///
/// #[derive(Debug)]
/// struct Portable(u32);
///
/// impl Value for Portable {
///     fn as_any(&self) -> &dyn Any {
///         self
///     }
///
///     fn equals(&self, other: &dyn Value) -> bool {
///         other.as_any().downcast_ref().is_some_and(|Portable(n)| *n == self.0)
///     }
///
///     fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
///         Some(&self.0)
///     }
/// }
///
/// let term = Term::from_value(Portable(7));
/// assert_eq!(term, Term::from_value(Portable(7)));
/// assert_eq!(term.extension().and_then(|wire| wire.downcast_ref::<u32>()), Some(&7));
/// assert!(Term::new(7).extension().is_none());
/// ```
pub trait Value: fmt::Debug + Send + Sync + 'static {
    /// The value, as what [`Term::downcast_ref`] looks for.
    fn as_any(&self) -> &dyn Any;

    /// Whether two values are equal, also of two types.
    fn equals(&self, other: &dyn Value) -> bool;

    /// What another crate knows to do with the value, such as writing it to a wire; it looks for a type of its own.
    /// Without one, a value goes to another node as its `Debug` text.
    fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}

/// A value that can be shown and compared, and no more.
#[derive(PartialEq)]
struct Plain<T>(T);

impl<T: fmt::Debug> fmt::Debug for Plain<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<T: fmt::Debug + PartialEq + Send + Sync + 'static> Value for Plain<T> {
    fn as_any(&self) -> &dyn Any {
        &self.0
    }

    fn equals(&self, other: &dyn Value) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|other| self.0 == *other)
    }
}
