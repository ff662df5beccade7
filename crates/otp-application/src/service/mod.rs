//! An application as a whole program.

#[cfg(target_os = "linux")]
mod notify;
#[cfg(not(target_os = "linux"))]
#[path = "no_notify.rs"]
mod notify;
mod report;
mod serve;
#[allow(clippy::module_inception, reason = "the type of the same name")]
mod service;
mod watchdog;

pub use report::{ServiceReport, StopCause};
pub use service::Service;
