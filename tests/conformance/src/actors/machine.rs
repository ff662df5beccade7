use std::collections::HashMap;
use std::sync::Arc;

use otp::gen_server::Info;
use otp::process::Term;
use otp::statem::{Context, Decision, Entered, Event, Init, Machine, Setting, StateMachine, Timer, Transition};
use otp::{ExitReason, ReplyTo};
use serde_json::{Value, json};

use super::process::{Planned, as_caller, as_process, begin, change, end};
use super::worker::{Note, crash};
use crate::language::{
    CodeChange, Deciding, EventKind, MachineSpec, Op, Ops, Replacing, TimerKind, TimerSetting, unnamed,
};
use crate::trace::Shape;
use crate::world::{Actor, Happening, Incarnation, World};

/// A state machine whose behaviour is data.
pub(crate) struct Runner {
    world: Arc<World>,
    me: Incarnation,
    spec: Arc<MachineSpec>,
    value: Value,
    /// Callers that are kept for later, by key. One that has been answered leaves its key.
    deferred: HashMap<String, Option<ReplyTo<Shape>>>,
    /// Callers that will never be answered. Their tokens are kept, or they would hear of it.
    unanswered: Vec<ReplyTo<Shape>>,
}

/// What a machine is started with.
pub(crate) struct MachineArgs {
    pub(crate) world: Arc<World>,
    pub(crate) me: Incarnation,
    pub(crate) spec: Arc<MachineSpec>,
}

/// A call of a machine; without its caller, if that was answered and the event is handled again.
pub(crate) struct MachineCall {
    pub(crate) ops: Ops,
    pub(crate) from: Option<ReplyTo<Shape>>,
}

/// What the instructions of one callback add up to.
#[derive(Default)]
struct Decided {
    next: Option<To>,
    stop: Option<ExitReason>,
    postpones: bool,
    /// The caller gets no reply at the end of this callback.
    silent: bool,
    actions: Vec<Doing>,
}

enum To {
    State(String),
    Repeat,
}

/// An action, until it is known which callback lists it.
enum Doing {
    Reply(ReplyTo<Shape>, Shape),
    Insert(Event<Runner>),
    Timer(Timer<Runner>, Setting<Runner>),
    Hibernate,
}

impl Runner {
    /// State and value, for `sys`.
    pub(crate) fn look(machine: &Machine<Runner>) -> Value {
        json!({ "state": machine.state, "value": machine.data.value })
    }

    /// Puts others in their place.
    pub(crate) fn replace(machine: &mut Machine<Runner>, by: Replacing) -> Value {
        by.crash.as_deref().map(crash);
        machine.state = by.state.unwrap_or_else(|| machine.state.clone());
        machine.data.value = by.value.unwrap_or_else(|| machine.data.value.clone());
        Runner::look(machine)
    }

    /// Runs instructions, in a callback that may have a caller.
    async fn run(
        &mut self,
        ops: &[Op],
        from: &mut Option<ReplyTo<Shape>>,
        ctx: &mut Context<'_, Runner>,
    ) -> Result<Decided, ExitReason> {
        let mut decided = Decided::default();
        for op in ops {
            self.one(op, from, &mut decided, ctx).await?;
        }
        Ok(decided)
    }

    async fn one(
        &mut self,
        op: &Op,
        from: &mut Option<ReplyTo<Shape>>,
        decided: &mut Decided,
        ctx: &mut Context<'_, Runner>,
    ) -> Result<(), ExitReason> {
        let mut reply = |value| decided.actions.extend(from.take().map(|from| Doing::Reply(from, value)));
        match op {
            Op::Reply(value) => reply(Shape::Json(value.clone())),
            Op::Get => reply(Shape::Json(self.value.clone())),
            Op::Call { .. } => reply(as_caller(op, &self.world, ctx).await?),
            Op::Set(_) | Op::Add(_) | Op::Push(_) => change(&mut self.value, op),
            Op::NoReply => decided.silent = true,
            Op::Defer(key) => self.unanswered.extend(self.deferred.insert(key.clone(), from.take()).flatten()),
            Op::ReplyTo { key, value } => {
                let kept = self.deferred.get_mut(key).and_then(Option::take);
                decided.actions.extend(kept.map(|kept| Doing::Reply(kept, Shape::Json(value.clone()))));
            }
            Op::ReplyNow(value) => {
                if let Some(from) = from.take() {
                    from.reply(Shape::Json(value.clone()));
                }
            }
            Op::Stop(reason) => decided.stop = Some(reason.clone()),
            Op::Timeout(after) => {
                decided.actions.push(Doing::Timer(Timer::Event, Setting::After(*after, unnamed())));
            }
            Op::Hibernate => decided.actions.push(Doing::Hibernate),
            Op::SendSelf(ops) => ctx.server().info(Note::Ops(ops.clone())),
            Op::CastSelf(ops) => ctx.server().cast(ops.clone()),
            Op::SendAfter { delay, ops } => drop(ctx.send_after(*delay, Note::Ops(ops.clone()))),
            Op::Machine(deciding) => decide(deciding, from, decided),
            Op::Continue(_) | Op::Event(_) => crash("a machine has no such instruction"),
            _ => as_process(op, &self.world, &self.me, ctx).await?,
        }
        Ok(())
    }

