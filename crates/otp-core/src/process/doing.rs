use std::fmt;

use crate::cell::Words;

/// A word for what a process is doing, as it reports itself: behaviours set it before each callback.
///
/// It is shown by [`System::info`](crate::System::info) and in the text of a call that timed out. A behaviour has its own
/// words, as constants:
///
/// ```
/// use otp::process::Doing;
///
/// const HANDLING_EVENT: Doing = Doing::new(|| "in handle_event");
/// assert_eq!(HANDLING_EVENT.as_str(), "in handle_event");
/// ```
#[derive(Clone, Copy)]
pub struct Doing(Words);

impl Doing {
    /// It has not looked at its mailbox yet: it has not been polled, or starts.
    pub const STARTING: Doing = Doing::new(|| "starting");
    /// It waits for a message.
    pub const RECEIVING: Doing = Doing::new(|| "waiting for a message");
    /// It runs code of its own.
    pub const RUNNING: Doing = Doing::new(|| "running");
    /// Its state is being dropped.
    pub const EXITING: Doing = Doing::new(|| "exiting");

    /// Words for what a process is doing. The function returns a literal; it is a function, and not the literal, so
    /// that a process keeps it in one pointer.
    pub const fn new(words: fn() -> &'static str) -> Doing {
        Doing(words)
    }

    /// The words.
    pub fn as_str(self) -> &'static str {
        (self.0)()
    }

    #[inline]
    pub(crate) fn words(self) -> Words {
        self.0
    }
}

/// Two are equal if their words are.
impl PartialEq for Doing {
    fn eq(&self, other: &Doing) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Doing {}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Doing({})", self.as_str())
    }
}
