use futures::channel::mpsc::UnboundedSender;
use otp::gen_server::ServerRef;
use otp::supervisor::{Dynamic, SupervisorRef};
use otp::task::Agent;
use otp::{Pid, ProcessRef};

use crate::actors::{Held, Job, Mail, Worker};
use crate::language::TemplateArgs;

/// A handle to an actor, alive or dead.
#[derive(Clone)]
pub(crate) enum Actor {
    Raw(Raw),
    Worker(ServerRef<Worker>),
    Agent(Agent<Held>),
    Supervisor(SupervisorKind),
    Task(Pid),
}

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
            Actor::Supervisor(SupervisorKind::Static(supervisor)) => supervisor.pid(),
            Actor::Supervisor(SupervisorKind::Template(supervisor)) => supervisor.pid(),
            Actor::Supervisor(SupervisorKind::Dynamic(supervisor)) => supervisor.pid(),
            Actor::Task(pid) => Some(*pid),
        }
    }
}
