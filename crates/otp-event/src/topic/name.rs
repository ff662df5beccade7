use std::fmt;
use std::marker::PhantomData;

use otp_core::Label;

/// Names a topic with values of type `T`, so that [`Topic::named`](super::Topic::named) finds it in a system. Topics of
/// different types may have the same name.
///
/// ```
/// use otp::topic::TopicName;
///
/// const PRICES: TopicName<u32> = TopicName::new("prices").retaining();
/// assert_eq!(PRICES.to_string(), "prices");
/// ```
pub struct TopicName<T> {
    pub(super) label: Label,
    pub(super) retains: bool,
    value: PhantomData<fn(T)>,
}

impl<T> TopicName<T> {
    /// Makes a name from a literal.
    pub const fn new(name: &'static str) -> TopicName<T> {
        TopicName { label: Label::from_static(name), retains: false, value: PhantomData }
    }

    /// Makes a name at run time.
    pub fn dynamic(name: impl Into<Label>) -> TopicName<T> {
        TopicName { label: name.into(), retains: false, value: PhantomData }
    }

    /// The topic keeps its last value: a new subscriber gets it first. This is decided where the topic is first asked for.
    pub const fn retaining(mut self) -> TopicName<T> {
        self.retains = true;
        self
    }
}

impl<T> Clone for TopicName<T> {
    fn clone(&self) -> TopicName<T> {
        TopicName { label: self.label.clone(), retains: self.retains, value: PhantomData }
    }
}

impl<T> fmt::Display for TopicName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.label, f)
    }
}

impl<T> fmt::Debug for TopicName<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TopicName({:?})", self.label)
    }
}