    /// What an event shows of itself, and what is to be done at it. That of a named timeout stands under the timer's name.
    fn read(&self, state: &str, kind: &str, timer: Option<&str>, content: Result<Ops, Shape>) -> (Shape, Ops) {
        let at = |name: Option<&str>| self.spec.at_event(state, kind, timer.or(name));
        match content.as_deref() {
            Ok([Op::Event(name)]) => (Shape::Json(json!(name)), at(name.as_deref())),
            Ok(ops) => (Shape::word("op"), ops.into()),
            Err(message) => (message.clone(), at(None)),
        }
    }
}

fn decide(deciding: &Deciding, from: &mut Option<ReplyTo<Shape>>, decided: &mut Decided) {
    match deciding {
        Deciding::Next(state) => decided.next = Some(To::State(state.clone())),
        Deciding::Keep => decided.next = None,
        Deciding::Repeat => decided.next = Some(To::Repeat),
        Deciding::Postpone => decided.postpones = true,
        Deciding::NextEvent { kind, ops } => {
            let ops = ops.clone();
            decided.actions.push(Doing::Insert(match kind {
                EventKind::Call => Event::Call(MachineCall { ops, from: from.take() }),
                EventKind::Cast => Event::Cast(ops),
                EventKind::Info => Event::Info(Info::Message(Note::Ops(ops))),
                EventKind::Internal => Event::Internal(ops),
                EventKind::Timer(TimerKind::State) => Event::StateTimeout(ops),
                EventKind::Timer(TimerKind::Event) => Event::EventTimeout(ops),
                EventKind::Timer(TimerKind::Named(name)) => Event::Timeout(name.clone(), ops),
            }));
        }
        Deciding::Timer { timer, setting } => {
            let timer = match timer {
                TimerKind::State => Timer::State,
                TimerKind::Event => Timer::Event,
                TimerKind::Named(name) => Timer::Named(name.clone()),
            };
            let setting = match setting {
                TimerSetting::After(delay, ops) => Setting::After(*delay, ops.clone()),
                TimerSetting::Cancel => Setting::Cancel,
                TimerSetting::Update(ops) => Setting::Update(ops.clone()),
            };
            decided.actions.push(Doing::Timer(timer, setting));
        }
    }
}

/// Lists actions that every callback may list.
fn listed<D>(to: Decision<Runner, D>, actions: Vec<Doing>) -> Decision<Runner, D> {
    actions.into_iter().fold(to, |to, action| match action {
        Doing::Reply(from, value) => to.reply(from, value),
        Doing::Timer(timer, setting) => to.timer(timer, setting),
        Doing::Hibernate => to.hibernate(),
        Doing::Insert(_) => crash("nothing is inserted where a state is entered"),
    })
}

impl StateMachine for Runner {
    type Args = MachineArgs;
    type State = String;
    type Call = MachineCall;
    type Cast = Ops;
    type Info = Note;
    type Internal = Ops;
    type Timer = String;

    async fn init(args: MachineArgs, ctx: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        let MachineArgs { world, me, spec } = args;
        world.recorder().introduce(ctx.pid(), &me, Actor::Machine(ctx.server()));
        ctx.trap_exit(spec.trap_exit);
        let mut machine = Runner {
            value: spec.value.clone(),
            deferred: HashMap::new(),
            unanswered: Vec::new(),
            world: world.clone(),
            me: me.clone(),
            spec,
        };
        let decided = match begin(machine.spec.outcome(me.n), ctx).await? {
            Planned::Ignore => return Ok(Init::ignore()),
            Planned::Stop(reason) => return Ok(Init::stop(reason)),
            Planned::Ops(ops) => machine.run(&ops, &mut None, ctx).await?,
        };
        world.recorder().ready(&me);
        let initial = match decided.next {
            Some(To::State(state)) => state,
            _ => machine.spec.initial.clone(),
        };
        Ok(decided.actions.into_iter().fold(Init::ok(machine, initial), |init, action| match action {
            Doing::Insert(event) => init.next_event(event),
            other => listed(init, vec![other]),
        }))
    }

