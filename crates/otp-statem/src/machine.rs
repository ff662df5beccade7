use std::collections::VecDeque;
use std::fmt;

use otp_core::{ExitReason, Process, Term, TimerRef, yield_now};
use otp_genserver::{GenServer, Incoming, Info, Next};
use otp_supervisor::{Restart, Shutdown, Supervised};

use crate::action::{Action, Setting, Timer};
use crate::context::Context;
use crate::decision::{Begin, Decision, Stay, To};
use crate::doing;
use crate::event::Event;
use crate::state_machine::StateMachine;
use crate::timers::{Fired, Timers};
use crate::upgrade::UpgradeMachine;

/// A running machine: a server that passes its messages to a [`StateMachine`] as events, and does what that decides.
///
/// [`sys`](otp_genserver::sys) reads and replaces this value, as the state of the server:
///
/// ```
/// # use otp::prelude::*;
/// # use otp::statem::{self, Event, StateMachine, Transition};
/// # struct Lamp;
/// # #[derive(Clone, Debug, PartialEq)]
/// # enum Light { Off, On }
/// # impl StateMachine for Lamp {
/// #     type Args = ();
/// #     type State = Light;
/// #     type Call = NoMessage;
/// #     type Cast = NoMessage;
/// #     type Info = NoMessage;
/// #     type Internal = NoMessage;
/// #     type Timer = NoMessage;
/// #     async fn init((): (), _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
/// #         Ok(statem::Init::ok(Lamp, Light::Off))
/// #     }
/// #     async fn handle(
/// #         &mut self, _: &mut Light, _: Event<Self>, _: &mut statem::Context<'_, Self>,
/// #     ) -> Result<Transition<Self>, ExitReason> {
/// #         Ok(Transition::keep())
/// #     }
/// # }
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// let lamp = Lamp::start(&system, ()).await.unwrap();
/// otp::sys::replace_state(&system, &lamp, |machine| machine.state = Light::On).await.unwrap();
/// assert_eq!(otp::sys::get_state(&system, &lamp, |machine| machine.state.clone()).await, Ok(Light::On));
/// # }).unwrap();
/// ```
#[non_exhaustive]
pub struct Machine<M: StateMachine> {
    /// The data, which all states share.
    pub data: M,
    /// The current state.
    pub state: M::State,
    /// The previous state, while the machine enters another one.
    left: Option<M::State>,
    /// Events that are handled before the next message: inserted ones, and postponed ones after a change of the state.
    queue: VecDeque<Event<M>>,
    /// Postponed events, oldest first.
    postponed: Vec<Event<M>>,
    timers: Timers<M>,
}

/// The actions of `init`, which the machine performs before its first message.
pub struct Opening<M: StateMachine>(Vec<Action<M>>);

impl<M: StateMachine> Machine<M> {
    pub(crate) fn new(data: M, state: M::State) -> Machine<M> {
        let (queue, postponed) = (VecDeque::new(), Vec::new());
        Machine { data, state, left: None, queue, postponed, timers: Timers::new() }
    }

    /// Takes over the events and the timers of a machine whose place it takes; returns the data and the state of that one.
    pub(crate) fn inherit<O: StateMachine>(&mut self, old: Machine<O>) -> (O, O::State)
    where
        M: UpgradeMachine<O>,
    {
        let Machine { data, state, left: _, queue, postponed, timers } = old;
        self.queue = queue.into_iter().map(Event::retyped).collect();
        self.postponed = postponed.into_iter().map(Event::retyped).collect();
        self.timers = timers.retyped();
        (data, state)
    }

    /// Handles an event, and then all events that come before the next message.
    async fn handle(
        &mut self,
        event: Event<M>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        let next = self.step(event, ctx).await?;
        self.go_on(next, ctx).await
    }

    /// Handles all events that come before the next message. `next` is the decision of the last event.
    async fn go_on(
        &mut self,
        mut next: Next<Self>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        let mut budget = Process::BUDGET;
        loop {
            if let Next::Stop(_) = next {
                return Ok(next);
            }
            let event = match self.queue.pop_front() {
                Some(event) => event,
                None => {
                    let Some(event) = self.timers.next_due() else { return Ok(next) };
                    doing::show(&event, ctx);
                    event
                }
            };
            // A machine that inserts events without end lets other processes run here, and an exit signal that it does
            // not trap ends it here. It does not come to its mailbox, so requests to stop wait.
            budget -= 1;
            if budget == 0 {
                budget = Process::BUDGET;
                yield_now().await;
            }
            ctx.set_doing(doing::handling(&event));
            next = self.step(event, ctx).await?;
        }
    }

    /// Handles one event.
    async fn step(
        &mut self,
        event: Event<M>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        self.timers.cancel(&Timer::Event);
        let decision = self.data.handle(&mut self.state, event, &mut Context::new(ctx)).await?;
        let Decision { what, actions } = decision;
        let enters = match what.to {
            To::Stop(reason) => {
                // Of the actions of a machine that stops only the replies are performed.
                drop(sort(actions, &mut Vec::new(), |_| {}));
                return Ok(Next::Stop(reason));
            }
            To::Keep => None,
            To::Repeat => Some(None),
            To::Next(state) => {
                let is_same = state == self.state;
                let old = std::mem::replace(&mut self.state, state);
                (!is_same).then_some(Some(old))
            }
        };
        self.postponed.extend(what.postponed);
        if let Some(Some(_)) = enters {
            self.timers.cancel(&Timer::State);
            self.postponed.drain(..).rev().for_each(|event| self.queue.push_front(event));
        }
        self.perform(actions, enters, ctx).await
    }

