//! OTP's supervisors: processes that start others, watch them, and start them again when they end.
//!
//! * [`Supervisor`] has a fixed order of children with ids, and a [`Strategy`].
//! * [`DynamicSupervisor`] has any number of children of one kind, started while it runs.
//! * [`ChildSpec`] says how a child is started, when it is started again, and how it is stopped.
//! * [`SupervisorEvent`] is what supervisors tell of: restarts, and giving up.
//!
//! Every option has OTP's default. What to do when a child ends is decided by plain functions over plain data, in
//! `decide`; the supervisor's process carries it out.

#![forbid(unsafe_code)]

mod backoff;
mod children;
mod decide;
mod dynamic;
mod error;
mod event;
mod flags;
mod info;
mod intensity;
mod restart;
mod server;
mod spec;
mod start;
mod started;
mod stop;
mod supervisor;
mod supervisor_ref;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use children::ChildState;
pub use dynamic::{DynamicServer, DynamicSupervisor, DynamicSupervisorName, DynamicSupervisorRef, StartedFrom};
pub use error::{ChildError, FailedToStartChild, SpecError, StartChildError, check_childspecs};
pub use event::SupervisorEvent;
pub use flags::{AutoShutdown, Strategy};
pub use info::{ChildInfo, Counts};
pub use server::SupervisorServer;
pub use spec::{ChildKind, ChildSpec, Restart, Shutdown};
pub use start::StartSupervisor;
pub use started::{AnyChild, Started};
pub use supervisor::{DeferredSupervisor, Supervisor};
pub use supervisor_ref::{SupervisorName, SupervisorRef};