    async fn handle(
        &mut self,
        state: &mut String,
        event: Event<Self>,
        ctx: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        let kind = kind(&event);
        let Opened { content, timer, mut from, again } = open(event);
        let (shape, ops) = self.read(state, kind, timer.as_deref(), content);
        self.world.record(&self.me, Happening::Event { state: state.clone(), kind, timer, event: shape });
        let mut decided = self.run(&ops, &mut from, ctx).await?;
        if let Some(from) = from.take_if(|_| !decided.postpones && decided.stop.is_none()) {
            if decided.silent {
                self.unanswered.push(from);
            } else {
                decided.actions.push(Doing::Reply(from, Shape::done()));
            }
        }
        let to = match (decided.stop, decided.next) {
            (Some(reason), _) => Transition::stop(reason),
            (None, Some(To::State(next))) => Transition::next(next),
            (None, Some(To::Repeat)) => Transition::repeat(),
            (None, None) => Transition::keep(),
        };
        let to = if decided.postpones { to.and_postpone(again(from)) } else { to };
        Ok(decided.actions.into_iter().fold(to, |to, action| match action {
            Doing::Insert(event) => to.next_event(event),
            other => listed(to, vec![other]),
        }))
    }

    async fn enter(
        &mut self,
        old: Option<&String>,
        state: &mut String,
        ctx: &mut Context<'_, Self>,
    ) -> Result<Entered<Self>, ExitReason> {
        if !self.spec.enter {
            return Ok(Entered::ok());
        }
        let old = old.unwrap_or(state).clone();
        self.world.record(&self.me, Happening::Enter { state: state.clone(), old });
        let decided = self.run(&self.spec.at_entry(state), &mut None, ctx).await?;
        let to = match decided.stop {
            Some(reason) => Entered::stop(reason),
            None => Entered::ok(),
        };
        Ok(listed(to, decided.actions))
    }

    async fn terminate(
        &mut self,
        reason: &ExitReason,
        state: &mut String,
        ctx: &mut Context<'_, Self>,
    ) -> Result<(), ExitReason> {
        self.world.record(&self.me, Happening::Ending { state: state.clone(), reason: reason.clone() });
        end(self.spec.terminate.clone(), ctx).await
    }

    fn code_change(&mut self, state: &mut String, extra: Term) -> Result<(), ExitReason> {
        self.world.record(&self.me, Happening::CodeChange);
        let CodeChange { state: next, change } = CodeChange::of(&extra);
        self.value = change.of(&self.value, |message| crash(message))?;
        *state = next.unwrap_or_else(|| state.clone());
        Ok(())
    }
}

/// An event, taken apart.
struct Opened {
    /// Instructions, or a message that is none.
    content: Result<Ops, Shape>,
    timer: Option<String>,
    from: Option<ReplyTo<Shape>>,
    /// Makes the event again, with what is left of its caller, to postpone it.
    again: Box<dyn FnOnce(Option<ReplyTo<Shape>>) -> Event<Runner> + Send>,
}

fn open(event: Event<Runner>) -> Opened {
    let plain = |ops: Ops, again: fn(Ops) -> Event<Runner>| Opened {
        content: Ok(ops.clone()),
        timer: None,
        from: None,
        again: Box::new(move |_| again(ops)),
    };
    match event {
        Event::Call(MachineCall { ops, from }) => Opened {
            content: Ok(ops.clone()),
            timer: None,
            from,
            again: Box::new(|from| Event::Call(MachineCall { ops, from })),
        },
        Event::Cast(ops) => plain(ops, Event::Cast),
        Event::Info(Info::Message(Note::Ops(ops))) => plain(ops, |ops| Event::Info(Info::Message(Note::Ops(ops)))),
        Event::Internal(ops) => plain(ops, Event::Internal),
        Event::StateTimeout(ops) => plain(ops, Event::StateTimeout),
        Event::EventTimeout(ops) => plain(ops, Event::EventTimeout),
        Event::Timeout(name, ops) => Opened {
            content: Ok(ops.clone()),
            timer: Some(name.clone()),
            from: None,
            again: Box::new(|_| Event::Timeout(name, ops)),
        },
        Event::Info(info) => Opened {
            content: Err(Shape::info(info.clone())),
            timer: None,
            from: None,
            again: Box::new(|_| Event::Info(info)),
        },
        other => crash(&format!("the language has no word for {other:?}")),
    }
}

/// The word for the type of an event.
fn kind(event: &Event<Runner>) -> &'static str {
    match event {
        Event::Call(_) => "call",
        Event::Cast(_) => "cast",
        Event::Internal(_) => "internal",
        Event::StateTimeout(_) => "state_timeout",
        Event::EventTimeout(_) => "timeout",
        Event::Timeout(..) => "named_timeout",
        _ => "info",
    }
}
