use std::fmt;
use std::marker::PhantomData;

use otp_core::Label;

use super::kinds::Unique;

/// Names a registry, so that its users find it without a handle, also after a restart:
/// [`Registry::named`](super::Registry::named).
///
/// A name is a text with the types of the registry. Two names with the same text and different types are two registries.
///
/// ```
/// use otp::registry::{Duplicate, RegistryName};
///
/// const SESSIONS: RegistryName<u64, String> = RegistryName::new("sessions");
/// const TOPICS: RegistryName<String, String, u8, Duplicate> = RegistryName::new("topics");
/// assert_eq!(SESSIONS.to_string(), "sessions");
/// ```
pub struct RegistryName<K, M, V = (), T = Unique> {
    label: Label,
    types: PhantomData<Types<K, M, V, T>>,
}

type Types<K, M, V, T> = fn() -> (K, M, V, T);

impl<K, M, V, T> RegistryName<K, M, V, T> {
    /// Makes a name from a literal.
    pub const fn new(name: &'static str) -> RegistryName<K, M, V, T> {
        RegistryName { label: Label::from_static(name), types: PhantomData }
    }

    /// Makes a name at run time.
    pub fn dynamic(name: impl Into<String>) -> RegistryName<K, M, V, T> {
        RegistryName { label: Label::from(name.into()), types: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.label.as_str()
    }

    pub(super) fn label(&self) -> &Label {
        &self.label
    }
}

impl<K, M, V, T> Clone for RegistryName<K, M, V, T> {
    fn clone(&self) -> RegistryName<K, M, V, T> {
        RegistryName { label: self.label.clone(), types: PhantomData }
    }
}

impl<K, M, V, T> fmt::Display for RegistryName<K, M, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.label, f)
    }
}

impl<K, M, V, T> fmt::Debug for RegistryName<K, M, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistryName({:?})", self.label)
    }
}
