use futures::channel::mpsc::UnboundedSender;
use otp::gen_server::ServerRef;
use otp::registry::{Groups, Partitions};
use otp::statem::MachineRef;
use otp::supervisor::{Dynamic, SupervisorRef};
use otp::task::Agent;
use otp::{Pid, ProcessRef};
use serde_json::Value;

use crate::actors::{Events, Held, Job, Mail, Runner, Worker};
use crate::language::TemplateArgs;

/// A handle to an actor, alive or dead.
#[derive(Clone)]
pub(crate) enum Actor {
    Raw(Raw),
    Worker(ServerRef<Worker>),
    Agent(Agent<Held>),
    Machine(MachineRef<Runner>),
    Manager(Events),
    Supervisor(SupervisorKind),
    Task(Pid),
    Partitions(Partitions<ServerRef<Worker>>),
    Scope(Scope),
}

/// A scope of groups, whose members get messages of the user.
pub(crate) type Scope = Groups<String, Value>;

/// A raw process: its mailbox, and the channel through which it is handed steps.
#[derive(Clone)]
pub(crate) struct Raw {
    pub(crate) process: ProcessRef<Mail>,
    pub(crate) jobs: UnboundedSender<Job>,
}

/// A supervisor of one of the library's kinds.
#[derive(Clone)]
pub(crate) enum SupervisorKind {
    Static(SupervisorRef),
    Template(SupervisorRef<FromArgs>),
    Dynamic(SupervisorRef<Dynamic>),
}

/// What the children of a template are started from, and what is told of them.
pub(crate) type FromArgs = fn(TemplateArgs) -> Pid;

impl Actor {
    pub(crate) fn pid(&self) -> Option<Pid> {
        match self {
            Actor::Raw(raw) => Some(raw.process.pid()),
            Actor::Worker(server) => server.pid(),
            Actor::Agent(agent) => agent.pid(),
            Actor::Partitions(partitions) => partitions.pid(),
            Actor::Scope(scope) => scope.pid(),
            Actor::Machine(machine) => machine.pid(),
            Actor::Manager(manager) => manager.pid(),
            Actor::Supervisor(SupervisorKind::Static(supervisor)) => supervisor.pid(),
            Actor::Supervisor(SupervisorKind::Template(supervisor)) => supervisor.pid(),
            Actor::Supervisor(SupervisorKind::Dynamic(supervisor)) => supervisor.pid(),
            Actor::Task(pid) => Some(*pid),
        }
    }
}
