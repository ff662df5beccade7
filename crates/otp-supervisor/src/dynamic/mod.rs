//! Supervisors with any number of children of one kind.

mod builder;
mod handle;
mod server;
mod started_from;

pub use builder::DynamicSupervisor;
pub use handle::{DynamicSupervisorName, DynamicSupervisorRef};
pub use server::DynamicServer;
pub use started_from::StartedFrom;
