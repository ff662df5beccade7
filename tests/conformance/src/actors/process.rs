use std::sync::Arc;

use otp::process::yield_now;
use otp::{ExitReason, Process};
use serde_json::Value;

use super::ask::send;
use super::worker::crash;
use crate::language::{Ending, Label, Op, Ops, Outcome, add, push};
use crate::trace::Shape;
use crate::world::{Happening, Incarnation, Reference, World};

/// Does what any process can do inside a callback, whichever behaviour it has; nothing, if it is another instruction.
pub(super) async fn as_process(
    op: &Op,
    world: &Arc<World>,
    me: &Incarnation,
    process: &Process,
) -> Result<(), ExitReason> {
    let own = process.pid();
    let pid = |label: &Label| world.resolve(label, own).and_then(|actor| actor.pid());
    match op {
        Op::Log(text) => world.record(me, Happening::Log(text.clone())),
        Op::Sleep(pause) => process.system().sleep(*pause).await,
        Op::Crash(message) => crash(message),
        Op::Exit(reason) => return Err(reason.clone()),
        // A name that nobody holds is an error for the sender, as it is for the step; no scenario does that here.
        Op::Send { to, payload } => drop(send(world, to, own, payload)),
        // A link to a process that has ended is ignored.
        Op::Link(to) => drop(pid(to).map(|to| process.link(to))),
        Op::Unlink(from) => drop(pid(from).map(|from| process.unlink(from))),
        Op::Monitor { to, name } => {
            let monitor = match (to, pid(to)) {
                (Label::Named(name), _) => process.monitor(otp::process::Target::Name(name.clone().into())),
                (_, Some(pid)) => process.monitor(pid),
                (_, None) => return Ok(()),
            };
            world.refer(name, Reference::Monitor(monitor));
        }
        Op::TrapExit(on) => drop(process.trap_exit(*on)),
        Op::ExitSignal { to, reason } => {
            if let Some(to) = pid(to) {
                process.system().exit(to, reason.clone());
                if to == own {
                    // A signal to oneself acts where the process waits next: here.
                    yield_now().await;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The reply of an instruction that calls another server; ends the callback if it failed and is not caught.
pub(super) async fn as_caller(op: &Op, world: &Arc<World>, process: &Process) -> Result<Shape, ExitReason> {
    let Op::Call { to, ops, limit, caught } = op else { unreachable!("it calls nobody: {op:?}") };
    Ok(match (super::ask(world, to, process.pid(), ops, *limit).await, caught) {
        (Ok(value), false) => value,
        (Ok(value), true) => Shape::ok(value),
        (Err(failed), true) => Shape::fail(failed.reason()),
        (Err(failed), false) => return Err(failed.uncaught()),
    })
}

/// Changes the value of a server.
pub(super) fn change(value: &mut Value, op: &Op) {
    match op {
        Op::Set(set) => *value = set.clone(),
        Op::Add(n) => add(value, *n),
        Op::Push(element) => push(value, element),
        _ => {}
    }
}

/// What `init` comes to.
pub(super) enum Planned {
    /// It succeeds, with these instructions.
    Ops(Ops),
    Ignore,
    Stop(ExitReason),
}

/// Does what a plan says of `init`, inside the new process.
pub(super) async fn begin(mut outcome: Outcome, process: &Process) -> Result<Planned, ExitReason> {
    while let Outcome::Sleep(pause, then) = outcome {
        process.system().sleep(pause).await;
        outcome = *then;
    }
    Ok(match outcome {
        Outcome::Ok | Outcome::Sleep(..) => Planned::Ops(Ops::default()),
        Outcome::Ignore => Planned::Ignore,
        Outcome::Stop(reason) => Planned::Stop(reason),
        Outcome::Crash(message) => crash(&message),
        Outcome::Exit(reason) => return Err(reason),
        Outcome::Hang => std::future::pending().await,
        Outcome::UnlinkParent => {
            process.unlink(process.parent());
            Planned::Ops(Ops::default())
        }
        Outcome::Ops(ops) => Planned::Ops(ops),
    })
}

/// Does what `terminate` is to do.
pub(super) async fn end(ending: Option<Ending>, process: &Process) -> Result<(), ExitReason> {
    match ending {
        None | Some(Ending::Ok) => Ok(()),
        Some(Ending::Hang) => std::future::pending().await,
        Some(Ending::Sleep(pause)) => {
            process.system().sleep(pause).await;
            Ok(())
        }
        Some(Ending::Crash(message)) => crash(&message),
        Some(Ending::Exit(reason)) => Err(reason),
    }
}
