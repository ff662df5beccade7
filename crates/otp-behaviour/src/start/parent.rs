use otp_core::behaviour::Mode;
use otp_core::{Exit, MessageRef, Pid};

/// Identifies the parent of a behaviour, whose exit ends the behaviour: when it arrives, the behaviour cleans up and
/// ends with the same reason, whatever that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent(pub(super) Option<Pid>);

impl Parent {
    /// Returns the parent's pid: of the process that started the behaviour with a link or a monitor, or [`Pid::SYSTEM`]
    /// if it was started from outside any process; `None` if it was started by a process without a tie to it.
    pub fn pid(self) -> Option<Pid> {
        self.0
    }

    /// Returns whether this is the exit of the parent.
    pub fn sent(self, exit: &Exit) -> bool {
        self.0 == Some(exit.from)
    }

    /// Returns whether a behaviour in this mode receives a message now, for
    /// [`Receive::poll`](otp_core::behaviour::Receive::poll). While it is suspended, all messages wait except the exit
    /// of its parent. Requests to stop and system requests are always received, and not passed to this method.
    #[inline]
    pub fn admits<M>(self, mode: Mode, message: &MessageRef<'_, M>) -> bool {
        match message {
            _ if mode == Mode::Running => true,
            MessageRef::Exit(exit) => self.sent(exit),
            _ => false,
        }
    }
}
