//! OTP's supervisors: processes that start others, watch them, and start them again when they end.
//!
//! * [`Supervisor`] has a fixed order of children with ids, and a [`Strategy`].
//! * [`DynamicSupervisor`] has any number of children of one kind, started while it runs.
//! * [`ChildSpec`] says how a child is started, when it is started again, and how it is stopped; [`Supervised`] makes one
//!   of a server.
//! * [`SupervisorRef`] asks either of them.
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
mod kind;
mod policy;
mod restart;
mod server;
mod spec;
mod start;
mod start_child;
mod started;
mod stop;
mod supervised;
mod supervisor;
mod supervisor_ref;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use children::ChildState;
pub use dynamic::DynamicSupervisor;
pub use error::{ChildError, FailedToStartChild, SpecError, StartChildError, check_childspecs};
pub use event::SupervisorEvent;
pub use flags::{AutoShutdown, Strategy};
pub use info::{ChildInfo, Counts};
pub use kind::{ChildOf, Dynamic, Kind, Static};
pub use policy::{ChildKind, Restart, Shutdown};
pub use spec::{ChildSpec, ServerSpec};
pub use start::StartSupervisor;
pub use start_child::{IntoStarted, StartFn, StartServer, StartsChild};
pub use started::{AnyChild, Started};
pub use supervised::Supervised;
pub use supervisor::{DeferredSupervisor, Supervisor};
pub use supervisor_ref::{SupervisorName, SupervisorRef};
