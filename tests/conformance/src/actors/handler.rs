use std::sync::Arc;

use otp::gen_event::{
    Context, EventHandler, GenEvent, GenEventName, GenEventRef, HandlerName, Init, Next, Removal, Swapped,
};
use otp::gen_server::{Info, StartError};
use otp::process::{Spawner, Term};
use otp::{ExitReason, Pid, ReplyTo};
use serde_json::{Value, json};

use super::process::{as_process, change};
use super::worker::crash;
use crate::language::{
    CodeChange, HandlerEnding, HandlerInit, HandlerSpec, Label, ManagerSpec, Op, Ops, Payload, Said, Swapping,
};
use crate::trace::Shape;
use crate::world::{Actor, Happening, Incarnation, World};

/// An event handler whose behaviour is data.
pub(crate) struct Handler {
    world: Arc<World>,
    me: Incarnation,
    spec: Arc<HandlerSpec>,
    pub(crate) value: Value,
    /// What its `terminate` leaves.
    left: Value,
}

/// What a handler is added with.
pub(crate) struct HandlerArgs {
    pub(crate) world: Arc<World>,
    pub(crate) spec: Arc<HandlerSpec>,
    /// The handler whose place it takes, if it takes one's.
    pub(crate) old: Option<Shape>,
}

/// A call of a handler.
pub(crate) struct HandlerCall {
    pub(crate) ops: Ops,
    pub(crate) from: ReplyTo<Shape>,
}

/// The managers of scenarios.
pub(crate) type Events = GenEventRef<Payload>;

/// The name of a handler with this id.
pub(crate) fn handler_name(id: &str) -> HandlerName<Handler> {
    HandlerName::dynamic(id.to_owned())
}

/// Starts an event manager; linked to `by`, if `link` says so.
pub(crate) async fn start_manager(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    spec: &ManagerSpec,
    link: bool,
) -> Result<Pid, StartError> {
    let mut starting = if link { GenEvent::start_link(by) } else { GenEvent::start(by) };
    if let Some(name) = &spec.name {
        starting = starting.name(GenEventName::<Payload>::dynamic(name));
    }
    let manager = starting.await?;
    let pid = manager.pid().ok_or_else(|| StartError::failed(ExitReason::NoProc))?;
    world.recorder().introduce(pid, &me, Actor::Manager(manager));
    Ok(pid)
}

/// The manager that a label means, if it means one; a name is left for the library to look up.
pub(crate) fn manager(world: &World, label: &Label, own: Pid) -> Option<Events> {
    match (world.resolve(label, own), label) {
        (Some(Actor::Manager(_)) | None, Label::Named(name)) => {
            Some(GenEvent::named(&world.system, GenEventName::dynamic(name)))
        }
        (Some(Actor::Manager(manager)), _) => Some(manager),
        _ => None,
    }
}

/// The manager that a label means now: a name that nobody holds may be that of any server.
pub(crate) fn manager_of(world: &World, label: &Label, own: Pid) -> Option<Events> {
    matches!(world.resolve(label, own), Some(Actor::Manager(_))).then(|| manager(world, label, own)).flatten()
}

/// The argument of a handler that takes the place of another one.
pub(crate) fn successor(
    world: &Arc<World>,
    spec: &Arc<HandlerSpec>,
) -> impl FnOnce(Swapped<Handler>) -> HandlerArgs + use<> {
    let (world, spec) = (world.clone(), spec.clone());
    move |old| {
        let old = match old {
            Swapped::Handler(old) => Shape::Json(old.left),
            Swapped::Crashed(reason) => Shape::tagged("crash", reason),
            _ => Shape::word("error"),
        };
        HandlerArgs { world, spec, old: Some(old) }
    }
}

/// The argument of `terminate`.
pub(crate) fn args(args: &Value) -> Term {
    Term::new(Said(args.clone()))
}

/// What a callback decides.
#[derive(Default)]
struct Decided {
    reply: Option<Shape>,
    removes: bool,
    swaps: Option<Swapping>,
    hibernates: bool,
}

impl Handler {
    /// What it has left.
    pub(crate) fn left(&self) -> Value {
        self.left.clone()
    }

    fn note(&self, kind: &'static str, event: Shape) {
        let handler = self.spec.id.clone();
        self.world.record(&self.me, Happening::Handle { handler, kind, event });
    }

    /// Handles instructions, or a named event as its table says.
    async fn handle(
        &mut self,
        kind: &'static str,
        ops: &Ops,
        ctx: &mut Context<Payload>,
    ) -> Result<Decided, ExitReason> {
        let (shape, ops) = match &**ops {
            [Op::Event(name)] => (Shape::Json(json!(name)), self.spec.at_event(kind, name.as_deref())),
            _ => (Shape::word("op"), ops.clone()),
        };
        self.note(kind, shape);
        self.run(&ops, ctx).await
    }

