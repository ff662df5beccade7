use std::fmt;

use crate::cell::Words;

/// Describes what a process is doing, for introspection. Behaviours set it before each callback.
///
/// [`System::info`](crate::System::info) and the text of a call that timed out show it. A behaviour defines its texts
/// as constants:
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
    /// The process has not looked at its mailbox yet: it has not been polled, or is starting.
    pub const STARTING: Doing = Doing::new(|| "starting");
    /// The process waits for a message.
    pub const RECEIVING: Doing = Doing::new(|| "waiting for a message");
    /// The process runs its own code.
    pub const RUNNING: Doing = Doing::new(|| "running");
    /// The state of the process is being dropped.
    pub const EXITING: Doing = Doing::new(|| "exiting");

    /// Makes a description. The function returns a literal; with a function instead of the literal, a process stores it
    /// in one pointer.
    pub const fn new(words: fn() -> &'static str) -> Doing {
        Doing(words)
    }

    /// Returns the text.
    pub fn as_str(self) -> &'static str {
        (self.0)()
    }

    #[inline]
    pub(crate) fn words(self) -> Words {
        self.0
    }
}

/// Two values are equal if their texts are.
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
