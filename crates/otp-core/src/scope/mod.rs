//! Structured cancellation: scopes, timeouts, and task groups.
//!
//! The model is that of anyio and Trio: cancellation is level-triggered (a cancelled scope stays cancelled), reaches
//! everything that was started in the scope, and is distinguished from failure.

mod cancel;
mod group;
mod limit;
mod process;
mod task;

pub use cancel::{CancelScope, Cancelled, Scoped};
pub use group::{GroupError, TaskError, TaskGroup};
pub use limit::Elapsed;
pub use task::{Blocking, BlockingError};