    /// Performs actions, and enters the new state if there is one: `enters` then has the state that was left, if any.
    async fn perform(
        &mut self,
        actions: Vec<Action<M>>,
        enters: Option<Option<M::State>>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        let mut settings = Vec::new();
        let (inserted, mut hibernates) = sort(actions, &mut settings, |event| doing::show(event, ctx));
        inserted.into_iter().rev().for_each(|event| self.queue.push_front(event));
        if let Some(old) = enters {
            self.left = old;
            let Decision { what: Stay(stays), actions } =
                self.data.enter(self.left.as_ref(), &mut self.state, &mut Context::new(ctx)).await?;
            self.left = None;
            let (_, also) = sort(actions, &mut settings, |_| {});
            hibernates |= also;
            if let Err(reason) = stays {
                return Ok(Next::Stop(reason));
            }
        }
        self.timers.set(settings, ctx);
        Ok(if hibernates { Next::Hibernate } else { Next::Receive })
    }
}

/// Sends the replies, and sorts the other actions: inserted events, each of which `show` is shown, settings of timers, whether
/// to hibernate.
fn sort<M: StateMachine>(
    actions: Vec<Action<M>>,
    settings: &mut Vec<(Timer<M>, Setting<M>)>,
    show: impl Fn(&Event<M>),
) -> (Vec<Event<M>>, bool) {
    let (mut inserted, mut hibernates) = (Vec::new(), false);
    for action in actions {
        match action {
            Action::Reply(reply) => reply.send(),
            Action::NextEvent(event) => {
                show(&event);
                inserted.push(event);
            }
            Action::Timer(timer, setting) => settings.push((timer, setting)),
            Action::Hibernate => hibernates = true,
        }
    }
    (inserted, hibernates)
}

impl<M: StateMachine> GenServer for Machine<M> {
    type Args = M::Args;
    type Call = M::Call;
    type Cast = M::Cast;
    type Info = M::Info;
    type Continue = Opening<M>;
    const ON_THREAD: bool = M::ON_THREAD;

    async fn init(
        args: M::Args,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<otp_genserver::Init<Self>, ExitReason> {
        let Decision { what: Begin(begin), actions } = M::init(args, &mut Context::new(ctx)).await?;
        Ok(match begin {
            Ok((data, state)) => otp_genserver::Init::Continue(Machine::new(data, state), Opening(actions)),
            Err(refused) => refused,
        })
    }

    /// Enters the first state. The start is acknowledged before, so a failure here does not fail it.
    async fn handle_continue(
        &mut self,
        Opening(actions): Opening<M>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        let next = self.perform(actions, Some(None), ctx).await?;
        self.go_on(next, ctx).await
    }

    async fn handle_call(
        &mut self,
        call: M::Call,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        self.handle(Event::Call(call), ctx).await
    }

    async fn handle_cast(
        &mut self,
        cast: M::Cast,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        self.handle(Event::Cast(cast), ctx).await
    }

    async fn handle_info(
        &mut self,
        info: Info<M::Info>,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
        let event = match info {
            Info::Timer(timer) => match self.timers.fired(timer) {
                Fired::Event(event) => event,
                Fired::Foreign(timer) => Event::Info(Info::Timer(timer)),
            },
            info => Event::Info(info),
        };
        ctx.set_doing(doing::handling(&event));
        self.handle(event, ctx).await
    }

    async fn terminate(
        &mut self,
        reason: &ExitReason,
        ctx: &mut otp_genserver::Context<Self>,
    ) -> Result<(), ExitReason> {
        if let Some(left) = self.left.take() {
            self.state = left;
        }
        self.data.terminate(reason, &mut self.state, &mut Context::new(ctx)).await
    }

    fn wants_timer(&mut self, timer: &TimerRef) -> bool {
        !self.timers.forgets(timer)
    }

    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        self.data.code_change(&mut self.state, extra)
    }

    fn format_status(&self) -> String {
        self.data.format_status(&self.state)
    }

    fn diagram() -> Option<&'static str> {
        M::diagram()
    }

    fn format_message(message: &Incoming<'_, Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        M::format_message(message, f)
    }

    fn type_label() -> &'static str {
        M::type_label()
    }
}

impl<M: StateMachine> Supervised for Machine<M> {
    const RESTART: Restart = M::RESTART;
    const SHUTDOWN: Option<Shutdown> = M::SHUTDOWN;
    const SIGNIFICANT: bool = M::SIGNIFICANT;
    const HAND_OVER: Option<u32> = M::HAND_OVER;
}

/// Shows the state, and how many events wait.
impl<M: StateMachine> fmt::Debug for Machine<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("state", &self.state)
            .field("inserted", &self.queue.len())
            .field("postponed", &self.postponed.len())
            .finish_non_exhaustive()
    }
}

impl<M: StateMachine> fmt::Debug for Opening<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Opening").field(&self.0).finish()
    }
}
