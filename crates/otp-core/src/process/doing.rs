use std::fmt;

/// What a process is doing, as it reports itself: behaviours set it before each callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Doing {
    /// It has not looked at its mailbox yet: it has not been polled, or runs `init`.
    Starting,
    /// It waits for a message.
    Receiving,
    /// It runs code of its own.
    Running,
    /// It handles a call.
    HandlingCall,
    /// It handles a cast.
    HandlingCast,
    /// It handles any other message, or a timeout.
    HandlingInfo,
    /// It runs `handle_continue`.
    Continuing,
    /// It runs `terminate`.
    Terminating,
    /// Its state is being dropped.
    Exiting,
}

impl Doing {
    pub(crate) fn from_u8(value: u8) -> Doing {
        const ALL: [Doing; 9] = [
            Doing::Starting,
            Doing::Receiving,
            Doing::Running,
            Doing::HandlingCall,
            Doing::HandlingCast,
            Doing::HandlingInfo,
            Doing::Continuing,
            Doing::Terminating,
            Doing::Exiting,
        ];
        ALL[usize::from(value)]
    }
}

impl Doing {
    /// In words.
    pub fn as_str(self) -> &'static str {
        match self {
            Doing::Starting => "starting",
            Doing::Receiving => "waiting for a message",
            Doing::Running => "running",
            Doing::HandlingCall => "handling a call",
            Doing::HandlingCast => "handling a cast",
            Doing::HandlingInfo => "handling a message",
            Doing::Continuing => "in handle_continue",
            Doing::Terminating => "in terminate",
            Doing::Exiting => "exiting",
        }
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
