//! The actors of a scenario: each a process of the library that does what the scenario says.

mod agent;
mod application;
mod ask;
mod handler;
mod machine;
mod ops;
mod process;
mod raw;
mod registry;
mod start;
mod supervise;
mod task;
mod worker;

pub(crate) use agent::{Held, agent, start_agent};
pub(crate) use application::{Exits, app, env_key};
pub(crate) use ask::{Failed, Server, ask, deliver, send, server};
pub(crate) use handler::{
    Events, Handler, HandlerArgs, HandlerCall, args as handler_args, handler_name, manager, manager_of, start_manager,
    successor,
};
pub(crate) use machine::{MachineArgs, Runner};
pub(crate) use raw::{Desk, Done, Job, Mail, spawn};
pub(crate) use registry::{Told, server_name, start_registry};
pub(crate) use start::recorded;
pub(crate) use supervise::{child_spec, start_dynamic, start_partitions, start_supervisor, start_task_supervisor};
pub(crate) use task::{free_task, known, options as task_options, own_task, run_body, task_spec};
pub(crate) use worker::{CallFailed, Note, Worker, WorkerArgs, crash};
