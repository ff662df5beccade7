//! OTP's supervisors: processes that start children, watch them, and restart them when they end.
//!
//! * [`Supervisor`] has a fixed order of children with ids, and a [`Strategy`].
//! * [`DynamicSupervisor`] has any number of children, started at run time.
//! * [`ChildSpec`] defines how a child is started, when it is restarted, and how it is stopped; [`Supervised`] makes
//!   one for a server.
//! * [`SupervisorRef`] sends requests to either of them.
//! * [`SupervisorEvent`] reports restarts, and supervisors that give up.
//!
//! Every option has OTP's default. Pure functions over plain data, in `decide`, decide what to do when a child ends;
//! the supervisor's process carries the decisions out.

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
mod start_as;
mod start_child;
mod started;
mod stop;
mod supervised;
mod supervision;
mod supervisor;
mod supervisor_ref;
#[cfg(test)]
mod tests;
mod upgrade;

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
pub use started::{AnyChild, Reachable, Started};
pub use supervised::Supervised;
pub use supervision::{Supervision, supervision};
pub use supervisor::{DeferredSupervisor, Supervisor};
pub use supervisor_ref::{SupervisorName, SupervisorRef};
pub use upgrade::UpgradeError;
