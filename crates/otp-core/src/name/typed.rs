use std::fmt;
use std::marker::PhantomData;

use crate::label::Label;
use crate::process::Target;

/// Names a process that receives `M`, so that it can be found across restarts.
///
/// A name is only a text with a type. [`System::whereis`](crate::System::whereis) finds the current holder. Names are
/// registered in one [`System`](crate::System). As in OTP, a process has at most one name.
///
/// ```
/// use otp::Name;
///
/// const LOGGER: Name<String> = Name::new("logger");
/// assert_eq!(LOGGER.as_str(), "logger");
/// ```
pub struct Name<M> {
    label: Label,
    message: PhantomData<fn(M)>,
}

impl<M> Name<M> {
    /// Makes a name from a literal.
    pub const fn new(name: &'static str) -> Name<M> {
        Name { label: Label::from_static(name), message: PhantomData }
    }

    /// Makes a name at run time.
    #[inline]
    pub fn dynamic(name: impl AsRef<str>) -> Name<M> {
        Name { label: Label::dynamic(name.as_ref()), message: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.label.as_str()
    }

    pub(crate) fn label(&self) -> &Label {
        &self.label
    }
}

impl<M> Clone for Name<M> {
    fn clone(&self) -> Name<M> {
        Name { label: self.label.clone(), message: PhantomData }
    }
}

impl<M> From<&Name<M>> for Target {
    fn from(name: &Name<M>) -> Target {
        Target::Name(name.label.clone())
    }
}

impl<M> From<Name<M>> for Label {
    fn from(name: Name<M>) -> Label {
        name.label
    }
}

impl<M> fmt::Display for Name<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.label, f)
    }
}

impl<M> fmt::Debug for Name<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({:?})", self.label)
    }
}
