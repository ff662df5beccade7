use std::fmt;
use std::time::Duration;

use crate::event::Event;
use crate::state_machine::StateMachine;

/// What a machine does after a callback has returned, beside the change of its state; in the order in which the callback
/// lists it.
#[non_exhaustive]
pub enum Action<M: StateMachine> {
    /// Sends a reply. Replies leave before inserted events are handled.
    Reply(PendingReply),
    /// Inserts an event, to be handled before all that wait.
    NextEvent(Event<M>),
    /// Sets, cancels or updates a timer.
    Timer(Timer<M>, Setting<M>),
    /// Frees memory that is not needed while the machine waits.
    Hibernate,
}

/// One of the timers of a machine.
#[expect(clippy::exhaustive_enums, reason = "these are the three kinds of gen_statem")]
pub enum Timer<M: StateMachine> {
    /// Ends with the state, and survives events.
    State,
    /// Ends with any event.
    Event,
    /// Ends when it is cancelled.
    Named(M::Timer),
}

/// What becomes of a timer.
#[non_exhaustive]
pub enum Setting<M: StateMachine> {
    /// It fires after this time with this content, in place of what was set before. After no time, it fires when the
    /// inserted and the postponed events are handled, and before the mailbox.
    After(Duration, M::Internal),
    /// It does not fire.
    Cancel,
    /// It fires when it would have, with this content. If it is not running, it fires at once.
    Update(M::Internal),
}

/// A reply that is sent when the actions of a callback are performed.
pub struct PendingReply(Box<dyn FnOnce() + Send>);

impl PendingReply {
    pub(crate) fn new(send: impl FnOnce() + Send + 'static) -> PendingReply {
        PendingReply(Box::new(send))
    }

    pub(crate) fn send(self) {
        (self.0)();
    }
}

impl<M: StateMachine> PartialEq for Timer<M> {
    fn eq(&self, other: &Timer<M>) -> bool {
        match (self, other) {
            (Timer::State, Timer::State) | (Timer::Event, Timer::Event) => true,
            (Timer::Named(name), Timer::Named(other)) => name == other,
            _ => false,
        }
    }
}

impl<M: StateMachine> Timer<M> {
    /// The event of this timer.
    pub(crate) fn into_event(self, content: M::Internal) -> Event<M> {
        match self {
            Timer::State => Event::StateTimeout(content),
            Timer::Event => Event::EventTimeout(content),
            Timer::Named(name) => Event::Timeout(name, content),
        }
    }
}

/// Shows the kind of the action.
impl<M: StateMachine> fmt::Debug for Action<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Reply(_) => f.write_str("Reply"),
            Action::NextEvent(event) => write!(f, "NextEvent({event:?})"),
            Action::Timer(timer, setting) => {
                write!(f, "{timer:?}({setting:?})")
            }
            Action::Hibernate => f.write_str("Hibernate"),
        }
    }
}

/// Shows which kind of timer it is.
impl<M: StateMachine> fmt::Debug for Timer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Timer::State => "StateTimeout",
            Timer::Event => "EventTimeout",
            Timer::Named(_) => "Timeout",
        })
    }
}

impl<M: StateMachine> fmt::Debug for Setting<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::After(delay, _) => write!(f, "after {delay:?}"),
            Setting::Cancel => f.write_str("cancel"),
            Setting::Update(_) => f.write_str("update"),
        }
    }
}

impl fmt::Debug for PendingReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PendingReply")
    }
}
