use std::fmt;

/// A value that can be sent to another thread: that was shown when it was put in, and is not asked again.
///
/// It is for messages whose types come from a trait. Of `G<&'static str>` in an `async` block the compiler forgets that
/// the lifetime is `'static`. It can then not find the message type of the server, and takes the block not to be
/// `Send`. In a parcel the message is not looked for.
pub struct Parcel<T>(T);

// SAFETY: every parcel is made by `Parcel::new`, whose value is `Send`. Lifetimes in `T` may get shorter afterwards; that
// changes neither the value nor what its drop does. A parcel that is shared gives nothing to those who share it, since it
// is not `Sync` unless its value is.
unsafe impl<T> Send for Parcel<T> {}

impl<T: Send> Parcel<T> {
    /// Packs a value.
    #[inline]
    pub fn new(value: T) -> Parcel<T> {
        Parcel(value)
    }
}

impl<T> Parcel<T> {
    /// Takes the value out.
    #[inline]
    pub fn open(self) -> T {
        self.0
    }

    /// The value, as it lies there.
    #[inline]
    pub fn peek(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Parcel<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Parcel")
    }
}
