use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use otp_core::{ExitReason, ReplyTo};

use crate::action::{Action, PendingReply, Setting, Timer};
use crate::event::Event;
use crate::state_machine::StateMachine;
use crate::table::{AnyState, GoesTo};

/// The result of a callback: a decision of the type `D`, and [actions](Action) in their order. A callback that handles
/// an event returns a [`Transition`], one that enters a state an [`Entered`], and `init` an [`Init`].
#[must_use = "the machine does what its callback returns"]
pub struct Decision<M: StateMachine, D> {
    pub(crate) what: D,
    pub(crate) actions: Vec<Action<M>>,
}

/// The decision of [`StateMachine::handle`]: the next state, and actions.
///
/// The actions are performed after the callback has returned, in this order: replies; the state changes; the machine
/// [enters](StateMachine::enter) its new state; timers are set. Then the machine handles inserted events, postponed
/// events if the state has changed, timeouts of zero time, and messages.
///
/// `S` is the state in which the event is handled, if the states have a [table](crate::GoesTo) of transitions:
/// a `Transition<M, Locked>` goes where `Locked` may go, and any other use does not compile. A `Transition<M>` goes
/// anywhere.
pub type Transition<M, S = AnyState> = Decision<M, Change<M, S>>;

/// The decision of [`StateMachine::enter`]. It cannot change the state, postpone an event or insert one.
pub type Entered<M> = Decision<M, Stay>;

/// The decision of [`StateMachine::init`].
pub type Init<M> = Decision<M, Begin<M>>;

/// The change of the state; see [`Transition`].
pub struct Change<M: StateMachine, S = AnyState> {
    pub(crate) to: To<M::State>,
    pub(crate) postponed: Option<Event<M>>,
    from: PhantomData<fn() -> S>,
}

pub(crate) enum To<S> {
    Keep,
    Next(S),
    Repeat,
    Stop(ExitReason),
}

/// Whether the machine continues in the state that it enters; see [`Entered`].
pub struct Stay(pub(crate) Result<(), ExitReason>);

/// Whether the machine starts; see [`Init`].
pub struct Begin<M: StateMachine>(pub(crate) Result<(M, M::State), otp_genserver::Init<crate::Machine<M>>>);

impl<M: StateMachine, S> Transition<M, S> {
    fn to(to: To<M::State>) -> Transition<M, S> {
        Decision { what: Change { to, postponed: None, from: PhantomData }, actions: Vec::new() }
    }

    /// Stays in the state, and does not enter it again; OTP's `keep_state`.
    pub fn keep() -> Transition<M, S> {
        Transition::to(To::Keep)
    }

    /// Changes to another state: the state timeout is cancelled, the machine [enters](StateMachine::enter) the state,
    /// and handles its postponed events. If the state equals the present one, the machine stays in it, as with
    /// [`keep`](Transition::keep). OTP's `next_state`.
    pub fn next<T>(state: T) -> Transition<M, S>
    where
        S: GoesTo<T>,
        T: Into<M::State>,
    {
        Transition::to(To::Next(state.into()))
    }

    /// Stays in the state, and enters it again; OTP's `repeat_state`. Postponed events stay postponed, and the state
    /// timeout runs on.
    pub fn repeat() -> Transition<M, S> {
        Transition::to(To::Repeat)
    }

    /// Stops the machine: the listed replies are sent, [`terminate`](StateMachine::terminate) runs, and the process
    /// ends with the reason. Calls without a reply fail with that reason. OTP's `stop` and `stop_and_reply`.
    pub fn stop(reason: ExitReason) -> Transition<M, S> {
        Transition::to(To::Stop(reason))
    }

    /// Stays in the state, and postpones the event: it is handled again when the state has changed, in order of arrival
    /// and before newer events; OTP's `postpone`.
    pub fn postpone(event: Event<M>) -> Transition<M, S> {
        Transition::keep().and_postpone(event)
    }

    /// Postpones the event like [`postpone`](Transition::postpone), beside another change: if the state changes, the
    /// event is handled in the new state.
    pub fn and_postpone(mut self, event: Event<M>) -> Transition<M, S> {
        self.what.postponed = Some(event);
        self
    }

    /// Inserts an event: it is handled before all waiting events, but after those that this callback inserted before
    /// it; OTP's `next_event`. An event of any kind can be inserted, also the one that is being handled. Inserting the
    /// event of a timeout does nothing to the timer.
    pub fn next_event(mut self, event: Event<M>) -> Transition<M, S> {
        self.actions.push(Action::NextEvent(event));
        self
    }

    /// Inserts an internal event; see [`next_event`](Transition::next_event).
    pub fn internal(self, event: M::Internal) -> Transition<M, S> {
        self.next_event(Event::Internal(event))
    }

    /// Forgets in which state the event is handled: what a handler of one state decides, as the decision of the
    /// machine.
    pub fn into_any(self) -> Transition<M> {
        let Decision { what: Change { to, postponed, .. }, actions } = self;
        Decision { what: Change { to, postponed, from: PhantomData }, actions }
    }

    /// The state that this transition changes to; `None` if the machine keeps the state, enters it again, or stops.
    pub fn next_state(&self) -> Option<&M::State> {
        match &self.what.to {
            To::Next(state) => Some(state),
            _ => None,
        }
    }

    /// The event that this transition postpones.
    pub fn postponed(&self) -> Option<&Event<M>> {
        self.what.postponed.as_ref()
    }

