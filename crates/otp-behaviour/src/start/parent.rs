use otp_core::behaviour::Mode;
use otp_core::{Exit, MessageRef, Pid};

/// The parent of a behaviour: who may tell it to end. When the exit of its parent arrives, a behaviour cleans up and ends
/// with the same reason, whatever that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parent(pub(super) Option<Pid>);

impl Parent {
    /// The parent's pid: of the process that started the behaviour with a link or a monitor, or [`Pid::SYSTEM`] for one
    /// that was started from outside any process; `None` if it was started by a process that is not tied to it.
    pub fn pid(self) -> Option<Pid> {
        self.0
    }

    /// Whether this is the exit of the parent.
    pub fn sent(self, exit: &Exit) -> bool {
        self.0 == Some(exit.from)
    }

    /// Whether a behaviour that runs in this mode receives a message now: what it tells
    /// [`Receive::poll`](otp_core::behaviour::Receive::poll). While it is suspended, all wait but the exit of its parent;
    /// requests to stop, and system requests, are not asked about.
    #[inline]
    pub fn admits<M>(self, mode: Mode, message: &MessageRef<'_, M>) -> bool {
        match message {
            _ if mode == Mode::Running => true,
            MessageRef::Exit(exit) => self.sent(exit),
            _ => false,
        }
    }
}
