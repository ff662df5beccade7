use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::kept::Kept;
use super::show::shown;

/// Holds any value as part of an exit reason: cheap to clone, printable, comparable. A panic in the value's `Drop` is
/// caught; the panic hook reports it.
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

    /// Wraps a value with its own [`Value`] implementation.
    pub fn from_value(value: impl Value) -> Term {
        Term(Arc::new(Kept::new(Box::new(value))))
    }

    /// Returns the extension of the value; see [`Value::extension`].
    pub fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        self.0.extension()
    }

    /// Returns the value, if it is a `T`.
    pub fn downcast_ref<T: 'static>(&self) -> Option<&T> {
        self.0.as_any().downcast_ref()
    }
}

impl PartialEq for Term {
    fn eq(&self, other: &Term) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.equals(&**other.0)
    }
}

/// Formats the value. A panic in its `Debug` is caught and mentioned in the text: a reason can always be formatted.
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

/// Implemented by values in a [`Term`] that can do more than be formatted and compared.
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
    /// The value, for [`Term::downcast_ref`].
    fn as_any(&self) -> &dyn Any;

    /// Whether two values are equal, possibly of different types.
    fn equals(&self, other: &dyn Value) -> bool;

    /// An extension for another crate, such as one that encodes the value for a wire; that crate downcasts it to a type
    /// of its own. Without an extension, a value is sent to another node as its `Debug` text.
    fn extension(&self) -> Option<&(dyn Any + Send + Sync)> {
        None
    }
}

/// A value that can only be formatted and compared.
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