    async fn run(&mut self, ops: &[Op], ctx: &mut Context<Payload>) -> Result<Decided, ExitReason> {
        let mut decided = Decided::default();
        // A callback that fails has changed nothing.
        let mut value = self.value.clone();
        for op in ops {
            match op {
                Op::Reply(value) => decided.reply = Some(Shape::Json(value.clone())),
                Op::Get => decided.reply = Some(Shape::Json(value.clone())),
                Op::Set(_) | Op::Add(_) | Op::Push(_) => change(&mut value, op),
                Op::Hibernate => decided.hibernates = true,
                Op::Remove => decided.removes = true,
                Op::Swap(swapping) => decided.swaps = Some(swapping.clone()),
                _ => as_process(op, &self.world, &self.me, ctx).await?,
            }
        }
        if !decided.removes {
            self.value = value;
        }
        Ok(decided)
    }

    fn next(&self, decided: &mut Decided) -> Next<Handler> {
        if decided.removes {
            return Next::remove();
        }
        match decided.swaps.take() {
            Some(Swapping { args: said, handler }) => {
                Next::swap(&handler_name(&handler.id), args(&said), successor(&self.world, &handler))
            }
            None if decided.hibernates => Next::hibernate(),
            None => Next::ok(),
        }
    }
}

impl EventHandler for Handler {
    type Event = Payload;
    type Args = HandlerArgs;
    type Call = HandlerCall;

    async fn init(args: HandlerArgs, ctx: &mut Context<Payload>) -> Result<Init<Self>, ExitReason> {
        let HandlerArgs { world, spec, old } = args;
        let me = world.recorder().who(ctx.pid()).cloned().unwrap_or_else(Incarnation::nobody);
        let taken = match &old {
            Some(Shape::Json(left)) => left.get("value").cloned(),
            _ => None,
        };
        let from = old.map_or_else(|| Shape::word("add"), |old| Shape::tagged("swap", old));
        world.record(&me, Happening::HandlerInit { handler: spec.id.clone(), from });
        let mut handler = Handler { world, me, value: spec.value.clone(), spec: spec.clone(), left: json!("ok") };
        match &spec.init {
            HandlerInit::Ok => {}
            HandlerInit::Hibernate => return Ok(Init::Hibernate(handler)),
            HandlerInit::Take => handler.value = taken.unwrap_or(handler.value),
            HandlerInit::Fail(value) => return Ok(Init::Refuse(ExitReason::other(Said(json!({ "exit": value }))))),
            HandlerInit::Crash(message) => crash(message),
            HandlerInit::Exit(reason) => return Err(reason.clone()),
        }
        Ok(Init::Ok(handler))
    }

    async fn handle_event(&mut self, event: &Payload, ctx: &mut Context<Payload>) -> Result<Next<Self>, ExitReason> {
        let mut decided = match event {
            Payload::Ops(ops) => self.handle("event", ops, ctx).await?,
            Payload::User(value) => {
                self.note("event", Shape::message(value.clone()));
                let ops = self.spec.at_event("event", None);
                self.run(&ops, ctx).await?
            }
        };
        Ok(self.next(&mut decided))
    }

    async fn handle_call(&mut self, call: HandlerCall, ctx: &mut Context<Payload>) -> Result<Next<Self>, ExitReason> {
        let HandlerCall { ops, from } = call;
        let mut decided = self.handle("call", &ops, ctx).await?;
        let reply = decided.reply.take().unwrap_or_else(Shape::done);
        Ok(self.next(&mut decided).reply(from, reply))
    }

    async fn handle_info(
        &mut self,
        info: &Info<Payload>,
        ctx: &mut Context<Payload>,
    ) -> Result<Next<Self>, ExitReason> {
        let shape = match info {
            Info::Message(Payload::Ops(ops)) => {
                let mut decided = self.handle("info", ops, ctx).await?;
                return Ok(self.next(&mut decided));
            }
            Info::Message(Payload::User(value)) => Shape::message(value.clone()),
            Info::Exit(exit) => Shape::exit(exit.clone()),
            Info::Down(down) => Shape::down(down.clone()),
            other => Shape::word(&format!("{other:?}")),
        };
        self.note("info", shape);
        let ops = self.spec.at_event("info", None);
        let mut decided = self.run(&ops, ctx).await?;
        Ok(self.next(&mut decided))
    }

    async fn terminate(&mut self, why: &Removal, ctx: &mut Context<Payload>) -> Result<(), ExitReason> {
        let arg = match why {
            Removal::Deleted(args) => {
                Shape::tagged("args", args.downcast_ref().map(|Said(value)| value.clone()).unwrap_or_default())
            }
            Removal::Removed => Shape::word("remove"),
            Removal::Crashed(reason) => Shape::tagged("crash", reason.clone()),
            Removal::OwnerExited(reason) => Shape::tagged("owner_exit", reason.clone()),
            _ => Shape::word("stop"),
        };
        self.world.record(&self.me, Happening::HandlerTerminate { handler: self.spec.id.clone(), arg });
        match &self.spec.terminate {
            HandlerEnding::Ok => {}
            HandlerEnding::Value => self.left = json!({ "value": self.value }),
            HandlerEnding::Return(value) => self.left = json!({ "value": value }),
            HandlerEnding::Crash(message) => crash(message),
            HandlerEnding::Sleep(pause) => ctx.system().sleep(*pause).await,
        }
        Ok(())
    }

    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        self.world.record(&self.me, Happening::CodeChange);
        self.value = CodeChange::of(&extra).change.of(&self.value, |message| crash(message))?;
        Ok(())
    }
}