    /// The reason with which this transition stops the machine.
    pub fn stops_with(&self) -> Option<&ExitReason> {
        match &self.what.to {
            To::Stop(reason) => Some(reason),
            _ => None,
        }
    }
}

impl<M: StateMachine> Entered<M> {
    /// Continues in the new state.
    pub fn ok() -> Entered<M> {
        Decision { what: Stay(Ok(())), actions: Vec::new() }
    }

    /// Stops the machine, like [`Transition::stop`].
    pub fn stop(reason: ExitReason) -> Entered<M> {
        Decision { what: Stay(Err(reason)), actions: Vec::new() }
    }
}

impl<M: StateMachine> Init<M> {
    /// Starts the machine with this data, in this state.
    pub fn ok(data: M, state: impl Into<M::State>) -> Init<M> {
        Init::begin(Ok((data, state.into())))
    }

    /// Does not start the machine, without an error; see [`otp_genserver::Init::Ignore`].
    pub fn ignore() -> Init<M> {
        Init::begin(Err(otp_genserver::Init::Ignore))
    }

    /// Does not start the machine: the process ends with the reason, and the start returns it.
    pub fn stop(reason: ExitReason) -> Init<M> {
        Init::begin(Err(otp_genserver::Init::Stop(reason)))
    }

    /// Does not start the machine: the start returns the reason, but the process ends with `Normal`.
    pub fn error(reason: ExitReason) -> Init<M> {
        Init::begin(Err(otp_genserver::Init::Error(reason)))
    }

    /// Inserts an event, which is handled before the first message; see [`Transition::next_event`].
    pub fn next_event(mut self, event: Event<M>) -> Init<M> {
        self.actions.push(Action::NextEvent(event));
        self
    }

    /// The data and the first state, if the machine starts. For tests of `init` without a process.
    pub fn into_started(self) -> Option<(M, M::State)> {
        self.what.0.ok()
    }

    fn begin(begin: Result<(M, M::State), otp_genserver::Init<crate::Machine<M>>>) -> Init<M> {
        Decision { what: Begin(begin), actions: Vec::new() }
    }
}

/// The actions that every callback can list.
impl<M: StateMachine, D> Decision<M, D> {
    /// The actions, in their order.
    pub fn actions(&self) -> &[Action<M>] {
        &self.actions
    }

    /// Sends the listed replies, as the machine does when the callback has returned. For tests of a callback without a
    /// process: [`ReplyTo::with`] makes a token that shows what it is answered with.
    pub fn send_replies(&mut self) {
        for action in std::mem::take(&mut self.actions) {
            match action {
                Action::Reply(reply) => reply.send(),
                other => self.actions.push(other),
            }
        }
    }

    /// Answers a call, this event or an earlier one, when the callback has returned. [`ReplyTo::reply`] answers at
    /// once.
    pub fn reply<R: Send + 'static>(self, from: ReplyTo<R>, value: R) -> Self {
        self.action(Action::Reply(PendingReply::new(move || from.reply(value))))
    }

    /// Sets the state timeout: the machine gets `content` as [`Event::StateTimeout`] if it is still in the state then.
    /// A callback that changes the state sets the timeout of the new state.
    pub fn state_timeout(self, after: Duration, content: M::Internal) -> Self {
        self.timer(Timer::State, Setting::After(after, content))
    }

    /// Sets the event timeout: the machine gets `content` as [`Event::EventTimeout`] if it handles no event of any kind
    /// before.
    pub fn event_timeout(self, after: Duration, content: M::Internal) -> Self {
        self.timer(Timer::Event, Setting::After(after, content))
    }

    /// Sets a named timeout: the machine gets `content` as [`Event::Timeout`], whatever it does until then. It replaces
    /// a timeout of the same name.
    pub fn timeout(self, name: M::Timer, after: Duration, content: M::Internal) -> Self {
        self.timer(Timer::Named(name), Setting::After(after, content))
    }

    /// Cancels a timer: its event does not come any more, even if its time is over already.
    pub fn cancel(self, timer: Timer<M>) -> Self {
        self.timer(timer, Setting::Cancel)
    }

    /// Replaces the content of a timer, and keeps its time. A timer that is not running fires at once.
    pub fn update(self, timer: Timer<M>, content: M::Internal) -> Self {
        self.timer(timer, Setting::Update(content))
    }

    /// Sets, cancels or updates a timer.
    pub fn timer(self, timer: Timer<M>, setting: Setting<M>) -> Self {
        self.action(Action::Timer(timer, setting))
    }

    /// Frees memory that is not needed while the machine waits.
    pub fn hibernate(self) -> Self {
        self.action(Action::Hibernate)
    }

    fn action(mut self, action: Action<M>) -> Self {
        self.actions.push(action);
        self
    }
}

impl<M: StateMachine, S> fmt::Debug for Change<M, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.to {
            To::Keep => f.write_str("keep"),
            To::Next(state) => write!(f, "next {state:?}"),
            To::Repeat => f.write_str("repeat"),
            To::Stop(reason) => write!(f, "stop {reason:?}"),
        }?;
        match &self.postponed {
            Some(event) => write!(f, ", postpone {event:?}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok(()) => f.write_str("ok"),
            Err(reason) => write!(f, "stop {reason:?}"),
        }
    }
}

impl<M: StateMachine> fmt::Debug for Begin<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Ok((_, state)) => write!(f, "start in {state:?}"),
            Err(_) => f.write_str("do not start"),
        }
    }
}

impl<M: StateMachine, D: fmt::Debug> fmt::Debug for Decision<M, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Decision({:?}, {:?})", self.what, self.actions)
    }
}
