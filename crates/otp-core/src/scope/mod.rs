//! Structured cancellation: scopes, time limits, and groups of tasks.
//!
//! After anyio and Trio: cancelling is level-triggered (a cancelled scope stays so), reaches everything that was
//! started in the scope, and is told apart from failing.

mod cancel;
mod group;
mod limit;
mod process;
mod task;

pub use cancel::{CancelScope, Cancelled, Scoped};
pub use group::{GroupError, TaskError, TaskGroup};
pub use limit::Elapsed;
pub use task::{Blocking, BlockingError};
