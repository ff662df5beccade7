//! Supervisors of tasks.
//!
//! | file | idea |
//! |---|---|
//! | `builder` | how one is configured and started |
//! | `reference` | what it is asked for |
//! | `starting` | the start of a task that has an owner beside its supervisor |
//! | `spec` | a task that nobody waits for, and that may be restarted |

mod builder;
mod reference;
mod spec;
mod starting;

pub use builder::{StartTaskSupervisor, TaskSupervisor};
pub use reference::TaskSupervisorRef;
pub use spec::TaskSpec;
pub(crate) use starting::{Orphan, Starting};
