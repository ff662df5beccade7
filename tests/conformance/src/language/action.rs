use std::sync::Arc;
use std::time::Duration;

use otp::ExitReason;
use otp::process::AliasMode;
use serde_json::Value;

use super::agent::{AgentSpec, Asking};
use super::application::Applying;
use super::event::{ManagerSpec, Managing};
use super::flags::DynamicFlags;
use super::group::Grouping;
use super::label::{Label, Limit};
use super::machine::MachineSpec;
use super::op::{Ops, Payload};
use super::registering::Registering;
use super::spec::{PartitionSpec, ProcSpec, Spec, SupervisorSpec, TemplateArgs};
use super::sys::Inspecting;
use super::table::Tabling;
use super::task::Tasking;
use super::worker::WorkerSpec;

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Of the driver itself.
    Drive(Driving),
    Start(Starting),
    /// A request to a supervisor.
    Supervise(Label, Supervising),
    /// Something with a generic server.
    Serve(Serving),
    /// Something with any server, from outside.
    Inspect(Inspecting),
    /// Something with an agent.
    Agent(Asking),
    /// Something with applications.
    Apply(Applying),
    /// Something with an event manager.
    Manage(Managing),
    /// Something with the groups of a scope.
    Group(Grouping),
    /// How many partitions a supervisor has.
    Partitions(String),
    /// Something with the registry of this id.
    Register(String, Registering),
    /// Something with a table.
    Table(Tabling),
    Process(Processing),
    Task(Tasking),
}

impl Action {
    /// The tasks whose values it asks for.
    pub(super) fn asks_for(&self) -> &[String] {
        match self {
            Action::Task(tasking) => tasking.asks_for(),
            _ => &[],
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Driving {
    Sleep(Duration),
    Sync,
    /// Waits for the step that was handed to this process before.
    Join,
}

#[derive(Clone, Debug)]
pub(crate) enum Starting {
    Spawn { id: String, proc: ProcSpec, link: bool, monitor: Option<String> },
    Agent { id: String, agent: AgentSpec, how: How, init_limit: Limit },
    Manager { id: String, manager: ManagerSpec, link: bool },
    Server { id: String, server: Served, how: How, init_limit: Limit, monitor: Option<String> },
    Supervisor { id: String, spec: Arc<SupervisorSpec> },
    Dynamic { id: String, flags: DynamicFlags },
    Scope { id: String },
    Partitions { id: String, spec: PartitionSpec },
    Registry { id: String, unique: bool, listeners: Vec<String> },
}

/// What kind of server is started.
#[derive(Clone, Debug)]
pub(crate) enum Served {
    Worker(Arc<WorkerSpec>),
    Machine(Arc<MachineSpec>),
}

/// How a server is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Start,
    StartLink,
    StartMonitor,
}

#[derive(Clone, Debug)]
pub(crate) enum Supervising {
    StartChild(What),
    /// By id, or by pid.
    TerminateChild(Which),
    RestartChild(String),
    DeleteChild(String),
    WhichChildren,
    CountChildren,
    ChildSpec(Which),
}

/// What is started as a child.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Child(Spec),
    Args(TemplateArgs),
}

/// Which child is meant.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    Id(String),
    Pid(Label),
}

#[derive(Clone, Debug)]
pub(crate) enum Serving {
    Call { to: Label, ops: Ops, limit: Limit },
    Cast { to: Label, ops: Ops },
    Send { to: Label, payload: Payload },
    SendRequest { to: Label, ops: Ops, name: String },
    ReceiveResponse { request: String, limit: Limit },
    WaitResponse { request: String, limit: Limit },
    Stop { to: Label, reason: ExitReason, limit: Limit },
}

#[derive(Clone, Debug)]
pub(crate) enum Processing {
    Exit { to: Label, reason: ExitReason },
    ExitSelf(ExitReason),
    CrashSelf(String),
    Return,
    Link(Label),
    Unlink(Label),
    Monitor { to: Label, name: String },
    Demonitor { name: String, flush: bool, info: bool },
    TrapExit(bool),
    Register { name: String, to: Label },
    Unregister(String),
    Whereis(Label),
    Alive(Label),
    Links(Label),
    Flush,
    Receive { wanted: Wanted, limit: Limit },
    SendAfter { delay: Duration, to: Label, message: Value, name: String },
    StartTimer { delay: Duration, to: Label, message: Value, name: String },
    CancelTimer(String),
    ReadTimer(String),
    Alias { name: String, mode: AliasMode },
    Unalias(String),
    SendAlias { name: String, message: Value },
}

/// Which messages a receive accepts.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Any,
    Message(Value),
    Down(String),
    Exit(Label),
}
