use std::fmt;

use super::contain;

/// Formats a user value. A panic in its code is caught and mentioned in the text.
pub(super) fn shown(
    f: &mut fmt::Formatter<'_>,
    show: impl FnOnce(&mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    match contain(|| show(f)) {
        Ok(written) => written,
        Err(crash) => write!(f, "(showing it panicked: {})", crash.message()),
    }
}

/// Formats a user value to a new string; see [`shown`].
pub(super) fn text_of(value: &dyn fmt::Display) -> String {
    struct Shown<'a>(&'a dyn fmt::Display);
    impl fmt::Display for Shown<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            shown(f, |f| self.0.fmt(f))
        }
    }
    Shown(value).to_string()
}
