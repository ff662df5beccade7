use alloc::string::String;
use core::borrow::Borrow;
use core::fmt;
use core::ops::Deref;
use core::str::FromStr;

use smol_str::SmolStr;

/// Erlang's limit, in characters.
pub(crate) const MAX_CHARS: usize = 255;

/// An atom: a name that stands for itself, such as `ok`.
///
/// At most 255 characters, any text. Cloning it copies no text and short ones are held in place, so there is no table
/// of atoms that a peer could fill. Atoms are ordered by their characters.
///
/// With serde it is an atom to this crate's codec, and a text to others.
///
/// ```
/// use otp::etf::Atom;
///
/// assert_eq!(Atom::new("ok").unwrap(), Atom::from_static("ok"));
/// assert_eq!(Atom::from_static("hello world").to_string(), "'hello world'", "the text form quotes where Erlang does");
/// assert!(Atom::new("x".repeat(256)).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Atom(SmolStr);

impl Atom {
    /// The atom of this text.
    ///
    /// # Errors
    ///
    /// [`AtomTooLong`] for a text of more than 255 characters.
    pub fn new(text: impl AsRef<str>) -> Result<Atom, AtomTooLong> {
        let text = text.as_ref();
        if is_too_long(text) {
            return Err(AtomTooLong { text: text.into() });
        }
        Ok(Atom(SmolStr::new(text)))
    }

    /// The atom of a text that is known when the program is compiled.
    ///
    /// # Panics
    ///
    /// If the text has more than 255 bytes.
    pub const fn from_static(text: &'static str) -> Atom {
        assert!(text.len() <= MAX_CHARS, "an atom has at most 255 characters");
        Atom(SmolStr::new_static(text))
    }

    /// An atom of a text that has been measured.
    pub(crate) fn measured(text: &str) -> Atom {
        Atom(SmolStr::new(text))
    }

    /// The text of the atom.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a text is too long for an atom. The bytes decide where they can.
pub(crate) fn is_too_long(text: &str) -> bool {
    text.len() > MAX_CHARS && (text.len() > 4 * MAX_CHARS || text.chars().count() > MAX_CHARS)
}

/// The text has more than 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an atom of {} characters, where 255 are the limit", text.chars().count())]
#[non_exhaustive]
pub struct AtomTooLong {
    /// The text.
    pub text: String,
}

impl Deref for Atom {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Atom {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Atom {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Atom {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Atom {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl FromStr for Atom {
    type Err = AtomTooLong;

    fn from_str(text: &str) -> Result<Atom, AtomTooLong> {
        Atom::new(text)
    }
}

impl From<bool> for Atom {
    fn from(value: bool) -> Atom {
        Atom::from_static(if value { "true" } else { "false" })
    }
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::text::write_atom(f, self)
    }
}

impl fmt::Debug for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
