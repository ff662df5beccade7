use std::fmt;
use std::time::Duration;

use crate::event::Event;
use crate::state_machine::StateMachine;
use crate::upgrade::UpgradeMachine;

/// An action that a machine performs after a callback has returned, in the order in which the callback lists it.
#[non_exhaustive]
pub enum Action<M: StateMachine> {
    /// Sends a reply. Replies leave before inserted events are handled.
    Reply(PendingReply),
    /// Inserts an event, which is handled before all waiting events.
    NextEvent(Event<M>),
    /// Sets, cancels or updates a timer.
    Timer(Timer<M>, Setting<M>),
    /// Frees memory that is not needed while the machine waits.
    Hibernate,
}

/// One of the timers of a machine.
#[expect(clippy::exhaustive_enums, reason = "these are the three kinds of gen_statem")]
pub enum Timer<M: StateMachine> {
    /// The state timeout: a change of the state cancels it; events do not.
    State,
    /// The event timeout: any event cancels it.
    Event,
    /// A named timeout: it runs until it fires or is cancelled.
    Named(M::Timer),
}

/// A change of a timer.
#[non_exhaustive]
pub enum Setting<M: StateMachine> {
    /// Sets the timer, in place of an earlier setting: it fires after this time, with this content. With zero time, it
    /// fires after the inserted and the postponed events, and before the next message.
    After(Duration, M::Internal),
    /// Cancels the timer.
    Cancel,
    /// Replaces the content, and keeps the time. A timer that is not running fires at once.
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
    /// The same timer of a machine that has the same names.
    pub(crate) fn retyped<New: UpgradeMachine<M>>(self) -> Timer<New> {
        match self {
            Timer::State => Timer::State,
            Timer::Event => Timer::Event,
            Timer::Named(name) => Timer::Named(name),
        }
    }

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

/// Shows the kind of the timer.
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
