use std::sync::Arc;

use otp::gen_server::StartError;
use otp::process::Spawner;
use otp::task::{Agent, AgentName, StartAgent};
use otp::{ExitReason, Pid, Process};
use serde_json::Value;

use super::worker::crash;
use crate::language::{AgentSpec, Function, Label, Limit, Op, add, push};
use crate::world::{Actor, Happening, Incarnation, World};

/// What an agent holds: its value, and what it needs to tell of itself.
pub(crate) struct Held {
    pub(crate) value: Value,
    world: Arc<World>,
    me: Incarnation,
}

impl Held {
    /// What a function makes of the value, if it neither waits nor fails.
    pub(crate) fn after(&self, function: &Function) -> Value {
        let mut value = self.value.clone();
        for op in &*function.0 {
            match op {
                Op::Set(new) => value = new.clone(),
                Op::Add(n) => add(&mut value, *n),
                Op::Push(element) => push(&mut value, element),
                Op::Log(text) => self.world.record(&self.me, Happening::Log(text.clone())),
                Op::Crash(message) => crash(message),
                _ => {}
            }
        }
        value
    }

    /// What any function makes of the value.
    pub(crate) async fn later(&self, function: &Function) -> Result<Value, ExitReason> {
        let mut held = Held { value: self.value.clone(), world: self.world.clone(), me: self.me.clone() };
        for op in &*function.0 {
            match op {
                Op::Sleep(pause) => self.world.system.sleep(*pause).await,
                Op::Exit(reason) => return Err(reason.clone()),
                op => held.value = held.after(&Function([op.clone()].into())),
            }
        }
        Ok(held.value)
    }
}

/// Starts an agent; linked to `by`, if `link` says so.
pub(crate) async fn start_agent(
    world: &Arc<World>,
    by: &(impl Spawner + Sync),
    me: Incarnation,
    spec: &AgentSpec,
    link: bool,
    limit: Limit,
) -> Result<Pid, StartError> {
    let (world, function) = (world.clone(), spec.function.clone());
    let make = async move || {
        let own = Process::current().ok_or(ExitReason::NoProc)?;
        let agent: Agent<Held> = Agent::of(own.system(), own.pid())?;
        world.recorder().introduce(own.pid(), &me, Actor::Agent(agent));
        let mut held = Held { value: Value::Null, world: world.clone(), me: me.clone() };
        held.value = held.later(&function).await?;
        world.recorder().ready(&me);
        Ok(held)
    };
    let mut starting: StartAgent<Held> = if link { Agent::start_link(by, make) } else { Agent::start(by, make) };
    if let Some(name) = &spec.name {
        starting = starting.name(AgentName::dynamic(name));
    }
    if let Limit::After(limit) = limit {
        starting = starting.init_timeout(limit);
    }
    starting.await?.pid().ok_or_else(|| StartError::failed(ExitReason::NoProc))
}

/// The agent that a label means, if it means one; a name is left for the library to look up.
pub(crate) fn agent(world: &World, label: &Label, own: Pid) -> Option<Agent<Held>> {
    match (world.resolve(label, own)?, label) {
        (Actor::Agent(_), Label::Named(name)) => Some(Agent::named(&world.system, AgentName::dynamic(name))),
        (Actor::Agent(agent), _) => Some(agent),
        _ => None,
    }
}
