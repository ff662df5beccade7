//! A text as a list of characters: `#[serde(with = "otp::etf::charlist")]`.
//!
//! This is what a string literal of Erlang is, and what many functions of OTP want: file names, host names. Without it a
//! text is a binary, as in Elixir. What is read may be either.
//!
//! ```
//! use otp::etf::to_term;
//!
//! #[derive(serde::Serialize)]
//! struct Open {
//!     #[serde(with = "otp::etf::charlist")]
//!     path: String,
//! }
//!
//! assert_eq!(to_term(&Open { path: "/tmp".into() }).unwrap().to_string(), r#"#{path => "/tmp"}"#);
//! ```

use alloc::string::String;

use ::serde::de::{Deserialize, Deserializer};
use ::serde::ser::Serializer;

/// Writes a text as a list of the code points of its characters.
///
/// # Errors
///
/// What the serializer says.
pub fn serialize<S: Serializer>(text: &(impl AsRef<str> + ?Sized), serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(text.as_ref().chars().map(u32::from))
}

/// Reads a text from a list of code points, or from a binary.
///
/// # Errors
///
/// What the deserializer says.
pub fn deserialize<'de, D: Deserializer<'de>, T: From<String>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer).map(T::from)
}
