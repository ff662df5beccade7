//! The language of the scenarios, as `SCENARIOS.md` defines it: read, checked, and turned into types.

mod action;
mod agent;
mod application;
mod event;
mod flags;
mod group;
mod label;
mod machine;
mod node;
mod op;
mod reason;
mod registering;
mod scenario;
mod spec;
mod step;
mod sys;
mod table;
mod task;
mod worker;

pub(crate) use action::{
    Action, Driving, How, Processing, Served, Serving, Starting, Supervising, Wanted, What, Which,
};
pub(crate) use agent::{AgentRequest, AgentSpec, Asking, Function, add, push};
pub(crate) use application::{AppPlan, AppStart, Applying, PhaseFailure, PrepStop};
pub(crate) use event::{HandlerEnding, HandlerInit, HandlerSpec, ManagerSpec, Managing, Swapping};
pub(crate) use flags::{DynamicFlags, Flags};
pub(crate) use group::{GroupRequest, Grouping};
pub(crate) use label::{Label, Limit, ServerName, Until};
pub(crate) use machine::{Deciding, EventKind, MachineSpec, TimerKind, TimerSetting};
pub(crate) use op::{Op, Ops, Payload, unnamed};
pub(crate) use reason::Said;
pub(crate) use registering::{Pattern, Registering};
pub use scenario::{Invalid, LoadError, Loaded, Scenario};
pub(crate) use spec::{
    Children, PartitionSpec, ProcSpec, Spec, SpecOptions, Start, SupervisorSpec, Template, TemplateArgs,
};
pub use step::Step;
pub(crate) use sys::{CodeChange, Inspecting, Replacing, Switch, SysRequest};
pub(crate) use table::{Counting, HeirSpec, RowSpec, TableAccess, TableKind, TableRequest, TableSpec, Tabling};
pub(crate) use task::{Body, Streaming, TaskEnding, Tasking};
pub(crate) use worker::{Ending, Outcome, WorkerSpec};
