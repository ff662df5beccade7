use std::fmt;

use otp_genserver::Info;

use crate::state_machine::StateMachine;

/// An event, the argument of [`StateMachine::handle`].
///
/// An event is owned by the callback that handles it. A callback that does not handle it now gives it back, with
/// [`Transition::postpone`](crate::Transition::postpone).
#[non_exhaustive]
pub enum Event<M: StateMachine> {
    /// A call, to be answered through the token that it carries.
    Call(M::Call),
    /// A cast.
    Cast(M::Cast),
    /// Any other message: one of the type [`StateMachine::Info`], an exit signal while the machine traps exits, or the
    /// end of a monitored process.
    Info(Info<M::Info>),
    /// An event that the machine has [inserted](crate::Transition::next_event) itself.
    Internal(M::Internal),
    /// The state timeout: the machine has been in its state for the time that was set.
    StateTimeout(M::Internal),
    /// The event timeout: no event has been handled for the time that was set.
    EventTimeout(M::Internal),
    /// A named timeout.
    Timeout(M::Timer, M::Internal),
}

impl<M: StateMachine> Event<M> {
    /// The kind of the event, in one or two words.
    pub fn kind(&self) -> &'static str {
        match self {
            Event::Call(_) => "call",
            Event::Cast(_) => "cast",
            Event::Info(_) => "info",
            Event::Internal(_) => "internal event",
            Event::StateTimeout(_) => "state timeout",
            Event::EventTimeout(_) => "event timeout",
            Event::Timeout(..) => "named timeout",
        }
    }
}

/// Shows the kind: the content need not be `Debug`.
impl<M: StateMachine> fmt::Debug for Event<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Event({})", self.kind())
    }
}
