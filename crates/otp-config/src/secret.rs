use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

/// The name by which the description of a configuration knows a secret.
pub(crate) const SECRET: &str = "otp_config::Secret";

/// Why an option is refused.
pub(crate) const ON_THE_COMMAND_LINE: &str = "a secret is not given on the command line, which others can read";

/// A value that nobody shall see: a password, a token. Its `Debug` shows none of it, no error of the configuration does,
/// and it has no option on the command line, which other users of the machine can read. Beneath `#[serde(flatten)]`, in an
/// untagged enum, and in one with a tag inside, no option is known to be a secret: it is taken.
///
/// It has no `Serialize`, so that it is written nowhere by chance: a struct with a secret whose
/// [defaults](crate::Config::defaults) are given needs `#[serde(skip_serializing)]` at this field.
///
/// ```
/// use otp::config::Secret;
///
/// let token = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{token:?}"), "Secret(…)");
/// assert_eq!(token.expose(), "hunter2");
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Makes a secret of a value.
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The value, for whoever needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }

    /// The value, of which nobody else then keeps a copy.
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret<T>, D::Error> {
        struct Inner<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Inner<T> {
            type Value = Secret<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Secret<T>, D::Error> {
                // An error may quote the value.
                let told = |_| D::Error::custom("invalid value, which is a secret and not shown");
                T::deserialize(deserializer).map(Secret).map_err(told)
            }
        }

        deserializer.deserialize_newtype_struct(SECRET, Inner(PhantomData))
    }
}
