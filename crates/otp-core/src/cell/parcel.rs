use std::fmt;

/// A value that is `Send`, in a type that is always `Send`: the compiler checks it when the parcel is made, and not again.
///
/// A parcel is for messages whose types come from a trait, such as a server's. In an `async` block the compiler forgets
/// that the lifetime in `G<&'static str>` is `'static`. It then cannot find the message types of `G<&str>`, and rejects a
/// future that holds a reference to such a server as not `Send`, unless the messages are in a parcel.
///
/// ```
/// use otp::behaviour::Parcel;
///
/// fn is_send<T: Send>(value: T) -> T {
///     value
/// }
///
/// // Of `T` it is only known here that it is `Send`, and elsewhere not even that.
/// fn wrap<T: Send>(value: T) -> Parcel<T> {
///     Parcel::new(value)
/// }
/// fn unwrap<T>(parcel: Parcel<T>) -> T {
///     is_send(parcel).open()
/// }
/// assert_eq!(unwrap(wrap(7)), 7);
/// ```
pub struct Parcel<T>(T);

// SAFETY: every parcel is made by `Parcel::new`, whose value is `Send`. Lifetimes in `T` may get shorter afterwards; that
// changes neither the value nor what its drop does. A parcel that is shared gives nothing to those who share it, since it
// is not `Sync` unless its value is.
unsafe impl<T> Send for Parcel<T> {}

impl<T: Send> Parcel<T> {
    /// Makes a parcel of a value.
    #[inline]
    pub fn new(value: T) -> Parcel<T> {
        Parcel(value)
    }
}

impl<T> Parcel<T> {
    /// Returns the value.
    #[inline]
    pub fn open(self) -> T {
        self.0
    }

    /// Borrows the value.
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
