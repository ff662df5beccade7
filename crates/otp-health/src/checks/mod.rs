//! Liveness and readiness: checks of a service, and their report.

mod answer;
mod check;
mod health;
mod pings;
mod report;
mod run;

pub use answer::Answer;
pub use check::Check;
pub use health::Health;
pub use report::{CheckReport, HealthReport, HealthStatus};
