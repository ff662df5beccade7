use otp::gen_event::GenEventName;
use otp::gen_server::ServerName;
use otp::process::{MessageRef, Target, TimerRef, yield_now};
use otp::statem::MachineName;
use otp::supervisor::{Dynamic, SupervisorName};
use otp::task::TaskOutcome;
use otp::{Address, ExitReason, Message, Name, Pid, ProcessRef, System};
use serde_json::{Value, json};

use super::{groups, managing, tables, unfit};
use crate::actors::{Desk, Done, Mail, Note, Runner, Server, Worker, crash, server};
use crate::language::{Label, Limit, Payload, Processing, Wanted};
use crate::trace::Shape;
use crate::world::{Actor, FromArgs, Reference};

pub(super) async fn perform(processing: &Processing, desk: &mut Desk) -> Done {
    let shape = match processing {
        Processing::ExitSelf(reason) => return Done::Ended(reason.clone()),
        Processing::Return => return Done::Ended(otp::ExitReason::Normal),
        Processing::CrashSelf(message) => crash(message),
        Processing::Exit { to, reason } => {
            if let Some(to) = desk.pid(to) {
                desk.ctx.system().exit(to, reason.clone());
                if to == desk.ctx.pid() {
                    // A signal to oneself acts where the process waits next: here, before the step is finished.
                    yield_now().await;
                }
            }
            Shape::done()
        }
        Processing::Link(to) => match desk.pid(to).map(|to| desk.ctx.link(to)) {
            Some(Ok(())) => Shape::done(),
            Some(Err(_)) | None => Shape::fail(Shape::word("noproc")),
        },
        Processing::Unlink(from) => {
            if let Some(from) = desk.pid(from) {
                desk.ctx.unlink(from);
            }
            Shape::done()
        }
        Processing::Monitor { to, name } => {
            let target = match (to, desk.pid(to)) {
                (Label::Named(name), _) => Target::Name(name.clone().into()),
                (_, Some(pid)) => Target::Pid(pid),
                (_, None) => return Done::Returned(unfit("nobody can be monitored")),
            };
            let monitor = desk.ctx.monitor(target);
            desk.world.refer(name, Reference::Monitor(monitor));
            Shape::done()
        }
        Processing::Demonitor { name, flush, info } => {
            let Some(Reference::Monitor(monitor)) = desk.world.reference(name) else {
                return Done::Returned(unfit("there is no such monitor"));
            };
            let removed = if *flush { desk.ctx.demonitor_flush(monitor) } else { desk.ctx.demonitor(monitor) };
            // OTP tells whether there was one only when it is asked.
            Shape::Json(json!(removed || !info))
        }
        Processing::TrapExit(on) => Shape::Json(json!(desk.ctx.trap_exit(*on))),
        Processing::Register { name, to } => match desk.pid(to) {
            Some(pid) => accepted(register(desk.ctx.system(), name, pid)),
            None => accepted(false),
        },
        Processing::Unregister(name) => {
            accepted(desk.ctx.system().unregister(&Name::<()>::dynamic(name.clone())).is_ok())
        }
        Processing::Whereis(label) => Shape::from(desk.world.holder(label)),
        Processing::Alive(of) => Shape::Json(json!(desk.pid(of).is_some_and(|pid| desk.ctx.system().is_alive(pid)))),
        Processing::Links(of) => {
            let info = desk.pid(of).and_then(|pid| desk.ctx.system().info(pid));
            let links = info.map(|info| info.links).unwrap_or_default();
            Shape::Sorted(links.into_iter().map(Shape::Who).collect())
        }
        Processing::Flush => {
            let mut messages = Vec::new();
            while let Some(message) = desk.ctx.try_receive_match(|_| true) {
                messages.extend(shapes_of(message));
            }
            Shape::List(messages)
        }
        Processing::Receive { wanted, limit } => receive(wanted, *limit, desk).await,
        Processing::SendAfter { delay, to, message, name } => {
            let (message, system) = (message.clone(), desk.ctx.system());
            let timer = match desk.destination(to) {
                Destination::Server(address) => system.send_after(*delay, address, Note::User(message)),
                Destination::Raw(address) => system.send_after(*delay, address, Mail::User(message)),
            };
            remember(desk, name, timer)
        }
        Processing::StartTimer { delay, to, message, name } => {
            let (message, system) = (message.clone(), desk.ctx.system());
            let timer = match desk.destination(to) {
                Destination::Server(address) => {
                    system.start_timer(*delay, address, |timer| Note::Timer(timer, message))
                }
                Destination::Raw(address) => system.start_timer(*delay, address, |timer| Mail::Timer(timer, message)),
            };
            remember(desk, name, timer)
        }
        Processing::CancelTimer(name) => remaining(desk, name, |timer| timer.cancel().is_some()),
        Processing::ReadTimer(name) => remaining(desk, name, |timer| timer.read().is_some()),
        Processing::Alias { name, mode } => {
            let alias = desk.ctx.alias(*mode);
            desk.world.refer(name, Reference::Alias(alias));
            Shape::done()
        }
        Processing::Unalias(name) => match desk.world.reference(name) {
            Some(Reference::Alias(alias)) => Shape::Json(json!(desk.ctx.unalias(&alias))),
            _ => unfit("there is no such alias"),
        },
        Processing::SendAlias { name, message } => match desk.world.reference(name) {
            Some(Reference::Alias(alias)) => {
                alias.send(Mail::User(message.clone()));
                Shape::done()
            }
            _ => unfit("there is no such alias"),
        },
    };
    Done::Returned(shape)
}

/// Where a timer sends to.
enum Destination {
    Server(Address<Note>),
    Raw(Address<Mail>),
}

impl Desk {
    fn pid(&self, label: &Label) -> Option<Pid> {
        self.world.resolve(label, self.ctx.pid())?.pid()
    }

    /// A name stays a name: it is looked up when the timer fires. Its type is that of its holder now.
    fn destination(&self, label: &Label) -> Destination {
        let addressed = server(&self.world, label, self.ctx.pid());
        let notes = |server: Server| match server {
            Server::Worker(server) => server.info_address(|note| note),
            Server::Machine(machine) => machine.info_address(|note| note),
        };
        match (self.world.resolve(label, self.ctx.pid()), label, addressed) {
            (Some(Actor::Worker(_) | Actor::Machine(_)), _, Some(server)) => Destination::Server(notes(server)),
            (_, Label::Named(name), _) => {
                Destination::Raw(Address::named(self.ctx.system(), Name::dynamic(name.clone())))
            }
            (Some(Actor::Raw(raw)), ..) => Destination::Raw(raw.process.into()),
            _ => Destination::Raw(self.ctx.this().into()),
        }
    }
}

async fn receive(wanted: &Wanted, limit: Limit, desk: &mut Desk) -> Shape {
    let monitor = match wanted {
        Wanted::Down(name) => match desk.world.reference(name) {
            Some(Reference::Monitor(monitor)) => Some(monitor),
            _ => return unfit("there is no such monitor"),
        },
        _ => None,
    };
    let from = match wanted {
        Wanted::Exit(label) => desk.pid(label),
        _ => None,
    };
    let accepts = |message: MessageRef<'_, Mail>| match (wanted, message) {
        (Wanted::Any, _) => true,
        (Wanted::Message(wanted), MessageRef::User(Mail::User(value))) => wanted == value,
        (Wanted::Down(_), MessageRef::Down(down)) => Some(down.monitor) == monitor,
        (Wanted::Exit(_), MessageRef::Exit(exit)) => Some(exit.from) == from,
        _ => false,
    };
    let message = match limit {
        Limit::After(limit) => desk.ctx.receive_match_timeout(accepts, limit).await,
        Limit::Never => Some(desk.ctx.receive_match(accepts).await),
    };
    message.and_then(|message| shapes_of(message).into_iter().next()).unwrap_or_else(|| Shape::word("timeout"))
}

/// A message as OTP has it. What a task that nobody asked tells of its value in one message, it tells in two there.
fn shapes_of(message: Message<Mail>) -> Vec<Shape> {
    vec![match message {
        Message::User(Mail::User(value)) => Shape::message(value),
        Message::User(Mail::Timer(timer, value)) => Shape::timer(timer, value),
        Message::User(Mail::Task { name, pid, outcome: TaskOutcome::Value(value) }) => {
            let reply = vec![("ref", Shape::word(&name)), ("value", Shape::Json(value))];
            return vec![Shape::tagged("reply", Shape::Object(reply)), task_down(&name, pid, ExitReason::Normal)];
        }
        Message::User(Mail::Task { name, pid, outcome: TaskOutcome::Exited(reason) }) => task_down(&name, pid, reason),
        Message::User(Mail::Group { monitor, event, group, pids }) => groups::message(monitor, event, group, pids),
        Message::User(Mail::Table { table, from, data }) => tables::message(&table, from, data),
        Message::User(Mail::Registry(told)) => Shape::told(told),
        Message::User(Mail::Handler(exit)) => managing::exited(exit),
        Message::Exit(exit) => Shape::exit(exit),
        Message::Down(down) => Shape::down(down),
        other => unreachable!("the language has no word for {other:?}"),
    }]
}

fn task_down(name: &str, pid: Pid, reason: ExitReason) -> Shape {
    let parts = vec![("from", Shape::Who(pid)), ("reason", Shape::Reason(reason)), ("ref", Shape::word(name))];
    Shape::tagged("down", Shape::Object(parts))
}

/// Registers a process under a name of its own type, whichever actor it is.
fn register(system: &System, name: &str, pid: Pid) -> bool {
    fn under<M: Send + 'static>(name: &Name<M>, system: &System, pid: Pid) -> bool {
        ProcessRef::of(system, pid).is_ok_and(|process| system.register(name, &process).is_ok())
    }
    under(&Name::<Mail>::dynamic(name), system, pid)
        || under(&ServerName::<Worker>::dynamic(name), system, pid)
        || under(&MachineName::<Runner>::dynamic(name), system, pid)
        || under(&GenEventName::<Payload>::dynamic(name), system, pid)
        || under(&<SupervisorName>::dynamic(name), system, pid)
        || under(&SupervisorName::<FromArgs>::dynamic(name), system, pid)
        || under(&SupervisorName::<Dynamic>::dynamic(name), system, pid)
}

fn accepted(accepted: bool) -> Shape {
    if accepted { Shape::done() } else { Shape::fail(Shape::word("refused")) }
}

fn remember(desk: &Desk, name: &str, timer: TimerRef) -> Shape {
    desk.world.refer(name, Reference::Timer(timer));
    Shape::done()
}

fn remaining(desk: &Desk, name: &str, is_running: impl FnOnce(&TimerRef) -> bool) -> Shape {
    match desk.world.reference(name) {
        Some(Reference::Timer(timer)) if is_running(&timer) => Shape::word("remaining"),
        Some(Reference::Timer(_)) => Shape::Json(Value::Bool(false)),
        _ => unfit("there is no such timer"),
    }
}
